import { existsSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { csvRows, type Ended, expectFailure, jsonRows } from "../support/history-cli.ts";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "../support/jest.ts";
import {
  ID,
  outputOf,
  PERIOD,
  type ReconcileWorld,
  STACK,
  startReconcileWorld,
  statesOf,
} from "../support/reconcile-world.ts";

// The command on a table of two keys, with transfers of the simulated API.

let world: ReconcileWorld;
beforeAll(async () => {
  world = await startReconcileWorld();
});
afterAll(() => world.close());
beforeEach(() => {
  world.cdp.requests.length = 0;
});

const reconcile = (...args: string[]) => world.balances(["reconcile", ...PERIOD, ...args]);
const ofStack = (...args: string[]) => reconcile("--stack", STACK, ...args);
const fileAt = (name: string) => join(world.home, name);

describe("reconcile with the secrets of a stack", () => {
  it("explains changes by the transfers of each key, and ends with 1 because something is unexplained", async () => {
    const ended = await ofStack();

    const output = outputOf(ended);
    expect(ended.code).toBe(1);
    expect(statesOf(output)).toEqual({
      ...{ "treasury btc": "explained", "treasury eth": "explained", "treasury usdc": "explained" },
      ...{ "operations btc": "unexplained", "payouts eth": "explained", "payouts sol": "undetermined" },
      ...{ "uncertain eth": "unknown", "uncertain usd": "unexplained" },
    });
    expect(output).toMatchObject({ reading: "excluded", unexplainedLines: { included: 3, excluded: 2 } });
    expect(ended.stderr).toBe(
      [
        `incomplete: Late (${ID.late}) has no snapshot before 2026-11-01T00:00:00.000Z; its history starts at 2026-11-15T11:00:00.000Z.`,
        `incomplete: Closed (${ID.closed}) ended at 2026-11-10T00:00:00.000Z: The account is closed.`,
        "incomplete: 1 line cannot be reconciled: a quantity at an end, or the amount of a transfer, is unknown.",
        "2 of 8 lines unexplained.\n",
      ].join("\n"),
    );
  });

  it("ends with 0 if everything is explained, or explained by an undetermined transfer", async () => {
    const ended = await ofStack("--account", "Treasury", "Payouts");

    expect(ended).toMatchObject({ code: 0, stderr: "" });
    expect(new Set(Object.values(statesOf(outputOf(ended))))).toEqual(new Set(["explained", "undetermined"]));
  });

  it("asks each key since a minute before the opening walk, for the account if it is the only one", async () => {
    await ofStack("--account", "Treasury", "Operations", "Payouts");

    const asked = world.cdp.requests.map(({ query }) => `${query["accountId"]} ${query["updatedAfter"]}`);
    // The reader asks once more for what was updated meanwhile.
    expect(asked).toContain("undefined 2026-10-31T22:59:01.000Z");
    expect(asked).toContain(`${ID.payouts} 2026-10-31T22:59:01.000Z`);
  });

  it("refuses closing balances that are so new that a transfer of them may not be listed yet", async () => {
    const back = world.clock.now() - Date.parse("2026-11-30T23:01:01.000Z");
    world.clock.advance(-back);

    const ended = await ofStack();

    world.clock.advance(back);
    expectFailure(
      ended,
      2,
      /^The closing balances are too new: .* known from 2026-11-30T23:01:01\.500Z on, and it is now 2026-11-30T23:01:01\.000Z\. Wait until then, or give an earlier --to\.$/m,
    );
  });

  it("does not explain a period in which the account has no second snapshot", async () => {
    const ends = ["--from", "2026-11-30T23:10:00Z", "--to", "2026-11-30"];

    const ended = await world.balances(["reconcile", ...ends, "--stack", STACK, "--account", "Payouts"]);

    expect(outputOf(ended).lines).toEqual([]);
    expect(ended).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /^incomplete: Payouts \(\S+\) has the same snapshot at both ends, of the slot 2026-11-30T23:00:00\.000Z, .* Give a longer period\.$/m,
      ),
    });
  });

  it("names the period and the first snapshot if no account counts in it", async () => {
    const ended = await world.balances(["reconcile", "--from", "2025-01-01", "--to", "2025-02-01", "--stack", STACK]);

    expectFailure(
      ended,
      2,
      /^No selected account has a balance from 2025-01-01T00:00:00\.000Z to 2025-02-01T23:59:59\.999Z\. The first snapshot is of 2026-10-31T23:00:00\.000Z\.$/m,
    );
  });

  it("does not reconcile an account whose snapshot at an end is too old for as-of", async () => {
    const ended = await world.balances([
      ...["reconcile", "--from", "2026-11-01", "--to", "2026-11-20", "--account", "Treasury", "--stack", STACK],
    ]);

    expect(outputOf(ended)).toMatchObject({
      ...{ accounts: [], lines: [], notReconciled: [{ accountId: ID.treasury }] },
      incomplete: [
        expect.stringMatching(/^Treasury .*: the last snapshot before 2026-11-20T23:59:59\.999Z was captured /),
      ],
    });
    expect(ended.code).toBe(1);
    // Without balances to explain, no transfers are needed.
    expect(world.cdp.requests).toEqual([]);
  });

  it("--by asset adds up the accounts", async () => {
    const { rows } = csvRows(await ofStack("--account", "Treasury", "Payouts", "--by", "asset", "--format", "csv"));

    expect(rows.find(({ asset }) => asset === "eth")).toMatchObject({
      ...{ asset: "eth", accounts: "2", opening: "3.0", in: "0.5", out: "0.5", unexplained: "0.0", closing: "3.0" },
    });
  });

  it("--fees selects a reading, and the output has the remainder by the other one", async () => {
    const ended = await ofStack("--account", "Treasury", "--fees", "included");

    const usdc = outputOf(ended).lines.find(({ asset }) => asset === "usdc");
    expect(usdc).toMatchObject({ state: "unexplained", unexplained: "-0.5", unexplainedByOtherReading: "0.0" });
    expect(ended.code).toBe(1);
  });
});

