import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

const TOKEN = /eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}/;

/** Fails the test run if any output (logged, thrown, returned or stored) contains a key or a token. */
export default function search() {
  const folder = process.env.LEAK_WATCH;
  const read = (prefix) =>
    readdirSync(folder)
      .filter((name) => name.startsWith(prefix))
      .map((name) => readFileSync(join(folder, name), "utf8"));
  const lines = read("secrets-").flatMap((text) => text.trim().split("\n"));
  const secrets = [...new Set(lines.map((line) => JSON.parse(line)))];
  const seen = read("seen-");
  rmSync(folder, { recursive: true });
  const leaks = leaksIn(seen, secrets);
  const bytes = seen.reduce((sum, text) => sum + text.length, 0);
  process.stderr.write(
    `Leak search: ${secrets.length} secrets and all tokens in ${bytes} bytes of output: ${leaks.length} leaks found\n`,
  );
  if (leaks.length > 0) throw new Error(`Secrets leaked:\n${leaks.slice(0, 10).join("\n")}`);
}

/**
 * Returns a description of each leak: the kind of secret and the text before it, but never the secret.
 *
 * There are thousands of secrets, so each text is read only once. The search looks at a piece of the text at every `step`-th
 * position. A secret that occurs in the text always contains at least one of these pieces completely.
 */
export function leaksIn(texts, secrets) {
  const shortest = Math.min(...secrets.map(({ length }) => length));
  const length = Math.ceil(shortest / 2);
  const step = shortest - length + 1;
  const secretsOf = new Map();
  for (const secret of secrets) {
    for (let at = 0; at + length <= secret.length; at++) {
      const piece = secret.slice(at, at + length);
      secretsOf.set(piece, [...(secretsOf.get(piece) ?? []), secret]);
    }
  }
  const leaks = new Set();
  for (const text of texts) {
    const leak = (what, at) => leaks.add(`${what}, after: ${text.slice(Math.max(0, at - 80), at)}`);
    const token = TOKEN.exec(text);
    if (token) leak("a token", token.index);
    for (let at = 0; at + length <= text.length; at += step) {
      for (const secret of secretsOf.get(text.slice(at, at + length)) ?? []) {
        const from = Math.max(0, at - secret.length);
        const within = text.slice(from, at + secret.length).indexOf(secret);
        if (within >= 0) leak("a key", from + within);
      }
    }
  }
  return [...leaks];
}
