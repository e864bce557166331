import type { TaskError } from "./run-step.ts";
import { printable, redactSecrets, redactTokens, singleLine, truncate } from "./untrusted-text.ts";

/** The error becomes part of records and messages that have more to say. */
const MAX_NAME_LENGTH = 100;
const MAX_CAUSE_LENGTH = 1_000;

/**
 * Returns why a step of the state machine failed, in one sentence for a person. A cause is the function's error as JSON, perhaps
 * truncated, or a text of AWS. It may quote anything, so it is shown without whatever may be a secret.
 */
export function describeTaskError({ Error: name, Cause: cause = "" }: TaskError): string {
  const text = shown(messageOf(cause), MAX_CAUSE_LENGTH);
  const reason = shown(name, MAX_NAME_LENGTH);
  return `The step's error: ${text === "" ? reason : `${reason}: ${text}`}`.replace(/([^.…])$/, "$1.");
}

/** The text of a message in JSON that may end anywhere. */
const ERROR_MESSAGE = /"errorMessage":\s*"((?:[^"\\]|\\u[\da-f]{4}|\\[^u])*)/i;

/** Returns the `errorMessage` of a function's error, and any other cause as it is. */
function messageOf(cause: string): string {
  const [, message] = ERROR_MESSAGE.exec(cause) ?? [];
  try {
    return message === undefined ? cause : JSON.parse(`"${message}"`);
  } catch {
    return cause;
  }
}

function shown(text: string, maxLength: number): string {
  const safe = redactSecrets(redactTokens(text));
  return truncate(printable(singleLine(safe, maxLength)), maxLength).trim();
}
