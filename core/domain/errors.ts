import { printable, truncate } from "./untrusted-text.ts";

/** Longer than any list of problems. Lambda logs a message twice, and a log event holds 256 KB. */
const MAX_MESSAGE_LENGTH = 10_000;
const MAX_FIX_LENGTH = 2_000;

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
 * `suggestedFix` says what to do. Neither contains a key, a token, the text of a secret, or an invisible character. Both are
 * truncated if they quote too much.
 */
export class JobError extends Error {
  /** Stated by each class, because a bundler may rename classes: Lambda and the logs show it as the type of the error. */
  override readonly name: string = "JobError";
  readonly code: string;
  readonly suggestedFix: string | undefined;
  readonly correlationId: string | undefined;

  constructor(code: string, message: string, details: ErrorDetails = {}) {
    super(
      visibleLines(message, MAX_MESSAGE_LENGTH),
      details.cause === undefined ? undefined : { cause: details.cause },
    );
    this.code = code;
    this.suggestedFix = details.suggestedFix && visibleLines(details.suggestedFix, MAX_FIX_LENGTH);
    this.correlationId = details.correlationId;
  }
}

function visibleLines(text: string, maxLength: number): string {
  // Truncated twice: escaping a long text takes long, and makes it longer.
  const lines = truncate(text, maxLength).split("\n").map(printable);
  return truncate(lines.join("\n"), maxLength);
}

/** Returns the error's message followed by its suggested fix, for a person to read. */
export function messageWithFix({ message, suggestedFix }: Pick<Error, "message"> & ErrorDetails): string {
  return suggestedFix === undefined ? message : `${message} ${suggestedFix}`;
}

/** The environment, the event or the command line is not valid. */
export class InputError extends JobError {
  override readonly name = "InputError";
  /** Every problem found. Each names its field and says what to do. */
  readonly problems: readonly string[];

  constructor(code: "config_invalid" | "event_invalid" | "key_file_unreadable" | "usage", problems: readonly string[]) {
    super(code, problems.join("\n"));
    this.problems = problems;
  }
}

/** The API key could not be read, or is not usable. */
export class KeyError extends JobError {
  override readonly name = "KeyError";
}

/** The code of a `KeyError`: the secret exists and has no value yet, as after the first deployment. */
export const KEY_NOT_STORED = "key_not_stored";

/** The API rejected a request, failed, or sent a response that is not in the documented format. */
export class ApiError extends JobError {
  override readonly name = "ApiError";
  /** The HTTP status, or 0 if there was no response. For an error in a response with status 200: the status of its type. */
  readonly status: number;

  constructor(code: string, status: number, message: string, details: ErrorDetails = {}) {
    super(code, message, details);
    this.status = status;
  }
}

/** The statuses with which the API rejects the key. The body does not matter: it may be a proxy's. */
const KEY_REJECTED: readonly number[] = [401, 403];

/** Returns whether the key is the reason of an error: it is missing, unreadable or invalid, or the API rejected it. */
export function isKeyFailure(error: JobError): boolean {
  return error.code.startsWith("key_") || (error instanceof ApiError && KEY_REJECTED.includes(error.status));
}

/** An account's pages could not be read to the end. */
export class WalkError extends JobError {
  override readonly name = "WalkError";
}

/** The code of a `WalkError`: what is read exceeds the limits of the walk. */
export const LIST_TOO_LARGE = "list_too_large";

/** The slot is in the future, or too old: current balances must not be recorded for it. */
export class SlotError extends JobError {
  override readonly name = "SlotError";
}

/** The function has used nearly all of its time. */
export class DeadlineError extends JobError {
  override readonly name = "DeadlineError";
}

/** The table, or another AWS service, could not be read or written. */
export class StoreError extends JobError {
  override readonly name = "StoreError";
}

/** At least one account of the run has no snapshot. The invocation fails with this error. */
export class RunFailedError extends JobError {
  override readonly name = "RunFailedError";
}

/** Returns a `JobError` as it is, and any other thrown value as an `internal_error`: it is a bug in this project. */
export function toJobError(thrown: unknown): JobError {
  if (thrown instanceof JobError) return thrown;
  const what =
    thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : "a value that is not an Error was thrown";
  return new JobError("internal_error", `Unexpected error: ${what.replace(/\.$/, "")}.`, {
    suggestedFix: "Report this error to the project's maintainers.",
    cause: thrown,
  });
}
