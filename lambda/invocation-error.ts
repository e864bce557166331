import { JobError, messageWithFix } from "../core/domain/errors.ts";

/**
 * Runs an invocation, and throws a JobError again with its suggested fix in the message: of a thrown error, Lambda reports
 * only the name, the message and the stack.
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
