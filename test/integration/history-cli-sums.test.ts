import { type FactsWorld, startFactsWorld } from "../support/facts-world.ts";
import { csvRows, jsonRows, runBalances, tableRows } from "../support/history-cli.ts";
import { comingAndGoing, type Facts, HOUR, makeFacts } from "../support/history-facts.ts";
import { asOfFacts, countsAt, evenSteps, instant, nameOf, shownAtStep } from "../support/history-naive.ts";
import { assetSumsOf, groupSumsOf, type HeldFact, type PairFact, rankingOf } from "../support/history-naive-sums.ts";
import { afterAll, beforeAll, describe, expect, it } from "../support/jest.ts";

// Sums over accounts and rankings, compared with an independent computation from the facts.

const FROM = Date.parse("2026-10-30T00:00:00.000Z");
/** Until the first slot of November. */
const HOURS = 49;
const at = (hour: number) => FROM + hour * HOUR;
const made = makeFacts({ seed: 5, from: FROM, hours: HOURS, assets: [9, 6, 2, 2], incidentRate: 6 });
const [COMPANY, CUSTOMER] = [
  "entity_af2937b0-9846-4fe7-bfe9-ccc22d935114",
  "customer_77aa3c1e-5b0f-4c1e-9a52-0f0c6a5f7d11",
];
/** The second account has another type in the second half; nothing is known of the third. */
const DESCRIPTIONS = [
  [{ from: at(1), name: "Treasury", type: "prime", owner: COMPANY ?? "" }],
  [
    { from: at(1), name: "Operations", type: "prime", owner: COMPANY ?? "" },
    { from: at(24), name: "Payouts", type: "business", owner: COMPANY ?? "" },
  ],
  [],
  [{ from: at(1), name: "Loans", type: "cdp", owner: CUSTOMER ?? "" }],
];
const facts: Facts = {
  ...made,
  accounts: made.accounts.map((one, index) => ({
    ...(index === 3 ? comingAndGoing(one, { attempt: at(2), start: at(4), end: at(30), back: at(40) }) : one),
    descriptions: DESCRIPTIONS[index] ?? [],
  })),
};
const NOW = at(HOURS) - 30 * 60_000;

let world: FactsWorld;
beforeAll(async () => {
  world = await startFactsWorld(facts, NOW);
}, 120_000);
afterAll(() => world.close());

/** Returns what each account that counts held at a moment, unless its last snapshot is older than the last slot but one. */
function heldAt(moment: number): HeldFact[] {
  return facts.accounts
    .filter((account) => countsAt(account, moment))
    .map((account) => {
      const found = asOfFacts(account.records, moment);
      return { account, found: found && found.capturedAt >= moment - (moment % HOUR) - HOUR ? found : undefined };
    });
}

const moments = Array.from({ length: HOURS }, (_, hour) => at(hour) + 30 * 60_000);
const isWhole = (moment: number) => heldAt(moment).length > 2 && heldAt(moment).every(({ found }) => found);
const isPartial = (moment: number) => !isWhole(moment) && heldAt(moment).some(({ found }) => found);
/** A moment with all snapshots, and one at which an account lacks one. */
const [WHOLE, PARTIAL] = [moments.findLast(isWhole) ?? 0, moments.find(isPartial) ?? 0];

/** Returns what the accounts of a group have in common. */
const factsOf = (by: string, moment: number) => (held: HeldFact) => {
  const { account, found } = held;
  const time = found?.completedAt ?? moment;
  const known = account.descriptions?.findLast(({ from }) => from <= time) ?? account.descriptions?.[0];
  if (by === "type") return { type: known?.type ?? null };
  if (by === "owner") return { owner: known?.owner ?? null };
  return {
    ...{ accountId: account.accountId, accountName: nameOf(account, time) },
    slot: found ? instant(found.slot) : null,
    completedAt: found ? instant(found.completedAt) : null,
    assets: found?.holdings.size ?? null,
  };
};

const sumsOf = (by: string, held: readonly HeldFact[], moment: number, isSeries = false) =>
  by === "asset" ? assetSumsOf(held, isSeries) : groupSumsOf(held, factsOf(by, moment), isSeries);

/** Returns a row as CSV shows it, with the columns of the header. */
function csvOf(row: Readonly<Record<string, unknown>>, header: readonly string[]): Record<string, string> {
  const ratio = (count: unknown, of: unknown) => (of === undefined ? String(count ?? "") : `${count} of ${of}`);
  const textOf = (name: string) => {
    const value = row[name];
    if (name === "accounts") return ratio(row["accounts"], row["accountsOf"]);
    if (name === "coverage") return (row["of"] ?? 0) === 0 ? "" : ratio(row["covers"], row["of"]);
    return Array.isArray(value) ? value.join(" ") : String(value ?? "");
  };
  return Object.fromEntries(header.map((name) => [name, textOf(name)]));
}

