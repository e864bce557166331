import { type Fields, fieldsOf } from "./values.ts";

/** https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html */

/** Errors that the wildcards do not match. */
const TERMINAL = ["States.DataLimitExceeded", "States.Runtime"];

/** Returns whether a retrier or catcher applies to an error. */
export function matches(errorEquals: unknown, error: string): boolean {
  const names = errorEquals as readonly string[];
  if (names.includes("States.ALL") && names.length > 1) throw new TypeError("States.ALL: not alone");
  const isTerminal = TERMINAL.includes(error);
  return (
    names.includes(error) ||
    (names.includes("States.ALL") && !isTerminal) ||
    (names.includes("States.TaskFailed") && !isTerminal && error !== "States.Timeout")
  );
}

/**
 * Returns a function that counts the attempts of one state. It returns the delay before the next attempt in milliseconds;
 * `undefined`: there is none.
 */
export function nextAttempt(retriers: unknown, random: () => number = () => 1): (error: string) => number | undefined {
  const all = (retriers as readonly Fields[]).map((retrier) => {
    // The delays of a retrier that makes no attempts do not matter.
    const delays = retrier["MaxAttempts"] === 0 ? "" : " IntervalSeconds BackoffRate MaxDelaySeconds JitterStrategy";
    return { ...fieldsOf("Retry", retrier, `ErrorEquals MaxAttempts${delays}`), made: 0 } as Retrier;
  });
  for (const { ErrorEquals } of all.slice(0, -1)) {
    if (ErrorEquals.includes("States.ALL")) throw new TypeError("States.ALL: not in the last retrier");
  }
  return (error) => {
    const retrier = all.find(({ ErrorEquals }) => matches(ErrorEquals, error));
    if (retrier === undefined || retrier.made >= retrier.MaxAttempts) return undefined;
    const seconds = Math.min(retrier.IntervalSeconds * retrier.BackoffRate ** retrier.made++, retrier.MaxDelaySeconds);
    if (retrier.JitterStrategy === "NONE") return seconds * 1000;
    if (retrier.JitterStrategy === "FULL") return seconds * 1000 * random();
    throw new TypeError(`${retrier.JitterStrategy}: unknown`);
  };
}

interface Retrier extends Fields {
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds: number;
  readonly BackoffRate: number;
  readonly MaxAttempts: number;
  readonly MaxDelaySeconds: number;
  readonly JitterStrategy: string;
  made: number;
}
