import type { FactsWorld } from "../support/facts-world.ts";
import { csvRows, jsonRows } from "../support/history-cli.ts";
import { type AccountFacts, HOUR, MINUTE } from "../support/history-facts.ts";
import { oddAssets } from "../support/history-holdings.ts";
import {
  asOfFacts,
  completeOf,
  countsAt,
  csvRowOf,
  daySteps,
  evenSteps,
  holdingRowOf,
  instant,
  type StepFact,
  shownAtStep,
  totalRowOf,
  totalRowOfAll,
  wallTime,
} from "../support/history-naive.ts";
import { coverageRowsOf, gapRowsOf } from "../support/history-naive-gaps.ts";
import { changeRowsOf } from "../support/history-naive-sums.ts";
import {
  ASSETS,
  account,
  completedIn,
  day,
  dayAt,
  FROM,
  facts,
  ids,
  momentAt,
  namedRow,
  SYDNEY,
  startHistoryWorld,
  ZURICH,
} from "../support/history-world.ts";
import { beforeAll, describe, expect, it } from "../support/jest.ts";

// The commands for a range of time, compared with an independent computation from the facts.

let world: FactsWorld;
beforeAll(async () => {
  world = await startHistoryWorld();
}, 900_000);

const { wandering = "" } = oddAssets(ASSETS[0]);
/** From the day before the first record to the day before the last. */
const [FIRST_DAY, LAST_DAY] = ["2002-03-28", dayAt(0.9)] as const;
const RANGE = ["--from", FIRST_DAY, "--to", LAST_DAY];
const rangeIn = (timezone = "UTC") => ({ start: day(FIRST_DAY, timezone).start, end: day(LAST_DAY, timezone).end });

const daysIn = (timezone: string) => daySteps(rangeIn(timezone).start, rangeIn(timezone).end, timezone);

describe("history", () => {
  it("shows every snapshot by its completion, not by its slot, held or absent, and no row for a gap", async () => {
    // A range that starts after the slot of a late snapshot, and contains its completion.
    const late = completeOf(account(0).records).find(
      ({ trigger, slot, capturedAt }) => trigger === "schedule" && capturedAt - slot > 10 * MINUTE,
    );
    const [from, to] = [(late?.slot ?? 0) + MINUTE, momentAt(0.6)];

    const ended = await world.balances(
      ...["history", "--asset", wandering, "--account", ids[0] ?? ""],
      ...["--from", instant(from), "--to", instant(to)],
    );

    const expected = completedIn(0, from, to).map((fact) =>
      namedRow(holdingRowOf(ids[0] ?? "", wandering, fact), fact.completedAt),
    );
    expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code: 0, stderr: "" });
    expect(jsonRows(ended)).toEqual(expected);
    expect(expected).toContainEqual(expect.objectContaining({ slot: instant(late?.slot ?? 0) }));
    expect(new Set(expected.map(({ state }) => state))).toEqual(new Set(["held", "absent"]));
  });

  it("shows each day of a time zone with --every, or a gap, in CSV", async () => {
    const timezone = ZURICH;
    const ended = await world.balances(
      ...["history", "--asset", wandering, ...RANGE, "--every", "1d", "--timezone", timezone, "--format", "csv"],
    );

    const { header, rows } = csvRows(ended);
    const expected = facts.accounts.flatMap((one) =>
      daysIn(timezone)
        .filter(({ at }) => countsAt(one, at))
        .map((step) => namedRow(holdingRowOf(one.accountId, wandering, shownAtStep(one.records, step), step), step.at)),
    );
    const hasGap = expected.some(({ state }) => state === "gap");
    expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code: hasGap ? 1 : 0, stderr: "" });
    expect(header.join()).toBe(
      "step,open,slot,capturedAt,completedAt,accountId,accountName,asset,state,available,total,hold,denomination,valueAvailable,valueTotal,altered",
    );
    expect(rows).toEqual(
      expected.map(({ open, ...row }) => ({
        ...csvRowOf(row),
        open: open ? "open" : "",
        slot: wallTime(row.slot, timezone),
        capturedAt: wallTime(row.capturedAt, timezone),
        completedAt: wallTime(row.completedAt, timezone),
      })),
    );
    expect(new Set(rows.map(({ state }) => state))).toEqual(new Set(["held", "absent", "gap"]));
    expect([rows[0]?.["step"], rows.at(-1)?.["step"]]).toEqual([dayAt(0), LAST_DAY]);
  });
});

describe("totals", () => {
  /** Returns the expected rows at steps. */
  const totalsAt = (steps: readonly StepFact[]) =>
    steps.flatMap((step) => {
      const rows = facts.accounts
        .filter((one) => countsAt(one, step.at))
        .map(({ accountId, records }) => totalRowOf(accountId, shownAtStep(records, step)));
      const hasEnded = (one: AccountFacts) =>
        !countsAt(one, step.at) && one.ends?.some(({ slot }) => slot > (steps[0]?.after ?? 0) && slot <= step.at);
      const ended = facts.accounts.filter(hasEnded).map(({ accountId }) => accountId);
      return [...rows, totalRowOfAll(rows, ended)].map((row) => ({
        ...{ step: step.label, open: step.open },
        ...namedRow(row, step.at),
      }));
    });

  const hours = evenSteps(FROM, momentAt(0.45) - HOUR, HOUR);

  it.each([
    ["day, by default, read step by step", daysIn(ZURICH), [...RANGE, "--timezone", ZURICH]],
    [
      "hour, read from all records",
      hours,
      ["--from", instant(FROM), "--to", instant(momentAt(0.45) - HOUR), "--every", "1h"],
    ],
  ])("shows coverage, missing assets and partial totals every %s, and ends with 1", async (_, steps, options) => {
    const ended = await world.balances("totals", ...options);

    const expected = totalsAt(steps);
    const all = expected.filter(({ accountId }) => accountId === "all");
    const note = /^The first snapshot was completed at 2002\S.*\. Earlier steps have no total\.\n$/;
    expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code: 1, stderr: expect.stringMatching(note) });
    expect(all[0]).toMatchObject({ accounts: 0, total: null });
    expect(jsonRows(ended)).toEqual(expected);
    expect(all.some(({ partial }) => partial)).toBe(true);
    expect(new Set(all.map(({ accounts }) => accounts)).size).toBeGreaterThan(1);
    expect(all.some(({ partial, covers, of }) => !partial && covers < of)).toBe(true);
  });
});

