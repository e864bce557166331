/**
 * The name that is the fewest edits away, and how many: what a misspelt key was probably meant to be.
 * An edit adds, drops or changes one letter (the Levenshtein distance).
 */
export function nearest(given: string, names: readonly string[]): { name: string; distance: number } {
  const all = names.map((name) => ({
    name,
    distance: distance(given.toLowerCase(), name.toLowerCase()),
  }));
  return all.reduce((best, next) => (next.distance < best.distance ? next : best), {
    name: "",
    distance: Number.POSITIVE_INFINITY,
  });
}

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (const [i, letter] of [...a].entries()) {
    row = row.reduce<number[]>((next, above, j) => {
      const diagonal = row[j - 1];
      const left = next[j - 1];
      const best =
        diagonal === undefined || left === undefined
          ? i + 1
          : Math.min(above + 1, left + 1, diagonal + (b[j - 1] === letter ? 0 : 1));
      next.push(best);
      return next;
    }, []);
  }
  return row[b.length] ?? a.length;
}
