import { describe, expect, it } from "@jest/globals";
import { csvRows, jsonRows, tableRows } from "../../support/history-cli.ts";
import { HOUR, MINUTE, oddAssets } from "../../support/history-facts.ts";
import {
  completeOf,
  dailySteps,
  evenSteps,
  holdingRowOf,
  instant,
  lastCapturedIn,
  totalRowOf,
  totalRowOfAll,
} from "../../support/history-naive.ts";
import { none, wallTime } from "../../support/history-words.ts";
import {
  account,
  calmMoment,
  day,
  dayAt,
  FROM,
  facts,
  ids,
  momentAt,
  SYDNEY,
  ZURICH,
} from "../../support/history-world.ts";
import { world } from "./world.ts";

// The commands for a range of time, compared with an independent computation from the facts.

const { wandering = "" } = oddAssets(31);
/** From the day before the first record to the day before the last. */
const RANGE = ["2024-03-28", dayAt(0.99)] as const;

/** Returns the days of RANGE in a time zone. */
function daysOfRange(timezone: string) {
  return dailySteps(day(RANGE[0], timezone).start, day(RANGE[1], timezone).end, 1, timezone);
}

describe("history", () => {
  it("shows an asset in every snapshot, held or absent, and no row for a gap", async () => {
    const [from, to] = [calmMoment(momentAt(0.05)), calmMoment(momentAt(0.6))];

    const ended = await world.balances(
      "history",
      "--asset",
      wandering,
      "--from",
      instant(from),
      "--to",
      instant(to - 1),
    );

    const expected = facts.accounts.flatMap(({ accountId, records }) =>
      completeOf(records)
        .filter(({ capturedAt }) => capturedAt >= from && capturedAt < to)
        .map((fact) => holdingRowOf(accountId, wandering, fact)),
    );
    expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code: 0, stderr: "" });
    expect(jsonRows(ended)).toEqual(expected);
    expect(new Set(expected.map(({ state }) => state))).toEqual(new Set(["held", "absent"]));
  });

  it("selects snapshots by capture, not by slot", async () => {
    const late = completeOf(account(0).records).find(
      ({ trigger, slot, capturedAt }) => trigger === "schedule" && capturedAt - slot > 10 * MINUTE,
    );
    const [from, to] = [(late?.slot ?? 0) + MINUTE, late?.capturedAt ?? 0];

    const ended = await world.balances(
      ...["history", "--asset", "btc", "--account", ids[0] ?? ""],
      ...["--from", instant(from), "--to", instant(to)],
    );

    const expected = completeOf(account(0).records)
      .filter(({ capturedAt }) => capturedAt >= from && capturedAt <= to)
      .map((fact) => holdingRowOf(ids[0] ?? "", "btc", fact));
    expect(expected).toContainEqual(expect.objectContaining({ slot: instant(late?.slot ?? 0) }));
    expect(jsonRows(ended)).toEqual(expected);
  });

  it.each([ZURICH, SYDNEY])(
    "shows the last snapshot of each day of %s with --every, or a gap, in CSV",
    async (timezone) => {
      const ended = await world.balances(
        ...["history", "--asset", wandering, "--from", RANGE[0], "--to", RANGE[1], "--every", "1d"],
        ...["--timezone", timezone, "--format", "csv"],
      );

      const { header, rows } = csvRows(ended);
      const expected = facts.accounts.flatMap(({ accountId, records }) =>
        daysOfRange(timezone).map(({ after, at }) =>
          holdingRowOf(accountId, wandering, lastCapturedIn(records, after, at), at),
        ),
      );
      expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code: 0, stderr: "" });
      expect(header.join()).toBe(
        "step,slot,capturedAt,accountId,asset,state,available,total,hold,denomination,valueAvailable,valueTotal",
      );
      expect(rows).toEqual(
        expected.map(({ values, step = "", slot, capturedAt, ...row }) => ({
          ...row,
          step: wallTime(step, timezone),
          slot: wallTime(slot, timezone),
          capturedAt: wallTime(capturedAt, timezone),
          available: none(row.available),
          total: none(row.total),
          hold: none(row.hold),
          denomination: "usd",
          valueAvailable: none(values.usd?.available),
          valueTotal: none(values.usd?.total),
        })),
      );
      expect(new Set(rows.map(({ state }) => state))).toEqual(new Set(["held", "absent", "gap"]));
      expect(new Set(rows.map(({ step }) => step?.slice(11, 19)))).toEqual(new Set(["00:00:00"]));
    },
  );

  it("aligns decimal points in a table, and shows a dash for no value", async () => {
    const { code, stdout } = await world.balances(
      ...["history", "--asset", "btc", "--account", ids[0] ?? "", "--every", "6h", "--format", "table"],
      ...["--from", "2024-03-28", "--to", "2024-04-02"],
    );

    const { titles, rows } = tableRows(stdout);
    const gaps = rows.filter((row) => row[titles.indexOf("state")] === "gap");
    const points = stdout
      .split("\n")
      .filter((line) => line.includes(" held "))
      .map((line) => line.indexOf(".", line.indexOf(" held ")));
    expect(code).toBe(0);
    expect(titles.slice(0, 6)).toEqual(["step", "slot", "capturedAt", "accountId", "asset", "state"]);
    expect(rows).toHaveLength(24);
    expect(gaps.length).toBeGreaterThanOrEqual(4);
    for (const row of gaps) expect([row[1], row[titles.indexOf("total")], row.at(-1)]).toEqual(["–", "–", "–"]);
    expect(points.length).toBeGreaterThan(5);
    expect(new Set(points).size).toBe(1);
  });

  it("reads nothing before the first record, however early the range starts", async () => {
    const { code, stdout, stderr } = await world.balances(
      ...["history", "--asset", "btc", "--account", ids[2] ?? "", "--from", "2021-01-01", "--to", "2024-03-29"],
      "--verbose",
    );

    const requests = Number(/(\d+) requests, /.exec(stderr)?.[1]);
    expect(code).toBe(0);
    expect(stdout.split("\n").length).toBeGreaterThan(15);
    expect(requests).toBeLessThan(20);
  });
});

