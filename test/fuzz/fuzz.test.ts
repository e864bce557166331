import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { assertHolds, type FuzzRun } from "./fuzz.ts";

const PLACE = { file: "test/fuzz/some.test.ts", title: "things it's (not) all right" };

/** Returns the error of a property that fails from 13 on, and the numbers that it was tried with. */
async function failure(run: FuzzRun): Promise<{ message: string; tried: number[] }> {
  const tried: number[] = [];
  const property = (value: number) => {
    tried.push(value);
    if (value >= 13) throw new Error(`${value} is too much`);
  };
  try {
    await assertHolds(PLACE, fc.nat(1_000_000), property, run);
  } catch (thrown) {
    return { message: (thrown as Error).message, tried };
  }
  throw new Error("the property held");
}

describe("a property that fails", () => {
  it("reports the smallest case and a command that repeats it", async () => {
    const first = await failure({ cases: 100 });
    const [, seed, path = "", file, title = ""] =
      /Run it again: FUZZ_SEED=(\S+) FUZZ_PATH=(\S+) npm test -- (\S+) -t '(.*)'/.exec(first.message) ?? [];
    const again = await failure({ cases: 1, seed: Number(seed), path });

    expect(first.message).toContain("Counterexample: [13]");
    expect(first.tried.length).toBeGreaterThan(1);
    expect(again.tried).toEqual([13]);
    expect(again.message).toContain("Counterexample: [13]");
    expect(file).toBe(PLACE.file);
    // Jest reads the title as a regular expression, and the shell reads it in quotes.
    expect(PLACE.title).toMatch(new RegExp(`^${title}$`));
    expect(title).not.toContain("'");
  });
});
