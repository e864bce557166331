import { Metric, type MetricOptions } from "aws-cdk-lib/aws-cloudwatch";
import { METRIC_NAMESPACE, METRICS, SERVICE_DIMENSION } from "../../core/names/metrics.ts";

/**
 * Returns a metric that the snapshot function emits.
 * @param serviceName the function's `POWERTOOLS_SERVICE_NAME`, which distinguishes the stacks of one AWS account
 */
export function customMetric(serviceName: string, name: keyof typeof METRICS, options: MetricOptions): Metric {
  return new Metric({
    namespace: METRIC_NAMESPACE,
    metricName: METRICS[name],
    dimensionsMap: { [SERVICE_DIMENSION]: serviceName },
    ...options,
  });
}
