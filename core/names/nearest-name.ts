import { distance } from "fastest-levenshtein";

/** Returns the name with the smallest Levenshtein distance to `given`, ignoring case, and that distance. */
export function nearestName(given: string, names: readonly string[]): { name: string; distance: number } {
  const all = names.map((name) => ({ name, distance: distance(given.toLowerCase(), name.toLowerCase()) }));
  return all.reduce((best, next) => (next.distance < best.distance ? next : best));
}
