// Replaces `node:fs/promises` in the bundles of the functions. Only the SDK imports it, to look for ~/.aws/config and
// ~/.aws/credentials, which Lambda does not have. Node.js loads fifteen modules for it, such as the one that reads lines from a
// terminal.

/** Refuses to read, as if there were no file. */
export async function readFile(path: string): Promise<never> {
  throw Object.assign(new Error(`ENOENT: the function reads no files of the SDK, such as ${path}`), { code: "ENOENT" });
}
