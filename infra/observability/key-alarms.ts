import { Duration } from "aws-cdk-lib";
import { MathExpression, Stats } from "aws-cdk-lib/aws-cloudwatch";
import type { Construct } from "constructs";
import type { METRICS } from "../../core/names/metrics.ts";
import { OUTPUTS, outputName } from "../../core/names/outputs.ts";
import type { ApiKeyConfig } from "../config/api-keys.ts";
import type { Config } from "../config/validate.ts";
import type { AlarmDefinition } from "./alarm-definition.ts";
import { customMetric } from "./custom-metric.ts";
import {
  type EvaluationWindow,
  failureWindow,
  longestRunSeconds,
  silenceWindow,
  staleAfterSeconds,
} from "./evaluation-windows.ts";

/** Fraction of the time that a run has. Beyond it, accounts may soon be left without a snapshot. */
export const NEAR_TIMEOUT = 0.8;

/**
 * Returns the alarms on the metrics that the runs of an API key emit.
 * @param fn the function that emits them
 */
export function keyAlarms(fn: Construct, config: Config, apiKey: ApiKeyConfig): AlarmDefinition[] {
  const { name: key, schedule, timezone, latenessMinutes } = apiKey;
  const maximum = (name: keyof typeof METRICS) => (period: Duration) =>
    customMetric(fn, key, name, { period, statistic: Stats.MAXIMUM });
  const notice: AlarmDefinition = {
    name: "notice",
    description:
      "A snapshot differs significantly from the previous one: an asset vanished, a quantity moved, or coverage fell.",
    metric: maximum("notices"),
  };
  const longestRun = longestRunSeconds(config.engine, latenessMinutes);
  const silence = silenceWindow(schedule, timezone, longestRun);
  const window = failureWindow(schedule, longestRun);
  // A run refuses the accounts that it reaches after the lateness limit.
  const limit = Duration.minutes(Math.min(longestRun / 60, latenessMinutes));
  const definitions = [
    {
      name: "account-failed",
      description: "At least one account has no snapshot for a slot.",
      metric: maximum("accountsFailed"),
    },
    {
      name: "key-refused",
      description:
        `The secret of the CDP API key has no value yet (store it: output ${outputName(OUTPUTS.putKeyCommand, key)}), is ` +
        "missing or unusable, or the API rejected the key (401 or 403).",
      metric: maximum("keyFailures"),
    },
    {
      name: "snapshot-too-old",
      description: "At least one account missed two slots in a row: its last complete snapshot is too old.",
      metric: maximum("oldestCompleteAge"),
      threshold: staleAfterSeconds(schedule, timezone),
    },
    {
      name: "warning",
      description: "Something failed; no snapshot was lost. The log has the details.",
      metric: maximum("warnings"),
    },
    {
      name: "near-timeout",
      description: `A run took more than ${NEAR_TIMEOUT * 100} % of the time after which accounts fail: ${limit.toHumanString()}.`,
      metric: maximum("duration"),
      threshold: NEAR_TIMEOUT * limit.toMilliseconds(),
    },
    ...(config.noticeAlarm ? [notice] : []),
    ...(silence === undefined ? [] : [noCompleteRun(fn, key, silence)]),
  ];
  return definitions.map((definition) => ({ window, ...definition, key }));
}

/**
 * Returns the alarm on a stopped schedule: failure alarms stay silent if nothing runs. The expression replaces missing data
 * with zeros: treating missing data as breaching would raise the alarm late, because CloudWatch first evaluates older data
 * points from a longer "evaluation range".
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */
function noCompleteRun(fn: Construct, key: string | undefined, window: EvaluationWindow): AlarmDefinition {
  return {
    name: "no-complete-run",
    description:
      "No scheduled run completed all accounts for two periods of the schedule. The schedule may be stopped.",
    metric: (period) =>
      new MathExpression({
        expression: "FILL(runs, 0)",
        usingMetrics: { runs: customMetric(fn, key, "completeRuns", { statistic: Stats.SUM }) },
        label: "Complete runs",
        period,
      }),
    window,
    condition: "never-reached",
  };
}
