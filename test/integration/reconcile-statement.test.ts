import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expectFailure, jsonRows } from "../support/history-cli.ts";
import { afterAll, beforeAll, describe, expect, it } from "../support/jest.ts";
import { PERIOD, type ReconcileWorld, STACK, startReconcileWorld } from "../support/reconcile-world.ts";

// The section of a statement that reconciles its quantities.

let world: ReconcileWorld;
beforeAll(async () => {
  world = await startReconcileWorld();
});
afterAll(() => world.close());

const fileAt = (name: string) => join(world.home, name);

describe("the statement", () => {
  const statement = (...args: string[]) =>
    world.balances(["statement", "--month", "2026-11", "--account", "Treasury", "Operations", ...args]);

  it("--transfers reconciles its quantities in a section and in JSON, and its command repeats that", async () => {
    const file = fileAt("november.json");
    const ends = ["--from", "2026-10-31T23:59:59.999Z", "--to", "2026-11-30"];
    const saved = await world.balances(["reconcile", ...ends, "--stack", STACK, "--save-transfers", file]);

    const text = await statement("--transfers", file, "--format", "table");
    const json = jsonRows(await statement("--transfers", file, "--format", "json"));
    const html = await statement("--transfers", file, "--format", "html");

    const { digest } = JSON.parse(saved.stdout) as { digest: string };
    expect(text.stdout).toContain(`\nRECONCILIATION\n`);
    expect(text.stdout).toMatch(/^btc UNEXPLAINED +1 +0 +0 +0 +\+0\.25 +1\.25$/m);
    expect(text.stdout).toMatch(/^4 lines of 2 accounts: 1 unexplained and 3 explained\.$/m);
    expect(text.stdout).toContain(`--transfers \\\n    ${file} --table`);
    expect(json).toMatchObject([{ reconciliation: { digest, reading: "excluded", lines: [{}, {}, {}, {}] } }]);
    expect(html.stdout).toMatch(/btc UNEXPLAINED<\/th>/);
    expect(html.stdout).toContain(digest);
    expect(html.stderr).toContain("Reconciliation: 4 lines of 2 accounts: 1 unexplained and 3 explained.\n");
  });

  it("refuses a file that does not cover its opening balances", async () => {
    const file = fileAt("late-november.json");
    await world.balances(["reconcile", ...PERIOD, "--stack", STACK, "--save-transfers", file]);
    const late = readFileSync(file, "utf8").replaceAll(
      /"updatedAfter": "[^"]+"/g,
      '"updatedAfter": "2026-11-30T22:59:01.000Z"',
    );
    writeFileSync(file, late);

    expectFailure(
      await statement("--transfers", file),
      2,
      /^- Treasury .*: transfers were asked for since .*\nSave the transfers again: .* --from 2026-10-31T23:59:59\.999Z --to 2026-11-30T23:59:59\.999Z /ms,
    );
  });
});
