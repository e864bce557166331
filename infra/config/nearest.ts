import { distance } from "fastest-levenshtein";

/**
 * The name that is the fewest edits away, and how many: what a misspelt key was probably meant to be.
 * An edit adds, drops or changes one letter (the Levenshtein distance), capital or small.
 */
export function nearest(given: string, names: readonly string[]): { name: string; distance: number } {
  const all = names.map((name) => ({ name, distance: distance(given.toLowerCase(), name.toLowerCase()) }));
  return all.reduce((best, next) => (next.distance < best.distance ? next : best), {
    name: "",
    distance: Number.POSITIVE_INFINITY,
  });
}
