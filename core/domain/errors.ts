import { printable } from "./untrusted-text.ts";

/** Optional details of a `JobError`. */
export interface ErrorDetails {
  /** What the reader can do about the error, in one or more sentences. */
  readonly suggestedFix?: string | undefined;
  /** The API's `correlationId`, which Coinbase uses to find the request. */
  readonly correlationId?: string | undefined;
  readonly cause?: unknown;
}

/**
 * The base class of the project's errors. `code` is stable and meant for programs. `message` says what happened and where;
 * `suggestedFix` says what to do. Neither contains a key, a token, the text of a secret, or an invisible character.
 */
export class JobError extends Error {
  readonly code: string;
  readonly suggestedFix: string | undefined;
  readonly correlationId: string | undefined;

  constructor(code: string, message: string, details: ErrorDetails = {}) {
    super(visibleLines(message), details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.code = code;
    this.suggestedFix = details.suggestedFix === undefined ? undefined : visibleLines(details.suggestedFix);
    this.correlationId = details.correlationId;
  }
}

function visibleLines(text: string): string {
  return text.split("\n").map(printable).join("\n");
}

/** Returns the error's message followed by its suggested fix, for a person to read. */
export function messageWithFix({ message, suggestedFix }: Pick<JobError, "message" | "suggestedFix">): string {
  return suggestedFix === undefined ? message : `${message} ${suggestedFix}`;
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
