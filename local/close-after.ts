/**
 * Runs `work`, then `close`, even if `work` fails. An error of `close` is thrown only if `work` succeeded: it is usually a
 * consequence of the first error, which it must not replace.
 */
export async function closeAfter<T>(work: () => Promise<T>, close: () => Promise<void>): Promise<T> {
  const result = await closeOnError(work, close);
  await close();
  return result;
}

/** Runs `work`, and `close` only if `work` fails: then the resource will not be used. Always throws the error of `work`. */
export async function closeOnError<T>(work: () => Promise<T>, close: () => Promise<void>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    await close().catch(() => {});
    throw thrown;
  }
}
