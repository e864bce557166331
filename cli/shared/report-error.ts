import { InputError, JobError, messageWithFix } from "../../core/domain/errors.ts";

export const USAGE_ERROR = 2;

/** Writes to stderr what failed, and sets the exit code: 2 for a usage error, else 1. */
export function reportError(thrown: unknown): void {
  process.stderr.write(`${describe(thrown)}\n`);
  process.exitCode = thrown instanceof InputError ? USAGE_ERROR : 1;
}

/** Returns the message of an expected error, or the stack of a bug. */
function describe(thrown: unknown): string {
  if (thrown instanceof JobError) return messageWithFix(thrown);
  if (!(thrown instanceof Error)) return String(thrown);
  // A system error (missing folder, full disk) is not a bug: its message is enough.
  return "syscall" in thrown ? thrown.message : (thrown.stack ?? thrown.message);
}
