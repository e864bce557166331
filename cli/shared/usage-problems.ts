import { InputError } from "../../core/domain/errors.ts";

/** Collects what is wrong with a command line, so that every problem is reported at once. */
export class UsageProblems {
  readonly #problems: string[] = [];

  add(...problems: readonly string[]): void {
    this.#problems.push(...problems);
  }

  /** Returns the result of a step; `undefined` if it has problems. */
  attempt<T>(step: () => T): T | undefined {
    try {
      return step();
    } catch (thrown) {
      if (!(thrown instanceof InputError)) throw thrown;
      this.add(...thrown.problems);
      return undefined;
    }
  }

  /** @throws InputError with every problem */
  assertNone(): void {
    if (this.#problems.length > 0) throw new InputError("usage", this.#problems);
  }
}
