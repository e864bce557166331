/** What a run wrote to its log, as far as the oracle judges it. */
export interface Telemetry {
  /** A line per account. */
  readonly accounts: readonly AccountLine[];
  /** The codes of runs that ended before any account. */
  readonly aborted: readonly string[];
  readonly ended: readonly string[];
  readonly warnings: readonly string[];
  readonly runEnded: boolean;
  /** The values of each metric without further dimensions. */
  readonly metrics: ReadonlyMap<string, readonly number[]>;
}

export interface AccountLine {
  readonly accountId: string;
  readonly outcome: "complete" | "alreadyComplete" | "failed";
  readonly code: string | undefined;
}

/** Parses the lines that the function wrote: a JSON object each, a log line or a metric in CloudWatch's embedded format. */
export function readTelemetry(output: string): Telemetry {
  const lines = output
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
  const logs = lines.filter((line) => line._aws === undefined);
  const metrics = new Map<string, number[]>();
  for (const line of lines.filter(({ _aws }) => _aws !== undefined)) {
    for (const { Dimensions, Metrics } of line._aws.CloudWatchMetrics) {
      if (Dimensions.some((set: string[]) => set.length > 1)) continue;
      for (const { Name } of Metrics) metrics.set(Name, [...(metrics.get(Name) ?? []), Number(line[Name])]);
    }
  }
  return {
    accounts: logs
      .filter(({ outcome }) => outcome !== undefined)
      .map(({ accountId, outcome, error }) => ({ accountId, outcome, code: error?.code })),
    aborted: logs.filter(({ message }) => message === "Run aborted").map(({ error }) => error.code),
    ended: logs.filter(({ message }) => message === "Account ended").map(({ accountId }) => accountId),
    warnings: logs
      .filter(({ level, outcome, message }) => level === "WARN" && !outcome && message !== "Account ended")
      .map(({ message }) => message),
    runEnded: logs.some(({ message }) => message === "Run ended"),
    metrics,
  };
}
