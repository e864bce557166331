/**
 * Conversions of text into values: `-c` passes everything as text. Each returns its argument unchanged if it is not text of
 * the expected form, so that the validation reports what was given.
 */

/** `a, b` is a list of two. */
export const toList = (given: unknown): unknown =>
  typeof given === "string" ? given.split(",").map((part) => part.trim()) : given;

export const toInteger = (given: unknown): unknown =>
  typeof given === "string" && /^\d+$/.test(given) ? Number(given) : given;

export const toBoolean = (given: unknown): unknown => (given === "true" ? true : given === "false" ? false : given);

/** `a=1,b=2` is an object. Not converted where a pair would be lost: duplicate keys, and the key `__proto__`. */
export function toPairs(given: unknown): unknown {
  if (typeof given !== "string") return given;
  const pairs = given.split(",").map((pair) => pair.split("="));
  const keys = new Set(pairs.map(([key = ""]) => key.trim()));
  if (keys.size < pairs.length || keys.has("__proto__") || pairs.some(({ length }) => length === 1)) return given;
  // Only the first equals sign separates: the value may contain others.
  return Object.fromEntries(pairs.map(([key = "", ...value]) => [key.trim(), value.join("=").trim()]));
}
