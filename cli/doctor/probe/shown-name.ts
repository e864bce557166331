const MAX_NAMES = 60;

/**
 * Returns the name under which the record counts something: its own, or "(other)" for a name that may be data and for
 * all names beyond a maximum.
 * @param pattern names that cannot be data
 */
export function shownName(name: string, pattern: RegExp, counts: ReadonlyMap<string, unknown>): string {
  return pattern.test(name) && (counts.has(name) || counts.size < MAX_NAMES) ? name : "(other)";
}
