import { Token } from "aws-cdk-lib";
import { Construct } from "constructs";
import type { z } from "zod";
import { redactSecrets, singleLine } from "../../core/domain/untrusted-text.ts";

const MAX_LISTED_ITEMS = 3;
export const MAX_SHOWN_LENGTH = 200;

/** Returns one line: the key, the given value, what is expected, and the reason if a custom check failed. */
export function describeInvalidValue(key: string, given: unknown, error: z.ZodError, expected: string): string {
  // In the union of "all" and a list, only the list's issues carry information.
  const issues = error.issues.flatMap((issue) =>
    issue.code === "invalid_union" ? (issue.errors.at(-1) ?? []) : [issue],
  );
  const reason = issues.find((issue) => issue.code === "custom")?.message;
  const suffix = reason === undefined ? "" : ` (${singleLine(reason, MAX_SHOWN_LENGTH)})`;
  return `${key}: given ${describeGiven(given, issues)}; expected ${expected}${suffix}`;
}

/** Describes the given value. Of a list, which may have 5,000 items, it shows the first few invalid ones. */
function describeGiven(given: unknown, issues: readonly z.core.$ZodIssue[]): string {
  const items: unknown = typeof given === "string" ? given.split(",") : given;
  if (!Array.isArray(items)) return describeValue(given);
  const invalid = issues.flatMap(({ path: [index] }) => (typeof index === "number" ? [items[index]] : []));
  if (invalid.length === 0) {
    return items.length > MAX_LISTED_ITEMS ? `a list of ${items.length} items` : describeValue(given);
  }
  const shown = invalid
    .slice(0, MAX_LISTED_ITEMS)
    .map((item) => describeValue(typeof item === "string" ? item.trim() : item));
  const omitted = invalid.length - shown.length;
  return `${shown.join(", ")}${omitted > 0 ? ` and ${omitted} more` : ""}`;
}

/**
 * Returns a value as one line of JSON. Objects are shown, too, because the configuration contains no secrets. But a key may be in
 * the place of the name of its secret.
 */
export function describeValue(value: unknown): string {
  if (Token.isUnresolved(value)) return "a token, whose value is not known before the deployment";
  if (Construct.isConstruct(value)) return `the construct ${value.node.path}`;
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch {
    text = "a value that JSON cannot show";
  }
  return text === undefined ? "nothing" : singleLine(redactSecrets(text), MAX_SHOWN_LENGTH);
}
