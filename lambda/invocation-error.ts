import { JobError, messageWithFix } from "../core/domain/errors.ts";

/**
 * Runs an invocation. Rethrows a JobError with its suggested fix in the message, because Lambda reports only the name,
 * message and stack of a thrown error.
 */
export async function withFixInMessage<T>(invoke: () => Promise<T>): Promise<T> {
  try {
    return await invoke();
  } catch (thrown) {
    if (!(thrown instanceof JobError) || thrown.suggestedFix === undefined) throw thrown;
    const { code, name, correlationId } = thrown;
    throw Object.assign(new JobError(code, messageWithFix(thrown), { correlationId, cause: thrown }), { name });
  }
}
