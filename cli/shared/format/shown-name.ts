import { printable } from "../../../core/domain/untrusted-text.ts";

/** Returns a name as a page shows it. A backslash that looks like an escape is escaped, so that names stay distinct. */
export function shownName(name: string): string {
  return printable(name.replace(/\\(?=u)/g, String.raw`\u005c`));
}
