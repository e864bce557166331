import { createHash } from "node:crypto";

/** Returns the policy's hash source for the exact text between the tags (Content Security Policy Level 3, 2.3.1). */
export function hashSource(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}

/** Throws if the text could close its element, or if a browser would normalize it before hashing. */
export function assertSafeInline(text: string, tag: string): void {
  if (new RegExp(`</${tag}|<!--|\r`, "i").test(text)) {
    throw new Error(`The page's ${tag} contains "</${tag}", "<!--" or a carriage return and cannot be inlined.`);
  }
}