describe("as-of and latest with --by", () => {
  it.each(["asset", "account", "owner"])("show the sums by %s, with or without a snapshot of all", async (by) => {
    for (const moment of [WHOLE, PARTIAL]) {
      const ended = await world.balances("as-of", "--at", instant(moment), "--by", by);

      const held = heldAt(moment);
      const expected = sumsOf(by, held, moment).map((row) => ({ at: instant(moment), ...row }));
      const missing = held.filter(({ found }) => found === undefined);
      expect(jsonRows(ended)).toEqual(expected);
      expect(ended.code).toBe(moment === PARTIAL ? 1 : 0);
      expect(ended.stderr.split("\n").length - 1).toBe(missing.length);
    }
  });

  it("show the newest sums in a table, with the total and what is unknown", async () => {
    const ended = await world.balances("latest", "--by", "type", "--wide");

    const held = facts.accounts.map((account) => ({ account, found: asOfFacts(account.records, NOW) }));
    const expected = sumsOf("type", held, NOW).map((row) =>
      csvOf(row, ["record", "type", "value", "share", "accounts"]),
    );
    expect(tableRows(ended)).toMatchObject(
      expected.map(({ record, type, ...row }) => ({
        ...row,
        type: record === "total" ? "total" : type || "unknown",
      })),
    );
    expect(ended).toMatchObject({ code: 0, stderr: "" });
  });
});

it("mentions the snapshots in the newest sums that are older than the last slot but one", async () => {
  const args = ["latest", "--by", "asset", "--table", world.tableName];

  const { code, stderr } = await runBalances(args, world.home, world.env, NOW + 3 * HOUR);

  expect(code).toBe(0);
  expect(stderr.trimEnd().split("\n")).toHaveLength(facts.accounts.length);
  expect(stderr).toMatch(
    /^Treasury \(account_\S+\): the newest snapshot was captured at 2026-11-01T00:00:0\S+Z\. Later slots/m,
  );
});

describe("totals with --by", () => {
  it.each(["asset", "owner"])("show no partial sum by %s at any step", async (by) => {
    const steps = evenSteps(at(6), at(HOURS - 1), HOUR * 3);

    const ended = await world.balances(
      ...["totals", "--by", by, "--every", "3h", "--from", instant(at(6)), "--to", instant(at(HOURS - 1))],
    );

    const rows = jsonRows(ended);
    for (const step of steps) {
      const active = facts.accounts.filter((account) => countsAt(account, step.at));
      const held = active.map((account) => ({ account, found: shownAtStep(account.records, step) }));
      const expected = sumsOf(by, held, step.at, true);
      const shown = rows.filter((row) => row["step"] === step.label);
      const known = by === "asset" ? shown.filter((row) => row["accounts"] !== 0) : shown;
      const ofStep = expected.map(({ record, ...row }) => ({
        ...{ step: step.label, open: false, record, ...row },
        ...(record === "total" && { ended: expect.any(Array) }),
      }));
      expect(known).toEqual(ofStep);
    }
    expect(ended.code).toBe(1);
    const totals = rows.filter((row) => row["record"] === "total");
    expect(new Set(totals.map((row) => row["value"] === null))).toEqual(new Set([true, false]));
    expect(totals.some((row) => (row["ended"] as string[]).length > 0)).toBe(true);
  });

  it("have a row without amounts for every asset of the step before, if an account lacks a snapshot", async () => {
    const rows = jsonRows(await world.balances("totals", "--by", "asset", "--every", "1h", "--from", instant(at(0))));

    const steps = [...new Set(rows.map((row) => row["step"]))];
    const assetsAt = steps.map((step) => rows.filter((row) => row["step"] === step && row["record"] === "sum"));
    const isPartial = (row: Record<string, unknown>) => row["record"] === "total" && String(row["without"]) !== "";
    const partial = steps.flatMap((step, index) =>
      rows.some((row) => row["step"] === step && isPartial(row)) ? index : [],
    );
    expect(partial.length).toBeGreaterThan(0);
    for (const index of partial) {
      const symbols = (assetsAt[index - 1] ?? []).map((row) => row["asset"]);
      expect(assetsAt[index]?.map((row) => row["asset"])).toEqual(expect.arrayContaining(symbols));
      expect(assetsAt[index]?.every((row) => row["value"] === null && row["quantity"] === null)).toBe(true);
    }
  });
});

