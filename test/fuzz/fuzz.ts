import { randomInt } from "node:crypto";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { EXHAUSTIVE } from "../support/exhaustive.ts";
import { expect, it } from "../support/jest.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** `npm run test:exhaustive` multiplies the cases of `npm test` by this. */
const EXHAUSTIVE_FACTOR = 40;

export interface FuzzRun {
  readonly cases: number;
  /** The same seed gives the same cases. Default: random. */
  readonly seed?: number | undefined;
  /** Runs only the case at this path. */
  readonly path?: string | undefined;
}

/** The location of a property's test. */
export interface Place {
  readonly file: string;
  readonly title: string;
}

/**
 * Registers a test that tries a property with random values. The environment variables FUZZ_SEED and FUZZ_PATH repeat one case.
 * @param cases how many values `npm test` tries
 */
export function fuzz<T>(
  title: string,
  cases: number,
  arbitrary: fc.Arbitrary<T>,
  property: (value: T) => unknown | Promise<unknown>,
): void {
  it(title, async () => {
    const { testPath = "", currentTestName = title } = expect.getState();
    const { FUZZ_SEED: seed, FUZZ_PATH: path } = process.env;
    await assertHolds({ file: relative(ROOT, testPath), title: currentTestName }, arbitrary, property, {
      cases: EXHAUSTIVE ? cases * EXHAUSTIVE_FACTOR : cases,
      seed: seed === undefined ? undefined : Number(seed),
      path,
    });
  });
}

/** @throws Error with the smallest failing case that was found, and the command that repeats it */
export async function assertHolds<T>(
  { file, title }: Place,
  arbitrary: fc.Arbitrary<T>,
  property: (value: T) => unknown | Promise<unknown>,
  { cases, seed = randomInt(2 ** 31), path }: FuzzRun,
): Promise<void> {
  const checked = fc.asyncProperty(arbitrary, async (value) => void (await property(value)));
  const details = await fc.check(checked, {
    numRuns: cases,
    seed,
    ...(path !== undefined && { path, endOnFailure: true }),
  });
  if (!details.failed) return;
  const command =
    `FUZZ_SEED=${details.seed} FUZZ_PATH=${details.counterexamplePath} ` +
    `npm test -- ${file} -t '${title.replace(/[^\w ,:-]/g, ".")}'`;
  const report = await fc.asyncDefaultReportMessage(details);
  throw new Error(`${report}\n\nRun it again: ${command}\n`, { cause: details.errorInstance });
}
