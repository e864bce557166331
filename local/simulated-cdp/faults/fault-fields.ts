/** The `key=value` pairs of a fault specification. Remembers every key that was read, so that it can reject the others. */
export class FaultFields {
  readonly #values = new Map<string, string>();
  readonly #knownKeys = new Set<string>();

  constructor(text: string) {
    for (const field of text.split(/,(?=\w+=)/)) {
      const [key = "", ...value] = field.split("=");
      if (value.length === 0) throw new Error(`"${field}" is not a valid field. Expected key=value.`);
      if (this.#values.has(key)) throw new Error(`"${key}" is given twice.`);
      this.#values.set(key, value.join("="));
    }
  }

  /** Returns a value, or undefined if the key is absent. @throws Error if the value does not match the pattern */
  text(key: string, pattern?: RegExp): string | undefined {
    this.#knownKeys.add(key);
    const value = this.#values.get(key);
    if (value !== undefined && pattern?.test(value) === false) {
      throw invalid(key, value, `text that matches ${pattern.source}`);
    }
    return value;
  }

  oneOf<T extends string>(key: string, choices: readonly T[]): T | undefined {
    const value = this.text(key);
    const choice = choices.find((candidate) => candidate === value);
    if (value !== undefined && choice === undefined) throw invalid(key, value, choices.join(" or "));
    return choice;
  }

  integer(key: string, min: number, max?: number): number | undefined {
    const text = this.text(key);
    if (text === undefined) return undefined;
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < min || value > (max ?? Number.MAX_SAFE_INTEGER)) {
      throw invalid(key, text, `an integer ${max === undefined ? `of at least ${min}` : `from ${min} to ${max}`}`);
    }
    return value;
  }

  required<T>(key: string, value: T | undefined): T {
    if (value === undefined) throw new Error(`"${key}" is missing. This kind of fault requires it.`);
    return value;
  }

  /** @throws Error if the specification has a key that was never read */
  rejectUnknownKeys(kind: string): void {
    for (const key of this.#values.keys()) {
      if (this.#knownKeys.has(key)) continue;
      throw new Error(
        `"${key}" is not a valid key for a fault of kind ${kind}. Expected one of ${[...this.#knownKeys].join(", ")}.`,
      );
    }
  }
}

function invalid(key: string, value: string, expected: string): Error {
  return new Error(`"${key}=${value}" is not valid. Expected ${expected}.`);
}
