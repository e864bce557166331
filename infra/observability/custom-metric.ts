import { Stack } from "aws-cdk-lib";
import { Metric, type MetricOptions } from "aws-cdk-lib/aws-cloudwatch";
import type { IConstruct } from "constructs";
import { METRIC_NAMESPACE, METRICS, SERVICE_DIMENSION } from "../../core/names/metrics.ts";

/** Returns a metric that the snapshot function emits. */
export function customMetric(fn: IConstruct, name: keyof typeof METRICS, options: MetricOptions): Metric {
  return new Metric({
    namespace: METRIC_NAMESPACE,
    metricName: METRICS[name],
    // The function's `POWERTOOLS_SERVICE_NAME`, which distinguishes the stacks of one AWS account.
    dimensionsMap: { [SERVICE_DIMENSION]: Stack.of(fn).stackName },
    ...options,
  });
}
