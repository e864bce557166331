import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { assertHolds, runOf } from "./fuzz.ts";
import { SHARES } from "./shares.ts";

const PLACE = { file: "test/fuzz/some.test.ts", title: "things it's (not) all right" };

/** The error of a property that does not hold for thirteen and more, and all the numbers that it was tried with. */
async function failure(run: Parameters<typeof assertHolds>[3]): Promise<{ message: string; tried: number[] }> {
  const tried: number[] = [];
  const holds = (value: number) => {
    tried.push(value);
    if (value >= 13) throw new Error(`${value} is too much`);
  };
  try {
    await assertHolds(PLACE, fc.nat(1_000_000), holds, run);
  } catch (thrown) {
    return { message: (thrown as Error).message, tried };
  }
  throw new Error("it held");
}

describe("a property that does not hold", () => {
  it("tells the smallest case, and a command that runs just that one again", async () => {
    const first = await failure({ cases: 100 });
    const [, seed, path, file, title = ""] =
      /Run it again: FUZZ_SEED=(\S+) FUZZ_PATH=(\S+) npm run fuzz -- (\S+) -t '(.*)'/.exec(first.message) ?? [];
    const again = await failure(runOf({ FUZZ_SEED: seed, FUZZ_PATH: path }, 1));

    expect(first.message).toContain("Counterexample: [13]");
    expect(first.tried.length).toBeGreaterThan(1);
    expect(again.tried).toEqual([13]);
    expect(again.message).toContain("Counterexample: [13]");
    expect(file).toBe(PLACE.file);
    // Jest takes it for a regular expression, and the shell for what stands between its quotes.
    expect(PLACE.title).toMatch(new RegExp(`^${title}$`));
    expect(title).not.toContain("'");
  });

  it("is tried with the same cases again by its seed alone, and with others without", async () => {
    const runs = await Promise.all([7, 7, 8].map((seed) => failure({ cases: 100, seed })));
    // Any two begin alike now and then: small and large numbers are tried more often than others.
    const unseeded = await Promise.all(Array.from({ length: 10 }, () => failure({ cases: 100 })));

    expect(runs[0]).toEqual(runs[1]);
    expect(runs[0]?.tried).not.toEqual(runs[2]?.tried);
    expect(new Set(unseeded.map(({ tried }) => tried.join())).size).toBeGreaterThan(1);
  });
});

describe("the cases", () => {
  it("are a hundred thousand, shared by properties that there are", () => {
    const sources = readdirSync(new URL(".", import.meta.url))
      .filter((name) => name.endsWith(".test.ts"))
      .map((name) => readFileSync(new URL(name, import.meta.url), "utf8"));

    expect(Object.values(SHARES).reduce((sum, share) => sum + share, 0)).toBe(100_000);
    expect(Object.keys(SHARES).filter((title) => !sources.some((text) => text.includes(`"${title}"`)))).toEqual([]);
  });

  it("are as many as are asked for, a few thousand in the suite, and never next to none", () => {
    expect(runOf({ FUZZ_RUNS: "100000" }, 20_000).cases).toBe(20_000);
    expect(runOf({ FUZZ_RUNS: "1000000" }, 1_000).cases).toBe(10_000);
    expect(runOf({}, 20_000).cases).toBe(600);
    expect(runOf({}, 1).cases).toBe(5);
  });
});