describe("a file of transfers", () => {
  /** Without the progress, which depends on the speed of the machine. */
  const outcomeOf = ({ code, stdout, stderr }: Ended) => ({ code, stdout, stderr });

  it("gives the same output as the API without asking it", async () => {
    const file = fileAt("round-trip.json");
    const options = ["--detail", "--format", "json"];
    const asked = await ofStack("--save-transfers", file, ...options);
    world.cdp.requests.length = 0;

    const repeated = [await reconcile("--transfers", file, ...options), await ofStack("--transfers", file, ...options)];

    expect(repeated.map(outcomeOf)).toEqual([outcomeOf(asked), outcomeOf(asked)]);
    expect(world.cdp.requests).toEqual([]);
    expect(asked.stdout).toMatch(/[0-9a-f]{64}/);
  });

  // Linux has this device, macOS does not.
  (existsSync("/dev/full") ? it : it.skip)(
    "is complete before the output, which may fail or be a closed pipe",
    async () => {
      const file = fileAt("before-output.json");

      const ended = await ofStack("--save-transfers", file, "--out", "/dev/full", "--format", "json");

      expect(ended).toMatchObject({ code: 1, stderr: expect.stringMatching(/^--out: writing \/dev\/full failed/m) });
      expect(existsSync(file)).toBe(true);
    },
  );

  it("cannot be the file of --out, also through a link", async () => {
    const [file, link] = [fileAt("one.json"), fileAt("link.json")];
    writeFileSync(file, "before");
    symlinkSync(file, link);

    const ended = await ofStack("--save-transfers", link, "--out", file);

    expectFailure(ended, 2, /^--save-transfers: \S+ is also the file of --out\. Choose another file\.$/m);
    expect(readFileSync(file, "utf8")).toBe("before");
  });

  it("is refused if it does not cover the accounts or the period, instead of leading to unexplained lines", async () => {
    const file = fileAt("incomplete.json");
    await ofStack("--account", "Payouts", "--save-transfers", file);
    const content = JSON.parse(readFileSync(file, "utf8"));
    const reconciledWith = (changes: object) => {
      const read = { ...content.reads[0], ...changes };
      const reads = [{ ...read, key: "other", denied: true }, read];
      writeFileSync(file, JSON.stringify({ ...content, reads }));
      return reconcile("--transfers", file, "--account", "Payouts");
    };

    const ofOther = await reconciledWith({ accountIds: [ID.treasury] });
    const late = await reconciledWith({ updatedAfter: "2026-11-30T22:59:01.000Z" });
    const early = await reconciledWith({ readAt: "2026-11-30T23:00:59.000Z" });

    expectFailure(ofOther, 2, /^- Payouts \(account_3\S+\): its transfers were not asked for$/m);
    expect(ofOther.stderr).toMatch(
      /^Save the transfers again: .*reconcile --from 2026-11-01T00:00:00\.000Z --to 2026-11-30T23:59:59\.999Z --save-transfers/m,
    );
    expectFailure(
      late,
      2,
      /: transfers were asked for since 2026-11-30T22:59:01\.000Z, and its opening balances need those since 2026-10-31T22:59:01\.000Z$/m,
    );
    expectFailure(
      early,
      2,
      /: transfers were read at 2026-11-30T23:00:59\.000Z, and its closing balances need those up to 2026-11-30T23:01:01\.500Z$/m,
    );
  });
});

