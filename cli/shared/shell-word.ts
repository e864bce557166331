/** Returns a text as one word of a POSIX shell's command line: in quotes if it contains characters that are special there. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
