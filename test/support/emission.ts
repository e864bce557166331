import type { Telemetry } from "../../core/domain/ports.ts";
import { powertoolsTelemetry } from "../../lambda/snapshot/telemetry.ts";
import { sawOutput } from "./leak-watch.ts";

/** A metric as CloudWatch extracts it from the log. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html */
export interface EmittedMetric {
  readonly namespace: string;
  readonly name: string;
  readonly unit: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What the telemetry wrote to stdout. */
export interface Emission {
  readonly logs: readonly Record<string, unknown>[];
  readonly metrics: readonly EmittedMetric[];
}

interface MetricLine extends Record<string, unknown> {
  readonly _aws: {
    readonly CloudWatchMetrics: readonly {
      readonly Namespace: string;
      readonly Dimensions: readonly (readonly string[])[];
      readonly Metrics: readonly { readonly Name: string; readonly Unit: string }[];
    }[];
  };
}

/** Returns what the function's telemetry writes during `report`. */
export function emissionOf(report: (telemetry: Required<Telemetry>) => void): Emission {
  let text = "";
  const streams = [process.stdout, process.stderr];
  const writes = streams.map(({ write }) => write);
  for (const stream of streams) {
    stream.write = (chunk: unknown) => {
      text += chunk;
      return true;
    };
  }
  try {
    report(powertoolsTelemetry() as Required<Telemetry>);
  } finally {
    for (const [at, stream] of streams.entries()) stream.write = writes[at] as typeof stream.write;
  }
  sawOutput(text);
  const lines = text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
  return {
    logs: lines.filter((line) => !("_aws" in line)),
    metrics: lines.filter((line) => "_aws" in line).flatMap(metricsOf),
  };
}

function metricsOf(line: MetricLine): EmittedMetric[] {
  return line._aws.CloudWatchMetrics.flatMap(({ Namespace, Dimensions, Metrics }) =>
    // Each set of dimensions is a separate metric.
    Dimensions.flatMap((set) =>
      Metrics.map(({ Name, Unit }) => ({
        namespace: Namespace,
        name: Name,
        unit: Unit,
        dimensions: Object.fromEntries(set.map((dimension) => [dimension, String(line[dimension])])),
        value: Number(line[Name]),
      })),
    ),
  );
}
