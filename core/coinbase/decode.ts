import { isObject } from "../domain/json.ts";
import { checkText, type Path, Problems } from "./fields.ts";

/** One page of a list. `next` is the token of the next page, or `undefined` at the end of the list. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | undefined;
}

/** A decoded body, or its problems: the path of at most three invalid fields, and what was expected there. */
export type Decoded<T> = { readonly value: T; readonly problems?: undefined } | { readonly problems: string };

/** Decodes a parsed JSON body. */
export type Decoder<T> = (body: unknown) => Decoded<T>;

/** Returns a value as the project uses it. If the value is invalid, adds why to the problems; the result is then unused. */
export type Reader<T> = (value: unknown, path: Path, problems: Problems) => T | undefined;

/** Decodes one value. @param path of the value in the body, for the problems */
export function decode<T>(read: Reader<T>, body: unknown, path: Path): Decoded<T> {
  const problems = new Problems();
  const value = read(body, path, problems);
  if (problems.text !== undefined || value === undefined) return { problems: problems.text ?? "" };
  return { value };
}

/**
 * Decodes the items of a page one by one. The first invalid one ends it: a large body of invalid items would otherwise
 * produce more problems than the memory can hold.
 */
export function decodePage<T>(list: string, read: Reader<T>, body: unknown): Decoded<Page<T>> {
  const page = decode((value, path, problems) => readPage(list, value, path, problems), body, []);
  if (page.problems !== undefined) return page;
  const items: T[] = [];
  for (const [index, item] of page.value.items.entries()) {
    const decoded = decode(read, item, [list, index]);
    if (decoded.problems !== undefined) return decoded;
    items.push(decoded.value);
  }
  return { value: { items, next: page.value.next } };
}

function readPage(list: string, value: unknown, path: Path, problems: Problems): Page<unknown> | undefined {
  if (!isObject(value)) return void problems.add(path, "object");
  const { [list]: items, nextPageToken: token } = value;
  if (!Array.isArray(items)) problems.add([...path, list], "array");
  const next = readNext(token, path, problems);
  return { items: items as unknown[], next };
}

function readNext(token: unknown, path: Path, problems: Problems): string | undefined {
  if (token === undefined || token === null) return undefined;
  return checkText(token, [...path, "nextPageToken"], problems) && token !== "" ? token : undefined;
}
