import { randomInt } from "node:crypto";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "@jest/globals";
import fc from "fast-check";
import { SHARES } from "./shares.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** In the suite. `npm run fuzz` runs a hundred thousand. */
const CASES_IN_THE_SUITE = 3_000;
/** A property with fewer cases than that says nothing. */
const FEWEST = 5;

/** How a property is run. */
export interface Run {
  readonly cases: number;
  /** With a seed, the same cases come again. */
  readonly seed?: number | undefined;
  /** With a path, one of them alone. */
  readonly path?: string | undefined;
}

/** Where a property stands, for whoever wants to see it fail again. */
export interface Place {
  readonly file: string;
  readonly title: string;
}

/**
 * A property as a test. How many of all cases it gets is in `shares.ts`; how many there are, from which seed on, and which
 * one alone, in the environment: `FUZZ_RUNS`, `FUZZ_SEED`, `FUZZ_PATH`.
 */
export function fuzz<T>(
  title: keyof typeof SHARES,
  arbitrary: fc.Arbitrary<T>,
  property: (value: T) => unknown | Promise<unknown>,
): void {
  it(title, async () => {
    const { testPath = "", currentTestName = title } = expect.getState();
    const place = { file: relative(ROOT, testPath), title: currentTestName };
    const startedAt = performance.now();
    const run = runOf(process.env, SHARES[title]);
    await assertHolds(place, arbitrary, property, run);
    if (process.env["FUZZ_RUNS"] !== undefined) {
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
      process.stderr.write(`${run.path ? 1 : run.cases} cases in ${seconds} s: ${title}\n`);
    }
  });
}

/** @param share of a hundred thousand cases, how many are the property's */
export function runOf(env: NodeJS.ProcessEnv, share: number): Run {
  const all = Number(env["FUZZ_RUNS"] ?? CASES_IN_THE_SUITE);
  return {
    cases: Math.max(FEWEST, Math.round((all * share) / 100_000)),
    seed: env["FUZZ_SEED"] === undefined ? undefined : Number(env["FUZZ_SEED"]),
    path: env["FUZZ_PATH"],
  };
}

/** @throws Error that shows the smallest case it could find for which the property does not hold, and how to run it again */
export async function assertHolds<T>(
  { file, title }: Place,
  arbitrary: fc.Arbitrary<T>,
  property: (value: T) => unknown | Promise<unknown>,
  { cases, seed = randomInt(2 ** 31), path }: Run,
): Promise<void> {
  const checked = fc.asyncProperty(arbitrary, async (value) => void (await property(value)));
  const details = await fc.check(checked, {
    numRuns: cases,
    seed,
    ...(path !== undefined && { path, endOnFailure: true }),
  });
  if (!details.failed) return;
  const again =
    `FUZZ_SEED=${details.seed} FUZZ_PATH=${details.counterexamplePath} ` +
    `npm run fuzz -- ${file} -t '${title.replace(/[^\w ,:-]/g, ".")}'`;
  const told = `${await fc.asyncDefaultReportMessage(details)}\n\nRun it again: ${again}\n`;
  throw new Error(told, { cause: details.errorInstance });
}