describe("gaps", () => {
  const gapsIn = ({ start, end }: { start: number; end: number }) =>
    facts.accounts.flatMap((one) => gapRowsOf(one, start, end).map((row) => namedRow(row, Date.parse(row.slot))));

  it("shows every slot without a complete snapshot, with its reason, and ends with 1", async () => {
    const ended = await world.balances("gaps", ...RANGE);

    const expected = gapsIn(rangeIn());
    expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code: 1, stderr: "" });
    expect(jsonRows(ended)).toEqual(expected);
    expect(new Set(expected.map(({ code }) => code)).size).toBe(5);
  });

  it("says that no slot is expected in a range before the history", async () => {
    const { code, stdout } = await world.balances("gaps", "--from", "2000", "--to", "2001", "--format", "table");

    expect({ code, stdout }).toEqual({ code: 0, stdout: "no gaps: no slot is expected in this range\n" });
  });

  it("shows the coverage of each month of a time zone, never rounded up", async () => {
    const ended = await world.balances("gaps", ...RANGE, "--timezone", SYDNEY, "--coverage");

    const { start, end } = rangeIn(SYDNEY);
    const expected = facts.accounts.flatMap((one) => coverageRowsOf(one, start, end, SYDNEY));
    expect(jsonRows(ended)).toEqual(expected);
    expect(new Set(expected.map(({ month }) => month)).size).toBeGreaterThan(1);
  });
});

describe("changes", () => {
  const changesOf = (from: number, to: number) =>
    facts.accounts.flatMap((one) => {
      const { accountId, records } = one;
      const [earlier, later] = [asOfFacts(records, from), asOfFacts(records, to)];
      return earlier && later && [from, to].every((at) => countsAt(one, at))
        ? changeRowsOf(accountId, earlier, later).map((row) => namedRow(row, later.completedAt))
        : [];
    });

  it("ends with 1 if no account has a snapshot at both ends", async () => {
    const { code, stdout } = await world.balances("changes", "--from", "2000", "--to", "2001");

    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  });

  it("shows every asset with --unchanged, across the outage", async () => {
    const [from, to] = [dayAt(0.3), dayAt(0.66)];
    const ended = await world.balances("changes", "--from", from, "--to", to, "--unchanged");

    expect(ended.code).toBe(0);
    expect(ended.stderr).toMatch(
      new RegExp(`^Payouts \\(${ids[3]}\\) ended at [^\\n]*: The configuration no longer has the account\\.\n$`),
    );
    expect(jsonRows(ended)).toEqual(changesOf(day(from).start, day(to).end));
  });

  it("shows assets whose quantity changed, in CSV", async () => {
    const [from, to] = [dayAt(0.3), dayAt(0.3)];
    const ended = await world.balances("changes", "--from", from, "--to", to, "--format", "csv");

    const { header, rows } = csvRows(ended);
    const changed = changesOf(day(from).start, day(to).end).filter(({ state }) => state !== "unchanged");
    expect(header.join()).toBe(
      "accountId,accountName,asset,state,fromTotal,toTotal,quantity,quantityPercent,fromPrice,toPrice,denomination,fromValue,toValue,value,valuePercent,quantityEffect,priceEffect,fromSlot,fromCapturedAt,fromCompletedAt,toSlot,toCapturedAt,toCompletedAt,altered",
    );
    expect(rows).toEqual(changed.map(csvRowOf));
    expect(new Set(rows.map(({ state }) => state)).size).toBeGreaterThan(1);
  });
});

describe("the selection of accounts", () => {
  it.each([
    [["--account", "Treasury"], [0]],
    [
      ["--owner", "entity", "--account", "*t*"],
      [0, 1],
    ],
  ])("%j selects accounts by name, type or owner", async (options, expected) => {
    const ended = await world.balances("latest", ...options);

    const shown = [...new Set(jsonRows(ended).map(({ accountId }) => accountId))];
    expect({ code: ended.code, shown }).toEqual({ code: 0, shown: expected.map((at) => ids[at]) });
  });

  it("does not report what the accounts of a glob lack, only that of a named account", async () => {
    const ended = await Promise.all(
      [["Payouts"], ["*"], ["Payouts", "T*"]].map((accounts) =>
        world.balances("as-of", "--at", instant(momentAt(0.15)), "--account", ...accounts),
      ),
    );

    expect(ended[0]?.stderr).toMatch(/^Payouts \(account_\S+\) has no snapshot before/);
    expect(ended[1]?.stderr).not.toContain("Payouts");
    expect(ended[2]?.stderr).toMatch(/^Payouts \(account_\S+\) has no snapshot before/m);
  });
});
