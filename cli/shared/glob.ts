/** Whether a text may stand for any number of texts. */
export function isGlob(text: string): boolean {
  return /[*?]/.test(text);
}

/**
 * Returns whether a glob matches a whole text: `*` stands for any text, `?` for one character. The time grows with the product
 * of the lengths at most, so that no glob can hang a command.
 */
export function matchesGlob(glob: string, text: string): boolean {
  const [pattern, characters] = [[...glob], [...text]];
  let [at, next] = [0, 0];
  /** Where to continue if the last `*` has to stand for one character more. */
  let retry: { readonly at: number; next: number } | undefined;
  while (next < characters.length) {
    if (pattern[at] === "*") retry = { at: ++at, next };
    else if (pattern[at] === "?" || pattern[at] === characters[next]) [at, next] = [at + 1, next + 1];
    else if (retry === undefined) return false;
    else [at, next] = [retry.at, ++retry.next];
  }
  return pattern.slice(at).every((character) => character === "*");
}
