import { jsonPath } from "../domain/untrusted-text.ts";

/** Where a value is in a body. */
export type Path = readonly PropertyKey[];

/** Messages name this number of invalid fields, and count the others. */
const MAX_NAMED = 3;

/** The path of each invalid field of a body, and what was expected there. */
export class Problems {
  readonly #named: string[] = [];
  #count = 0;

  add(path: Path, expected: string): void {
    this.#count++;
    if (this.#named.length < MAX_NAMED) this.#named.push(`${jsonPath(path) || "body"}: expected ${expected}`);
  }

  /** The problems in one line, or `undefined` if there are none. */
  get text(): string | undefined {
    if (this.#count === 0) return undefined;
    const others = this.#count - this.#named.length;
    return [...this.#named, ...(others > 0 ? [`and ${others} more`] : [])].join("; ");
  }
}

/** What a text has to be, in addition to well-formed Unicode. */
export interface TextRule {
  /** Default: no limit. */
  readonly maxBytes?: number;
  readonly pattern?: { readonly regExp: RegExp; readonly expected: string };
  readonly notEmpty?: boolean;
}

/** Half of a surrogate pair would be stored as another character. */
const SURROGATE = /\p{Surrogate}/u;

/** Adds what is wrong with a text to the problems. Returns whether the value is a text, valid or not. */
export function checkText(value: unknown, path: Path, problems: Problems, rule: TextRule = {}): value is string {
  if (typeof value !== "string") {
    problems.add(path, "string");
    return false;
  }
  const { maxBytes = Number.POSITIVE_INFINITY, pattern, notEmpty } = rule;
  if (SURROGATE.test(value)) problems.add(path, "well-formed Unicode");
  if (pattern !== undefined && !pattern.regExp.test(value)) problems.add(path, pattern.expected);
  // No character has more than three bytes for each unit of its length.
  if (value.length * 3 > maxBytes && Buffer.byteLength(value) > maxBytes)
    problems.add(path, `at most ${maxBytes} bytes`);
  if (notEmpty && value === "") problems.add(path, "at least 1 character");
  return true;
}

/** Adds a problem unless the value is an integer from 0 on, which JavaScript represents exactly. */
export function checkCount(value: unknown, path: Path, problems: Problems): value is number {
  const isCount = Number.isSafeInteger(value) && (value as number) >= 0;
  if (!isCount) problems.add(path, "a whole number, at least 0");
  return isCount;
}
