import { shownName } from "./shown-name.ts";

/** How often each field of one kind of object occurs, by the JSON type of its value. */
export type FieldCounts = Map<string, Map<string, number>>;

/** A field's name. Anything else in its place may be data. */
const NAME = /^[A-Za-z][A-Za-z0-9_]{0,39}$/;

/** Counts the fields of an object. Their values are not looked into. */
export function countFields(counts: FieldCounts, object: unknown): void {
  if (typeof object !== "object" || object === null || Array.isArray(object)) return;
  for (const [field, value] of Object.entries(object)) {
    const name = shownName(field, NAME, counts);
    const byType = counts.get(name) ?? new Map<string, number>();
    counts.set(name, byType.set(jsonType(value), (byType.get(jsonType(value)) ?? 0) + 1));
  }
}

function jsonType(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "list" : typeof value;
}
