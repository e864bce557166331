import type * as globals from "@jest/globals";

/** jest's functions. The runner defines them as globals; `@jest/globals` works only with jest's own runner. */
export const { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } =
  globalThis as unknown as typeof globals;
