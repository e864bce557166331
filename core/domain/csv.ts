import { DECIMAL } from "./amount.ts";

/** Text that a spreadsheet would run as a formula. Source: OWASP, CSV Injection. */
const FORMULA = /^'*[=+\-@\t\r\n＝＋－＠]/;

/**
 * Returns a CSV record with its line end (RFC 4180). Asset names come from outside, so a field that starts like a formula
 * gets an apostrophe in front, unless it is a number. A formula that already follows apostrophes gets one more: removing
 * one apostrophe always restores the field.
 */
export function csvLine(fields: readonly string[]): string {
  const guarded = fields.map((field) => (FORMULA.test(field) && !DECIMAL.test(field) ? `'${field}` : field));
  return `${guarded.map((field) => (/[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)).join(",")}\r\n`;
}
