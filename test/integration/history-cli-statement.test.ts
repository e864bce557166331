import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FactsWorld } from "../support/facts-world.ts";
import { startFactsWorld } from "../support/facts-world.ts";
import { expectFailure, jsonRows } from "../support/history-cli.ts";
import { comingAndGoing, type Facts, HOUR, makeFacts } from "../support/history-facts.ts";
import { statementFiguresOf } from "../support/history-naive-statement.ts";
import { afterAll, beforeAll, describe, expect, it } from "../support/jest.ts";

// The statement of February with a slot every twelve hours. The records are those of the days around its ends: most slots are gaps.

const FROM = Date.parse("2024-01-30T00:00:00.000Z");
const HOURS = 31 * 24 + 12;
const nth = (hour: number) => FROM + hour * HOUR;
const made = makeFacts({ seed: 11, from: FROM, hours: HOURS, assets: [9, 4, 2, 2], incidentRate: 0 });
const NEVER = nth(HOURS * 2);
const EVERY_MS = 12 * HOUR;
const isSlot = (at: number) => at % EVERY_MS === 0;
const DESCRIPTIONS = [{ from: FROM, name: "Treasury <b>\u200b", type: "prime", owner: "entity_1" }];
const facts: Facts = {
  ...made,
  schedules: [{ expression: "cron(0 0/12 * * ? *)", timezone: "UTC", since: FROM }],
  accounts: made.accounts
    .map((one, at) => ({ ...one, ...(at === 0 && { descriptions: DESCRIPTIONS }) }))
    .map((one, at) => {
      if (at === 2)
        return comingAndGoing(one, { attempt: nth(30 * 24), start: nth(30 * 24 + 12), end: NEVER, back: NEVER });
      return at === 3 ? comingAndGoing(one, { attempt: FROM, start: FROM, end: nth(48), back: NEVER }) : one;
    })
    .map(({ records, expected, failedRuns = [], ...one }) => ({
      ...one,
      records: records.filter(({ slot }) => isSlot(slot) && (slot < nth(50) || slot >= nth(30 * 24))),
      expected: expected.filter(isSlot),
      failedRuns: failedRuns.filter(({ slot }) => isSlot(slot)),
    })),
};
const NOW = facts.to + HOUR / 2;
const FEBRUARY = { after: Date.parse("2024-01-31T23:59:59.999Z"), at: Date.parse("2024-02-29T23:59:59.999Z") };
const ids = facts.accounts.map(({ accountId }) => accountId);

let world: FactsWorld;
beforeAll(async () => {
  world = await startFactsWorld(facts, NOW);
  const store = world.newStore();
  const update = { now: NOW, latenessLimitMs: HOUR, signal: new AbortController().signal };
  for (const id of ids) await store.appendMissingEntries(id, update);
}, 900_000);
afterAll(() => world.close());

const state = (...args: string[]) => world.balances("statement", ...args);

