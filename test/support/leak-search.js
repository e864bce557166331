import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

const TOKEN = /eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}/;

/** Fails the suite if a key or a token is in anything that was logged, thrown, returned or stored. */
export default function search() {
  const folder = process.env.LEAK_WATCH;
  const read = (prefix) =>
    readdirSync(folder)
      .filter((name) => name.startsWith(prefix))
      .map((name) => readFileSync(join(folder, name), "utf8"));
  const secrets = [
    ...new Set(
      read("secrets-").flatMap((text) =>
        text
          .trim()
          .split("\n")
          .map((line) => JSON.parse(line)),
      ),
    ),
  ];
  const seen = read("seen-");
  rmSync(folder, { recursive: true });
  const leaks = leaksIn(seen, secrets);
  const bytes = seen.reduce((sum, text) => sum + text.length, 0);
  process.stderr.write(
    `Leak search: ${secrets.length} secrets and any token, in ${bytes} bytes of output: ${leaks.length} found\n`,
  );
  if (leaks.length > 0) throw new Error(`Secrets leaked:\n${leaks.slice(0, 10).join("\n")}`);
}

/**
 * Wherever a secret is, whatever surrounds it, one of each `step` pieces in a row lies within it: so the texts are looked at
 * once, in steps, and not once for each of thousands of secrets.
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
