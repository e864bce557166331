import { appendFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";

// Promise 8, "Secret", over the whole suite: every key that a test makes is written down here, and so is everything
// that was logged, thrown, returned or stored while it was in use. When all tests have ended, `leak-search.js` looks
// for the ones among the others, and for anything that looks like a token.

// Without jest nobody searches: what is written then should at least not lie about in the current folder.
const folder = process.env["LEAK_WATCH"] ?? tmpdir();

/** A text that must be found nowhere. */
export function keepSecret(text: string): void {
  appendFileSync(join(folder, `secrets-${process.pid}`), `${JSON.stringify(text)}\n`);
}

/** Something that left the job: text, bytes, or any value (errors with all their properties and causes). */
export function sawOutput(output: unknown): void {
  const text = typeof output === "string" || Buffer.isBuffer(output) ? output : inspect(output, INSPECT);
  appendFileSync(join(folder, `seen-${process.pid}`), text);
}

const INSPECT = { depth: 12, maxArrayLength: null, maxStringLength: null, showHidden: true };