describe("statement", () => {
  it("has the figures of a month of a time zone in JSON, with accounts that start, end, and lack slots", async () => {
    const [zone, period] = ["Europe/Zurich", { after: FEBRUARY.after - HOUR, at: FEBRUARY.at - HOUR }] as const;

    const ended = await state("--month", "2024-02", "--timezone", zone);

    const [row] = jsonRows(ended) as [Record<string, unknown>];
    const figures = statementFiguresOf({ accounts: facts.accounts, ...period, maxAgeMs });
    const ends = { openingAt: new Date(period.after).toISOString(), closingAt: new Date(period.at).toISOString() };
    const bySymbol = (a: { asset: string }, b: { asset: string }) => (a.asset < b.asset ? -1 : 1);
    const assets = (row["assets"] as { asset: string }[]).sort(bySymbol);
    expect(ended.code).toBe(1);
    expect({ ...row, assets }).toMatchObject({
      ...{ period: "2024-02", open: false, ...ends, timezone: zone, denomination: "usd" },
      ...figures,
      movement: { ...figures.movement, oneEndOnly: expect.stringMatching(/^-?[0.]+$/) },
      assets: figures.assets.sort(bySymbol),
    });
    expect(row["incomplete"]).toEqual([
      expect.stringMatching(/^\d+ of \d+ slots have no complete snapshot: see Gaps\.$/),
    ]);
    expect(ended.stderr).toBe(`incomplete: ${(row["incomplete"] as string[])[0]}\n`);
    expect(figures.accounts.map(({ opening, closing }) => `${opening.state} ${closing.state}`)).toEqual([
      ...["known known", "known known", "inactive known", "known inactive"],
    ]);
  });

  it("ends with 0 for a month to date that lacks nothing", async () => {
    const ended = await state("--month", "2024-03");

    const [row] = jsonRows(ended) as [Record<string, unknown>];
    expect(ended).toMatchObject({ code: 0, stderr: "" });
    expect(row).toMatchObject({
      period: "2024-03",
      open: true,
      closingAt: new Date(NOW).toISOString(),
      incomplete: [],
    });
  });

  it("fits 80 columns as text, and says on top what it lacks", async () => {
    const options = ["--timezone", "Europe/Zurich", "--format", "table"];

    const { code, stdout, stderr } = await state("--month", "2024-02", ...options);

    const lines = stdout.split("\n");
    expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    expect(lines.findIndex((line) => line.startsWith("incomplete: "))).toBeLessThan(lines.indexOf("SUMMARY"));
    expect(stdout).toContain("Treasury <b>\\u200b fac70000");
    for (const [at, event] of [
      [2, "starts at 2024-02-29"],
      [3, "ends at 2024-02-01"],
    ] as const) {
      expect(stdout).toContain(`${ids[at]?.slice(8, 16)} ${event}`);
    }
    expect(stdout).toContain("\n    balances statement --month 2024-02 --timezone Europe/Zurich");
  });

  it("shows everything in a file", async () => {
    const out = join(world.home, "february.txt");

    await state("--month", "2024-02", "--format", "table", "--out", out);

    const text = readFileSync(out, "utf8");
    expect(text).toMatch(/^account +slot +first request +completed$/m);
    expect(text).not.toContain("not shown");
  });

  it("writes a page without a script, with names as text", async () => {
    const out = join(world.home, "february.html");

    const ended = await state("--month", "2024-02", "--out", out);

    const page = readFileSync(out, "utf8");
    expect(ended).toMatchObject({ code: 1, stdout: "" });
    expect(ended.stderr).toMatch(/^incomplete: .*\nWrote .*february\.html \(\d+ KB\)\.\n$/);
    expect(page).toContain("Treasury &#60;b&#62;\\u200b");
    expect(page).not.toMatch(/<script|<b>|\u200b/);
  });

  it("covers the closing balances with entries that verify accepts as anchors", async () => {
    const [{ heads }] = jsonRows(await state("--month", "2024-02")) as [
      { heads: { accountId: string; hash: string }[] },
    ];
    const verifyWith = (lines: readonly object[]) => {
      const file = join(world.home, "heads.jsonl");
      writeFileSync(file, lines.map((line) => JSON.stringify(line)).join("\n"));
      return world.balances("verify", "--anchor", file, "--format", "json");
    };

    const same = await verifyWith(heads);
    const other = await verifyWith(heads.map((head) => ({ ...head, hash: "0".repeat(64) })));

    expect(heads.map(({ accountId }) => accountId)).toEqual(ids.slice(0, 3));
    expect(heads[0]).toMatchObject({ slot: "2024-02-29T12:00:00.000Z", sequence: expect.any(Number) });
    expect(same.stderr.match(/checked against 1 anchor/g)).toHaveLength(3);
    expect(`${same.stdout}`).not.toContain("anchor_");
    expect(other.stdout.match(/"anchor_differs"/g)).toHaveLength(3);
  });

  it.each([
    [[], /^No period is given\. Add --month, such as --month 2026-10, or --quarter or --year\.\n$/],
    [["--month", "2024-02", "--year", "2024"], /^Use either --month, --quarter or --year\.\n$/],
    [
      ["--month", "2024-13"],
      /^--month: "2024-13" is not a valid month\. Expected a year and a month, such as 2026-10\.\n$/,
    ],
    [
      ["--month", "2024-04"],
      /^--month: 2024-04 is in the future: it starts at 2024-04-01T00:00:00\.000Z, and it is now 2024-03-01T/,
    ],
    [
      ["--year", "2020"],
      /^No selected account has a balance in 2020\. The first snapshot is of 2024-01-30T00:00:00\.000Z\.\n$/,
    ],
    [
      ["--month", "2024-02", "--out", "x.csv"],
      /^--out: x\.csv ends in \.csv, but the command writes table, json, html\./,
    ],
  ])("refuses %j", async (args, message) => {
    expectFailure(await state(...args), 2, message);
  });
});

/** The age of the last but one slot. */
function maxAgeMs(at: number): number {
  return (at % EVERY_MS) + EVERY_MS;
}
