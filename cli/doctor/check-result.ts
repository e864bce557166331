/** The doctor's checks, in the order in which data flows: from the key to the alarms. */
export const CHECKS = [
  "stack",
  "key",
  "api",
  "clock",
  "authentication",
  "permission",
  "allowlist",
  "accounts",
  "page size",
  "balances",
  "transfers",
  "table",
  "capacity",
  "encryption",
  "deletion protection",
  "point-in-time recovery",
  "expiry",
  "schedule",
  "state machine",
  "last run",
  "alarms",
  "subscribers",
] as const;
export type Check = (typeof CHECKS)[number];

/** `failed`: snapshots are lost or can be lost. `warning`: a risk, or something that could not be checked. */
export type Status = "passed" | "warning" | "failed" | "skipped";

/** The result of one check; a check of all accounts has one result per account. */
export interface CheckResult {
  readonly check: Check;
  readonly status: Status;
  /** Set if the result is about one of several API keys: the key's name. */
  readonly key?: string;
  /** Set if the result is about one account. */
  readonly accountId?: string;
  /** Its name; absent if it has none, or if the name is unknown. */
  readonly accountName?: string;
  /** What the check found, or why it was skipped. */
  readonly message: string;
  /** Set if the status is `warning` or `failed`. */
  readonly suggestedFix?: string;
}

/** Yields results as they become known, then returns what later checks need. */
export type CheckResults<T = void> = AsyncGenerator<CheckResult, T>;

interface Missing {
  readonly value?: undefined;
  readonly missingReason: string;
}

/** A value that a check needs, or the reason why the value is missing. */
export type Prerequisite<T> = { readonly value: T; readonly missingReason?: undefined } | Missing;

/** Runs checks that need a value. Without the value, skips them and returns the reason. */
export async function* needing<T, R>(
  prerequisite: Prerequisite<T>,
  checks: readonly Check[],
  run: (value: T) => CheckResults<R>,
): CheckResults<R | Missing> {
  if (prerequisite.missingReason === undefined) return yield* run(prerequisite.value);
  yield* skipped(checks, prerequisite.missingReason);
  return prerequisite;
}

/** Runs checks of one key, and adds the key's name to their results. */
export async function* ofKey<R>(key: string | undefined, checks: CheckResults<R>): CheckResults<R> {
  for (;;) {
    const { done, value } = await checks.next();
    if (done) return value;
    yield key === undefined ? value : { ...value, key };
  }
}

export function passed(check: Check, message: string): CheckResult {
  return { check, status: "passed", message };
}

export function warning(check: Check, message: string, suggestedFix: string): CheckResult {
  return { check, status: "warning", message, suggestedFix };
}

export function failed(check: Check, message: string, suggestedFix: string): CheckResult {
  return { check, status: "failed", message, suggestedFix };
}

/** Returns one result per check that could not run. */
export function skipped(checks: readonly Check[], reason: string): CheckResult[] {
  return checks.map((check) => ({ check, status: "skipped", message: `not checked: ${reason}` }));
}

/** Returns the prerequisite of checks that depend on a failed check. */
export function missingAfterFailed(check: Check): Missing {
  return { missingReason: `the check "${check}" failed` };
}

/** More accounts than this are summarized. */
const MAX_ACCOUNTS_SHOWN = 20;

/** Returns the results of a few accounts unchanged; of many accounts, those that did not pass and a summary. */
export function summarizeAccounts(results: readonly CheckResult[]): CheckResult[] {
  const [first] = results;
  if (first === undefined || results.length <= MAX_ACCOUNTS_SHOWN) return [...results];
  const notPassed = results.filter(({ status }) => status !== "passed");
  const summary = `${results.length - notPassed.length} of ${results.length} accounts passed`;
  const hidden = notPassed.length - MAX_ACCOUNTS_SHOWN;
  if (hidden <= 0) return [...notPassed, passed(first.check, summary)];
  const message = `${summary}; ${hidden} more did not pass and ${hidden === 1 ? "is" : "are"} not shown`;
  const shown = notPassed.slice(0, MAX_ACCOUNTS_SHOWN);
  return [...shown, failed(first.check, message, "Check accounts separately: balances doctor --account ID.")];
}
