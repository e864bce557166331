import { createHash } from "node:crypto";

/** The content of a table item as JSON. Numbers are safe integers; amounts are strings. */
export type Json = string | number | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: Json;
}

/**
 * Returns the canonical text of a value: object members sorted by the UTF-16 code units of their names, without white space.
 * Source: RFC 8785 (JCS), which writes strings and integers exactly as `JSON.stringify` does.
 */
export function canonicalText(value: Json): string {
  if (typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(",")}]`;
  const object = value as JsonObject;
  // `sort` without a function compares the UTF-16 code units.
  const members = Object.keys(object)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${canonicalText(object[name] as Json)}`);
  return `{${members.join(",")}}`;
}

/** Returns the SHA-256 of a value's canonical text in UTF-8, in hex. */
export function digestOf(value: Json): string {
  return createHash("sha256").update(canonicalText(value)).digest("hex");
}
