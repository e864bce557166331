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
  const leaks = [];
  for (const text of seen) {
    const token = TOKEN.exec(text);
    if (token) leaks.push(`a token, after: ${text.slice(Math.max(0, token.index - 80), token.index)}`);
    for (const secret of secrets) {
      const at = text.indexOf(secret);
      if (at >= 0) leaks.push(`a key, after: ${text.slice(Math.max(0, at - 80), at)}`);
    }
  }
  const bytes = seen.reduce((sum, text) => sum + text.length, 0);
  process.stderr.write(
    `Leak search: ${secrets.length} secrets and any token, in ${bytes} bytes of output: ${leaks.length} found\n`,
  );
  if (leaks.length > 0) throw new Error(`Secrets leaked:\n${leaks.slice(0, 10).join("\n")}`);
}
