/**
 * Decodes the bytes of a JSON file: UTF-8, or UTF-16 as PowerShell's redirection writes it, with or without a byte order
 * mark. Never fails: the parser of the text reports bytes that are neither.
 */
export function decodeText(bytes: Uint8Array): string {
  return new TextDecoder(encodingOf(bytes)).decode(bytes);
}

/** JSON starts with an ASCII character, of which one byte is zero in UTF-16. */
function encodingOf([first, second]: Uint8Array): "utf-8" | "utf-16le" | "utf-16be" {
  if ((first === 0xff && second === 0xfe) || (first !== 0 && second === 0)) return "utf-16le";
  if ((first === 0xfe && second === 0xff) || (first === 0 && second !== 0)) return "utf-16be";
  return "utf-8";
}
