import { appendFileSync, openSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";

// Checks for the whole test run that no secret leaks: tests record here every key that they generate, and all output that is
// logged, thrown, returned or stored. After all tests, `leak-search.js` searches the output for the keys and for tokens.

// Outside jest there is no search; the temporary folder keeps the current one clean.
const folder = process.env["LEAK_WATCH"] ?? tmpdir();

/** The open files by kind: there are thousands of records. */
const files = new Map<string, number>();

function append(kind: "secrets" | "seen", text: string | Buffer): void {
  const file = files.get(kind) ?? openSync(join(folder, `${kind}-${process.pid}`), "a");
  files.set(kind, file);
  appendFileSync(file, text);
}

/** Records a text that must not appear in any output. */
export function keepSecret(text: string): void {
  append("secrets", `${JSON.stringify(text)}\n`);
}

/** Records output of the job: text, bytes, or any value (errors with all properties and causes). */
export function sawOutput(output: unknown): void {
  const text = typeof output === "string" || Buffer.isBuffer(output) ? output : inspect(output, INSPECT);
  append("seen", text);
}

const INSPECT = { depth: 12, maxArrayLength: null, maxStringLength: null, showHidden: true };
