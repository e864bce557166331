import { createHash } from "node:crypto";

/** What an item of the table says, as JSON. Its numbers are whole and safe: amounts are texts. */
export type Json = string | number | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: Json;
}

/**
 * The one text of a value: the names of each object sorted by their UTF-16 code units, no white space. Source: RFC 8785
 * (JCS), which writes strings and whole numbers just as `JSON.stringify` does.
 */
export function canonicalText(value: Json): string {
  if (typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(",")}]`;
  const members = Object.entries(value).map(([name, member]) => [name, canonicalText(member)] as const);
  return `{${members
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, text]) => `${JSON.stringify(name)}:${text}`)
    .join(",")}}`;
}

/** SHA-256 of a value's canonical text in UTF-8, in hex. */
export function digestOf(value: Json): string {
  return createHash("sha256").update(canonicalText(value)).digest("hex");
}
