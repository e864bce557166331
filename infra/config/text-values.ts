import { isObject, parseJson } from "../../core/domain/json.ts";
import { findRepeatedNames } from "./json-syntax.ts";

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

/**
 * JSON of API keys by name is an object, unless it repeats a name. In a key, text becomes the value of a field as at the top level.
 * @param convert returns the value of a field
 */
export function toKeys(given: unknown, convert: (field: string, value: unknown) => unknown): unknown {
  const convertEach = (value: unknown, each: (name: string, part: unknown) => unknown): unknown =>
    isObject(value) ? Object.fromEntries(Object.entries(value).map(([name, part]) => [name, each(name, part)])) : value;
  const value = typeof given === "string" ? parseJson(given) : given;
  if (typeof given === "string" && (value === undefined || findRepeatedNames(given).length > 0)) return given;
  return convertEach(value, (_, fields) => convertEach(fields, convert));
}