describe("totals --every 1mo", () => {
  it("shows the closing balance of each month, and marks the month that has not ended", async () => {
    const ended = await world.balances("totals", "--every", "1mo", "--from", "2026-10", "--by", "account");

    const closes = [
      { step: "2026-10", open: false, close: Date.parse("2026-11-01T00:00:00.000Z") - 1 },
      { step: "2026-11", open: true, close: NOW },
    ];
    const expected = closes.map(({ step, open, close }) => {
      const held = facts.accounts.filter((account) => countsAt(account, close));
      const found = held.map((account) => ({ account, found: asOfFacts(account.records, close) }));
      return { step, open, value: groupSumsOf(found, factsOf("account", close)).at(-1)?.value };
    });
    const totals = jsonRows(ended).filter((row) => row["record"] === "total");
    expect(totals).toMatchObject(expected);
    expect(ended.code).toBe(0);
  });
});

describe("changes with --by value", () => {
  const [from, to] = [at(12) + 1, at(36) + 1];
  const RANGE = ["--from", instant(from), "--to", instant(to)];
  const range = { from: instant(from), to: instant(to) };
  const pairsBetween = (start: number, end: number) =>
    heldAt(start).flatMap(({ account, found: earlier }): PairFact[] => {
      const later = heldAt(end).find((held) => held.account === account)?.found;
      return earlier && later ? [{ accountId: account.accountId, earlier, later }] : [];
    });
  const pairs = pairsBetween(from, to);
  /** Ranges with an account that counts at both ends, and has only a snapshot that is too old at one of them. */
  const isStaleAt = (moment: number, other: number) =>
    heldAt(moment).some(
      ({ account, found }) =>
        !found &&
        asOfFacts(account.records, moment) &&
        heldAt(other).some((held) => held.account === account && held.found),
    );
  const ranges = moments.flatMap((start) => moments.filter((end) => end > start).map((end) => [start, end] as const));
  const isUseful = ([start, end]: readonly [number, number]) => pairsBetween(start, end).length > 0;
  const STALE_END = ranges.find((one) => isUseful(one) && isStaleAt(one[1], one[0]));
  const STALE_START = ranges.find((one) => isUseful(one) && isStaleAt(one[0], one[1]));
  /** The account that ended in between. */
  const without = [facts.accounts[3]?.accountId ?? ""];

  it.each([3, 100])("rank the %i largest changes of all accounts together, and say what is left out", async (top) => {
    const ended = await world.balances("changes", "--by", "value", "--top", String(top), ...RANGE);

    const { shown, total } = rankingOf(pairs, top, without);
    expect(jsonRows(ended)).toEqual([...shown, total].map((row) => ({ ...row, ...range })));
    expect(ended).toMatchObject({ code: 0, stderr: expect.stringMatching(/^Loans \(account_\S+ ended at .*\n$/) });
    expect(new Set(shown.map(({ value }) => value === null))).toEqual(new Set(top === 100 ? [false, true] : [false]));
  });

  it.each([
    ["later", "list", "--unchanged"],
    ["earlier", "ranking", "--by"],
  ])("leave out an account whose %s snapshot is too old, in a %s", async (end, _, option) => {
    const [start, close] = (end === "later" ? STALE_END : STALE_START) as [number, number];
    const args = option === "--by" ? ["--by", "value"] : [option];

    const ended = await world.balances("changes", ...args, "--from", instant(start), "--to", instant(close));

    const compared = pairsBetween(start, close);
    const rows = jsonRows(ended);
    const ids = option === "--by" ? rows.at(-1)?.["accounts"] : new Set(rows.map((row) => row["accountId"])).size;
    expect(ids).toBe(compared.length);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(/: the last snapshot before \S+ was captured .* Run balances gaps, and compare times/);
  });

  it("show nothing, and fail, long after the last run", async () => {
    const args = ["changes", "--by", "value", "--table", world.tableName];

    const { code, stdout, stderr } = await runBalances(args, world.home, world.env, NOW + 240 * HOUR);

    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr.match(/ was captured 10 days earlier, /g)).toHaveLength(facts.accounts.length);
  });

  it("rank the changes of each account with --per-account, in CSV", async () => {
    const ended = await world.balances(
      ...["changes", "--by", "value", "--top", "2", "--per-account", ...RANGE, "--format", "csv"],
    );

    const { header, rows } = csvRows(ended);
    const expected = pairs.flatMap((pair) => {
      const account = facts.accounts.find(({ accountId }) => accountId === pair.accountId);
      const accountName = account ? nameOf(account, pair.later.completedAt) : null;
      const { shown, total } = rankingOf([pair], 2);
      return [...shown, total].map((row) => ({ accountId: pair.accountId, accountName, ...row, ...range }));
    });
    expect(header.join()).toBe(
      "record,accountId,accountName,from,to,asset,name,state,fromTotal,toTotal,quantity,quantityPercent,fromPrice,toPrice,denomination,fromValue,toValue,value,valuePercent,quantityEffect,priceEffect,accounts,coverage,notShown,fromCapturedAt,toCapturedAt,unpriced,unsettled,without,altered",
    );
    expect(rows).toEqual(expected.map((row) => csvOf(row, header)));
  });
});
