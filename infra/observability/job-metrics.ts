import { Metric, type MetricOptions } from "aws-cdk-lib/aws-cloudwatch";
import { METRIC_NAMESPACE, METRICS, SERVICE_DIMENSION } from "../../core/names/metrics.ts";

/**
 * A metric that the function emits.
 * @param serviceName the function's `POWERTOOLS_SERVICE_NAME`, by which two stacks in one account are told apart
 */
export function jobMetric(serviceName: string, name: keyof typeof METRICS, options: MetricOptions): Metric {
  return new Metric({
    namespace: METRIC_NAMESPACE,
    metricName: METRICS[name],
    dimensionsMap: { [SERVICE_DIMENSION]: serviceName },
    ...options,
  });
}
