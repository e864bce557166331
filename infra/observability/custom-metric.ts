import { Metric, type MetricOptions } from "aws-cdk-lib/aws-cloudwatch";
import type { Construct } from "constructs";
import { KEY_DIMENSION, METRIC_NAMESPACE, METRICS, SERVICE_DIMENSION } from "../../core/names/metrics.ts";
import { deploymentName } from "../config/deployment-name.ts";

/**
 * Returns a metric that the snapshot function emits.
 * @param key the name of the API key; `undefined`: the only one, which has no name
 */
export function customMetric(
  fn: Construct,
  key: string | undefined,
  name: keyof typeof METRICS,
  options: MetricOptions,
): Metric {
  return new Metric({
    namespace: METRIC_NAMESPACE,
    metricName: METRICS[name],
    // The function's `POWERTOOLS_SERVICE_NAME`, which distinguishes the deployments in one AWS account.
    dimensionsMap: { [SERVICE_DIMENSION]: deploymentName(fn), ...(key !== undefined && { [KEY_DIMENSION]: key }) },
    ...options,
  });
}