/** Returns the expected rows of `totals` at steps. */
function totalsAt(steps: readonly { after: number; at: number }[]) {
  return steps.flatMap(({ after, at }) => {
    const rows = facts.accounts.map(({ accountId, records }) =>
      totalRowOf(accountId, lastCapturedIn(records, after, at)),
    );
    return [...rows, totalRowOfAll(rows)].map((row) => ({ step: instant(at), ...row }));
  });
}

describe("totals", () => {
  it("shows each account and all accounts for each day, and ends with 1 if one has no snapshot", async () => {
    const ended = await world.balances("totals", "--from", RANGE[0], "--to", RANGE[1], "--timezone", ZURICH);

    const expected = totalsAt(daysOfRange(ZURICH));
    expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code: 1, stderr: "" });
    expect(jsonRows(ended)).toEqual(expected);
    expect(expected.some(({ partial }) => partial)).toBe(true);
    expect(expected.some(({ accountId, partial }) => accountId === "all" && !partial)).toBe(true);
  });

  it.each([
    ["six hours, read step by step", 6, 1],
    ["hour, read from all records", 1, 0.45],
  ])("shows coverage, missing assets and partial totals every %s", async (_, hours, share) => {
    const to = momentAt(share) - HOUR;

    const ended = await world.balances(
      ...["totals", "--from", instant(FROM), "--to", instant(to), "--every", `${hours}h`],
    );

    const expected = totalsAt(evenSteps(FROM, to, hours * HOUR));
    const all = expected.filter(({ accountId }) => accountId === "all");
    expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code: 1, stderr: "" });
    expect(jsonRows(ended)).toEqual(expected);
    expect(all.some(({ without }) => without.length === (hours === 1 ? 1 : 3))).toBe(true);
    expect(all.some(({ partial, covers, of }) => !partial && covers < of)).toBe(true);
  });

  it("counts an account once if it is named twice", async () => {
    const range = ["--from", instant(FROM), "--to", instant(FROM + 12 * HOUR)];
    const totalsOf = (...accounts: string[]) => world.balances("totals", ...range, "--account", ...accounts);

    const [twice, once] = [
      await totalsOf(ids[0] ?? "", ids[1] ?? "", ids[0] ?? ""),
      await totalsOf(...ids.slice(0, 2)),
    ];

    expect(jsonRows(twice).length).toBeGreaterThan(2);
    expect(twice).toEqual(once);
  });

  it("shows the coverage of one account in CSV, and ends with 0 if no snapshot is missing", async () => {
    // The first two steps in a row with a snapshot of the large account.
    const steps = evenSteps(FROM + 12 * HOUR, facts.to, 12 * HOUR);
    const rowAt = ({ after, at }: { after: number; at: number }) =>
      totalRowOf(ids[1] ?? "", lastCapturedIn(account(1).records, after, at));
    const first = steps.findIndex((step, at) => [step, steps[at + 1] ?? step].every((one) => !rowAt(one).partial));
    const shown = steps.slice(first, first + 2);

    const ended = await world.balances(
      ...["totals", "--from", instant(shown[0]?.at ?? 0), "--to", instant(shown[1]?.at ?? 0), "--every", "12h"],
      ...["--account", ids[1] ?? "", "--format", "csv"],
    );

    const { header, rows } = csvRows(ended);
    expect(header.join()).toBe("step,accountId,denomination,available,total,coverage,missing,partial");
    expect(rows).toEqual(
      shown.map((step) => {
        const { available, total, covers, of, missing } = rowAt(step);
        return {
          ...{ step: instant(step.at), accountId: ids[1], denomination: "usd", available, total },
          ...{ coverage: `covers ${covers} of ${of}`, missing: missing.join(" "), partial: "" },
        };
      }),
    );
    expect(rows.map(({ missing }) => missing)).toContainEqual(expect.stringContaining(oddAssets(100).priceless ?? "-"));
    expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code: 0, stderr: "" });
  });
});

describe("chart", () => {
  it("draws a column per step, and shows the first and the last amount", async () => {
    const [from, to] = [FROM, facts.to];

    const ended = await world.balances(
      ...["chart", "--asset", wandering, "--account", ids[0] ?? ""],
      ...["--from", instant(from), "--to", instant(to)],
    );

    const columns = 80;
    const width = (to - from) / columns;
    const amounts = Array.from({ length: columns }, (_, at) => {
      const fact = lastCapturedIn(account(0).records, from + at * width, from + (at + 1) * width);
      return fact?.holdings.get(wandering)?.total;
    });
    const known = amounts.filter((amount) => amount !== undefined);
    const lines = ended.stdout.split("\n");
    const [axis = "", marks = ""] = lines.slice(-5);
    expect(ended).toMatchObject({ code: 0, stderr: "" });
    expect(lines[0]).toBe(`${ids[0]}: ${wandering}, ${instant(from)} to ${instant(to)}`);
    expect(lines.at(-3)).toContain(`first ${known[0]}, last ${known.at(-1)};`);
    expect(amounts.map((_, at) => marks[axis.indexOf("└") + 1 + at] === "·")).toEqual(
      amounts.map((amount) => amount === undefined),
    );
    expect(ended.stdout.split("●")).toHaveLength(known.length + 1);
  });
});
