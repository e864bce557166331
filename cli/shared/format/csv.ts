import { DECIMAL } from "../../../core/domain/amount.ts";

/** What a spreadsheet runs as a formula. Source: OWASP, CSV Injection. An apostrophe before it makes it a text. */
const FORMULA = /^'*[=+\-@\t\r\n＝＋－＠]/;

/**
 * A record of CSV with its line end. Source: RFC 4180, which leaves it to the reader what a field means: a spreadsheet would
 * run one that begins like a formula, and names of assets come from outside. Such a field, unless it is a number, gets an
 * apostrophe before it, and so does one that has apostrophes there already: to take one off gives back what it was.
 */
export function csvLine(fields: readonly string[]): string {
  const guarded = fields.map((field) => (FORMULA.test(field) && !DECIMAL.test(field) ? `'${field}` : field));
  return `${guarded.map((field) => (/[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)).join(",")}\r\n`;
}
