/** The `key=value` pairs of a text. It remembers what was asked for, so as to know what is possible. */
export class Fields {
  readonly #values = new Map<string, string>();
  readonly #known = new Set<string>();

  constructor(text: string) {
    for (const field of text.split(/,(?=\w+=)/)) {
      const [key = "", ...value] = field.split("=");
      if (value.length === 0) throw new Error(`"${field}" is not of the form key=value`);
      if (this.#values.has(key)) throw new Error(`"${key}" is given twice`);
      this.#values.set(key, value.join("="));
    }
  }

  text(key: string, pattern?: RegExp): string | undefined {
    this.#known.add(key);
    const value = this.#values.get(key);
    if (value !== undefined && pattern?.test(value) === false) {
      throw new Error(`${this.quote(key)}: possible is what matches ${pattern.source}`);
    }
    return value;
  }

  integer(key: string, min: number, max = Number.MAX_SAFE_INTEGER): number | undefined {
    const text = this.text(key);
    if (text === undefined) return undefined;
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < min || value > max) {
      throw new Error(`${this.quote(key)}: possible are integers from ${min} to ${max}`);
    }
    return value;
  }

  needed<T>(key: string, value: T | undefined): T {
    if (value === undefined) throw new Error(`"${key}" is missing, a fault of this kind needs it`);
    return value;
  }

  quote(key: string): string {
    return `"${key}=${this.#values.get(key) ?? ""}"`;
  }

  refuseUnread(kind: string): void {
    for (const key of this.#values.keys()) {
      if (this.#known.has(key)) continue;
      throw new Error(`"${key}" is no key of a fault of the kind ${kind}: possible are ${[...this.#known].join(", ")}`);
    }
  }
}

/** The same object without what is undefined. */
export function defined<T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(value).filter(([, entry]) => entry !== undefined);
  return Object.fromEntries(entries) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
