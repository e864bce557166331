import { JobError, messageWithFix, RunFailedError, toJobError } from "./errors.ts";
import { describeFailures, RETRY, type RunResult, runFailedError, shortened } from "./run-result.ts";
import { truncate } from "./untrusted-text.ts";

/** How the run of one key ended: with a result, in which accounts may have failed, or with what was thrown. */
export type KeyOutcome = { readonly key: string | undefined } & (
  | { readonly result: RunResult; readonly error?: undefined }
  | { readonly result?: undefined; readonly error: unknown }
);

/** The function's return value for several keys. It has at most 256 KB as JSON, as that for one key. */
export interface KeysResult {
  /** The sums of all keys. */
  readonly accounts: RunResult["accounts"];
  /** By the name of the key. */
  readonly keys: Readonly<Record<string, RunResult>>;
}

/** Returns the result without its lists of accounts: Step Functions keeps what the last step returns for 90 days. */
export function withoutAccounts({
  snapshotsLeftOut: _,
  ended = [],
  endedLeftOut = 0,
  ...result
}: RunResult): RunResult {
  const allEnded = ended.length + endedLeftOut;
  return { ...result, snapshots: [], ...(allEnded > 0 && { endedLeftOut: allEnded }) };
}

/**
 * Returns the function's return value.
 * @param outcomes of the keys, at least one
 * @throws RunFailedError if accounts failed, or if several keys ran and one of them failed; else what the only key's run threw
 */
export function answerOf(outcomes: readonly KeyOutcome[]): RunResult | KeysResult {
  const [first, second] = outcomes;
  if (first !== undefined && second === undefined) return answerOfOne(first);
  const failed = outcomes.filter(hasFailed);
  if (failed.length > 0) throw keysFailedError(failed, outcomes.length);
  const results = outcomes.flatMap(({ key = "", result }) => (result === undefined ? [] : [[key, result] as const]));
  const sum = (count: keyof RunResult["accounts"]) =>
    results.reduce((all, [, { accounts }]) => all + accounts[count], 0);
  return {
    accounts: { complete: sum("complete"), alreadyComplete: sum("alreadyComplete"), failed: sum("failed") },
    keys: Object.fromEntries(results.map(([key, result]) => [key, shortened(result, results.length)])),
  };
}

function answerOfOne({ key, result, error }: KeyOutcome): RunResult {
  if (result === undefined) throw key === undefined ? error : withKey(key, toJobError(error));
  if (result.accounts.failed > 0) throw runFailedError(result);
  return result;
}

function withKey(key: string, error: JobError): JobError {
  const { code, name, message, suggestedFix, correlationId } = error;
  const details = { suggestedFix, correlationId, cause: error };
  return Object.assign(new JobError(code, `Key ${key}: ${message}`, details), { name });
}

function hasFailed({ result }: KeyOutcome): boolean {
  return result === undefined || result.accounts.failed > 0;
}

/** Of what all keys' failures may take together in the message of an error. */
const MAX_LENGTH = 8_000;

/** Returns the error of an invocation for several keys: which failed, and why. */
function keysFailedError(failed: readonly KeyOutcome[], all: number): RunFailedError {
  const share = 1 / failed.length;
  const reasons = failed.map(({ key, result, error }) =>
    truncate(
      `${key ?? "the key without a name"}: ${result ? describeFailures(result, share) : describeError(error)}`,
      Math.floor(MAX_LENGTH * share),
    ),
  );
  const others = failed.length === all ? "" : "The snapshots of all other keys are stored. ";
  const isDryRun = failed.some(({ result }) => result?.dryRun);
  const advice = isDryRun ? "A dry run stores nothing." : `${others}${RETRY}`;
  return new RunFailedError("run_failed", `${failed.length} of ${all} keys failed.\n${reasons.join("\n")}\n${advice}`);
}

function describeError(thrown: unknown): string {
  const error = toJobError(thrown);
  return `${error.code}: ${messageWithFix(error)}`;
}
