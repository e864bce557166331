/** The doctor's steps, along the way of the data. */
export const STEPS = [
  "stack",
  "key",
  "api",
  "clock",
  "signature",
  "permission",
  "allowlist",
  "accounts",
  "page",
  "account",
  "table",
  "capacity",
  "encryption",
  "deletion protection",
  "point-in-time recovery",
  "expiry",
  "schedule",
  "last run",
  "alarms",
  "alarm topic",
] as const;
export type Step = (typeof STEPS)[number];

/** `failed`: snapshots are lost or can be. `warning`: they are not, as far as can be told. */
export type Status = "ok" | "warning" | "failed" | "skipped";

/** What a step came to. */
export interface CheckResult {
  readonly step: Step;
  readonly status: Status;
  /** Of the steps that look at each account. */
  readonly accountId?: string;
  /** What was seen, or why nothing was looked at. */
  readonly found: string;
  readonly remedy?: string;
}

/** Findings as they come, and at the end what later steps stand on. */
export type CheckResults<T = void> = AsyncGenerator<CheckResult, T>;

/** What later steps stand on, or why it is not to be had. */
export type Prerequisite<T> =
  | { readonly value: T; readonly missing?: undefined }
  | { readonly value?: undefined; readonly missing: string };

export function ok(step: Step, found: string): CheckResult {
  return { step, status: "ok", found };
}

export function warning(step: Step, found: string, remedy: string): CheckResult {
  return { step, status: "warning", found, remedy };
}

export function failed(step: Step, found: string, remedy: string): CheckResult {
  return { step, status: "failed", found, remedy };
}

/** Steps that stand on something that is not to be had. */
export function skipped(steps: readonly Step[], missing: string): CheckResult[] {
  return steps.map((step) => ({ step, status: "skipped", found: `not checked: ${missing}` }));
}

/** What the steps that stand on a failed one say. */
export function after(step: Step): { readonly missing: string } {
  return { missing: `the step ${step} failed` };
}

/** So many accounts are told one by one. */
const TOLD_ONE_BY_ONE = 20;

/** Each of a few accounts; of many those that are not ok, as far as they can be read, and how the others are. */
export function condensed(findings: readonly CheckResult[]): CheckResult[] {
  const [first] = findings;
  if (first === undefined || findings.length <= TOLD_ONE_BY_ONE) return [...findings];
  const bad = findings.filter(({ status }) => status !== "ok");
  const left = bad.length - TOLD_ONE_BY_ONE;
  const more = left > 0 ? `; ${left} more are not ok than are told here: name some with --account` : "";
  const told = `${findings.length - bad.length} of ${findings.length} accounts are ok${more}`;
  return [...bad.slice(0, TOLD_ONE_BY_ONE), { step: first.step, status: left > 0 ? "failed" : "ok", found: told }];
}
