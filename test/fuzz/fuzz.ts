import fc from "fast-check";
import { EXHAUSTIVE } from "../support/exhaustive.ts";
import { it } from "../support/jest.ts";

/** `npm test` tries this share of a test's cases, and `npm run test:exhaustive` a multiple. */
const SHARE = EXHAUSTIVE ? 40 : 1 / 3;

/**
 * Registers a test that tries a property with random values. A failure shows the smallest case that was found, its seed and its
 * path. The environment variables FUZZ_SEED and FUZZ_PATH with these values repeat that one case.
 * @param cases how many values it tries, before it is multiplied by `SHARE`
 */
export function fuzz<T>(
  title: string,
  cases: number,
  arbitrary: fc.Arbitrary<T>,
  property: (value: T) => unknown | Promise<unknown>,
): void {
  const { FUZZ_SEED: seed, FUZZ_PATH: path } = process.env;
  it(title, () =>
    fc.assert(
      fc.asyncProperty(arbitrary, async (value) => void (await property(value))),
      {
        numRuns: Math.ceil(cases * SHARE),
        ...(seed !== undefined && { seed: Number(seed) }),
        ...(path !== undefined && { path, endOnFailure: true }),
      },
    ),
  );
}