describe("the text", () => {
  it("fits 80 columns, marks lines, and states facts and what is unknown", async () => {
    const { stdout, code } = await ofStack("--format", "table");

    expect(code).toBe(1);
    expect(stdout.split("\n").filter((line) => line.length > 80)).toEqual([]);
    expect(stdout).toContain("8 lines of 4 accounts: 2 unexplained, 1 unknown, 1 undetermined and 4 explained.");
    expect(stdout).toMatch(/^btc UNEXPLAINED +1 +0 +0 +0 +\+0\.25 +1\.25$/m);
    expect(stdout).toMatch(/^Payouts 30000000 {2}sol +\+1 +0$/m);
    expect(stdout).toMatch(/^ {2}remark: uncertain: an asset may be missing$/m);
    expect(stdout).toMatch(/^usdc +-0\.5 +0$/m);
    expect(stdout).toMatch(/^processing +2026-11-15T11:30:00Z$/m);
    expect(stdout).toContain("1 line without a change and without transfers is not shown.");
    expect(stdout).toContain("WHAT IS UNKNOWN");
  });

  it("--timezone applies to the period and to the times that are shown", async () => {
    const zurich = ["--timezone", "Europe/Zurich", "--from", "2026-11-01T00:30", "--to", "2026-12-01T00:30"];
    const options = ["--stack", STACK, "--account", "Treasury", "--format", "table"];

    const { stdout } = await world.balances(["reconcile", ...zurich, ...options]);

    expect(stdout).toContain("2026-11-01 00:30:00 +01:00 to 2026-12-01 00:30:00 +01:00");
    expect(stdout).toMatch(/^Treasury \S+ +2026-11-01 00:00:00 \+01:00 /m);
  });

  it("goes to --out, and the exit code stays 1", async () => {
    const out = fileAt("reconciliation.csv");

    const ended = await ofStack("--out", out, "--detail");

    const rows = csvRows({ ...ended, stdout: readFileSync(out, "utf8") }).rows;
    expect(ended).toMatchObject({ code: 1, stdout: "" });
    expect(rows.filter(({ asset, accountName }) => `${accountName} ${asset}` === "Treasury usdc")).toMatchObject([
      { transferIn: "50", transferOut: "", counterparty: "ACH", transferCounts: "yes" },
      { transferIn: "", transferOut: "7", transferFees: "0.5", counterparty: "address 0xabc on base" },
    ]);
    expect(rows.find(({ asset }) => asset === "sol")).toMatchObject({
      ...{ state: "undetermined", transferCounts: "undetermined", unexplained: "1", unexplainedWithUndetermined: "0" },
      ...{ openingSlot: "2026-10-31T23:00:00.000Z", closingCompletedAt: "2026-11-30T23:00:01.500Z" },
    });
  });
});

describe("the statement", () => {
  const statement = (...args: string[]) =>
    world.balances(["statement", "--month", "2026-11", "--account", "Treasury", "Operations", ...args]);

  it("--transfers reconciles its quantities in a section and in JSON, and its command repeats that", async () => {
    const file = fileAt("november.json");
    const ends = ["--from", "2026-10-31T23:59:59.999Z", "--to", "2026-11-30"];
    const saved = await world.balances(["reconcile", ...ends, "--stack", STACK, "--save-transfers", file]);

    const text = await statement("--transfers", file, "--format", "table");
    const json = await statement("--transfers", file, "--format", "json");

    const { digest } = outputOf(saved);
    expect(text.stdout).toContain(`\nRECONCILIATION\n`);
    expect(text.stdout).toMatch(/^btc UNEXPLAINED +1 +0 +0 +0 +\+0\.25 +1\.25$/m);
    expect(text.stdout).toMatch(/^4 lines of 2 accounts: 1 unexplained and 3 explained\.$/m);
    expect(text.stdout).toContain(`--transfers \\\n    ${file} --table`);
    expect(jsonRows(json)).toMatchObject([
      { reconciliation: { digest, reading: "excluded", lines: [{}, {}, {}, {}] } },
    ]);
    expect(json.stderr).toContain("Reconciliation: 4 lines of 2 accounts: 1 unexplained and 3 explained.\n");
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
