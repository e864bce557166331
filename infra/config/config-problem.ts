import type { z } from "zod";

const SHOWN = 3;
const LETTERS = 200;

/** One line on a key that is wrong: the key, what was given, what is expected, and why if the check could say. */
export function describeProblem(key: string, given: unknown, error: z.ZodError, expected: string): string {
  // Of a union only the last option is worth explaining: the first is the word "all".
  const issues = error.issues.flatMap((issue) =>
    issue.code === "invalid_union" ? (issue.errors.at(-1) ?? []) : [issue],
  );
  const why = issues.find((issue) => issue.code === "custom")?.message;
  return `${key}: given ${shorten(given, issues)}; expected ${expected}${why === undefined ? "" : ` (${cut(why)})`}`;
}

/** What was given. Of a list only the items that are wrong, and the first few of them: it may have 5,000. */
function shorten(given: unknown, issues: readonly z.core.$ZodIssue[]): string {
  const items: unknown = typeof given === "string" ? given.split(",") : given;
  if (!Array.isArray(items)) return told(given);
  const wrong = issues.flatMap(({ path: [index] }) => (typeof index === "number" ? [items[index]] : []));
  if (wrong.length === 0) return items.length > SHOWN ? `a list of ${items.length}` : told(given);
  const shown = wrong.slice(0, SHOWN).map((item) => told(typeof item === "string" ? item.trim() : item));
  return `${shown.join(", ")}${wrong.length > SHOWN ? ` and ${wrong.length - SHOWN} more` : ""}`;
}

/** A value in one line that a person can read, however large it is. */
export function told(value: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch {
    text = "something that is nested too deep to be shown";
  }
  return text === undefined ? "nothing" : cut(text);
}

/** A text from outside in one line. */
export function cut(text: string): string {
  const line = text.replace(/\s+/g, " ");
  return line.length > LETTERS ? `${line.slice(0, LETTERS)}…` : line;
}
