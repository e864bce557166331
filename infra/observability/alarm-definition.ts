import type { Duration } from "aws-cdk-lib";
import type { IMetric } from "aws-cdk-lib/aws-cloudwatch";
import type { EvaluationWindow } from "./evaluation-windows.ts";

/** An alarm. docs/runbook.md has a section with its name, without the API key's. */
export interface AlarmDefinition {
  readonly name: string;
  /** The API key that it watches, if there are several: its name begins that of the alarm. */
  readonly key?: string | undefined;
  /** What happened, in a sentence. */
  readonly description: string;
  readonly metric: (period: Duration) => IMetric;
  /** Default: 1. */
  readonly threshold?: number;
  /**
   * `reached`: alarms if one period of the window reaches the threshold. `never-reached`: alarms if no period does.
   * Default: `reached`.
   */
  readonly condition?: "reached" | "never-reached";
  /** Default: the shortest `failureWindow` of the schedules, so that a failure of one key does not hide that of another. */
  readonly window?: EvaluationWindow;
}
