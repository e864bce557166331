import { printable } from "./printable.ts";

/** What every error of this project carries beside its message. */
export interface ErrorDetails {
  /** The API's `correlationId`, by which Coinbase can find the request. */
  readonly correlationId?: string | undefined;
  readonly cause?: unknown;
}

/**
 * The root of the project's errors. `code` is stable and made for programs; `message` says what happened,
 * where, and what to do, in characters that can all be seen. Neither ever holds a key, a token or the text of a secret.
 */
export class JobError extends Error {
  readonly code: string;
  readonly correlationId: string | undefined;

  constructor(code: string, message: string, details: ErrorDetails = {}) {
    super(
      message.split("\n").map(printable).join("\n"),
      details.cause === undefined ? undefined : { cause: details.cause },
    );
    this.name = new.target.name;
    this.code = code;
    this.correlationId = details.correlationId;
  }
}

/** Something that a person has to put right before the job can run: environment, event, command line. */
export class InputError extends JobError {
  /** Every problem found, each naming its field and the remedy. */
  readonly problems: readonly string[];

  constructor(code: "config_invalid" | "event_invalid" | "usage", problems: readonly string[]) {
    super(code, problems.join("\n"));
    this.problems = problems;
  }
}

/** The API key cannot be had or cannot be used. */
export class KeyError extends JobError {}

/** The API refused, failed, or answered something that is no answer. */
export class ApiError extends JobError {
  /** The HTTP status, or 0 where no answer came. */
  readonly status: number;

  constructor(code: string, status: number, message: string, details: ErrorDetails = {}) {
    super(code, message, details);
    this.status = status;
  }
}

/** The walk over an account's pages cannot end well. */
export class WalkError extends JobError {}

/** The slot cannot be served: it is in the future, or too old for its balances to be sold as its own. */
export class SlotError extends JobError {}

/** The function's time is nearly over. */
export class DeadlineError extends JobError {}

/** The table could not be read or written. */
export class StoreError extends JobError {}

/** The run ended, and at least one account has no snapshot. The invocation fails with it. */
export class RunFailedError extends JobError {}

/** Any thrown value as a `JobError`: what is none of ours is a fault of the program, and says so. */
export function toJobError(thrown: unknown): JobError {
  if (thrown instanceof JobError) return thrown;
  const what = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : "a value that is no error was thrown";
  return new JobError("internal_error", `Unexpected: ${what}. Please report this.`, { cause: thrown });
}
