import { readFileSync } from "node:fs";
import { join } from "node:path";
import { reportFromJson } from "../../report-page/data/packing.ts";
import type { FactsWorld } from "../support/facts-world.ts";
import { csvRows, type Ended, jsonRows, tableRows } from "../support/history-cli.ts";
import { type AccountFacts, HOUR, MINUTE, oddAssets, type SnapshotFact } from "../support/history-facts.ts";
import {
  asOfFacts,
  completeOf,
  countsAt,
  coverageRowsOf,
  daySteps,
  evenSteps,
  gapRowsOf,
  holdingRowOf,
  instant,
  type StepFact,
  shownAtStep,
  totalRowOf,
  totalRowOfAll,
} from "../support/history-naive.ts";
import { csvRowOf, wallTime } from "../support/history-words.ts";
import {
  account,
  day,
  dayAt,
  FROM,
  facts,
  ids,
  momentAt,
  SYDNEY,
  startHistoryWorld,
  ZURICH,
} from "../support/history-world.ts";
import { afterAll, beforeAll, describe, expect, it } from "../support/jest.ts";
import { sumByBigInt } from "../unit/domain/decimal.ts";

// The commands for a range of time, compared with an independent computation from the facts.

let world: FactsWorld;
beforeAll(async () => {
  world = await startHistoryWorld();
}, 900_000);
afterAll(() => world.close());

const { wandering = "" } = oddAssets(31);
/** From the day before the first record to the day before the last. */
const [FIRST_DAY, LAST_DAY] = ["2024-03-28", dayAt(0.9)] as const;
const RANGE = ["--from", FIRST_DAY, "--to", LAST_DAY];
const rangeIn = (timezone = "UTC") => ({ start: day(FIRST_DAY, timezone).start, end: day(LAST_DAY, timezone).end });

const daysIn = (timezone: string) => daySteps(rangeIn(timezone).start, rangeIn(timezone).end, timezone);

function capturedIn(at: number, start: number, end: number): SnapshotFact[] {
  return completeOf(account(at).records).filter(({ capturedAt }) => capturedAt >= start && capturedAt <= end);
}

describe("history", () => {
  it("shows every snapshot by its capture, not by its slot, held or absent, and no row for a gap", async () => {
    // A range that starts after the slot of a late capture, and contains the capture.
    const late = completeOf(account(0).records).find(
      ({ trigger, slot, capturedAt }) => trigger === "schedule" && capturedAt - slot > 10 * MINUTE,
    );
    const [from, to] = [(late?.slot ?? 0) + MINUTE, momentAt(0.6)];

    const ended = await world.balances(
      ...["history", "--asset", wandering, "--account", ids[0] ?? ""],
      ...["--from", instant(from), "--to", instant(to)],
    );

    const expected = capturedIn(0, from, to).map((fact) => holdingRowOf(ids[0] ?? "", wandering, fact));
    expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code: 0, stderr: "" });
    expect(jsonRows(ended)).toEqual(expected);
    expect(expected).toContainEqual(expect.objectContaining({ slot: instant(late?.slot ?? 0) }));
    expect(new Set(expected.map(({ state }) => state))).toEqual(new Set(["held", "absent"]));
  });

  it.each([ZURICH, SYDNEY])("shows each day of %s with --every, or a gap, in CSV", async (timezone) => {
    const ended = await world.balances(
      ...["history", "--asset", wandering, ...RANGE, "--every", "1d", "--timezone", timezone, "--format", "csv"],
    );

    const { rows } = csvRows(ended);
    const expected = facts.accounts.flatMap((one) =>
      daysIn(timezone)
        .filter(({ at }) => countsAt(one, at))
        .map((step) => holdingRowOf(one.accountId, wandering, shownAtStep(one.records, step), step)),
    );
    expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code: 0, stderr: "" });
    expect(rows).toEqual(
      expected.map(({ open, ...row }) => ({
        ...csvRowOf(row),
        open: open ? "open" : "",
        slot: wallTime(row.slot, timezone),
        capturedAt: wallTime(row.capturedAt, timezone),
      })),
    );
    expect(new Set(rows.map(({ state }) => state))).toEqual(new Set(["held", "absent", "gap"]));
    expect([rows[0]?.["step"], rows.at(-1)?.["step"]]).toEqual([dayAt(0), LAST_DAY]);
  });

  it("ends in the same way whatever its start, on a day on which an hour occurs twice", async () => {
    const last = ["--every", "1d", "--timezone", SYDNEY, "--to", "2024-04-07T04:00", "--from"];

    const [long, short] = await Promise.all(
      ["2024-03-30T02:30", "2024-04-06T02:30"].map((from) =>
        world.balances("history", "--asset", "btc", ...last, from),
      ),
    );

    const [rows, some] = [long, short].map((ended) => jsonRows(ended as Ended));
    const counting = facts.accounts.filter((one) =>
      ["2024-04-06T13:00:00Z", "2024-04-06T18:00:00Z"].every((close) => countsAt(one, Date.parse(close))),
    );
    expect(counting.length).toBeGreaterThanOrEqual(3);
    for (const { accountId: id } of counting) {
      const own = (all: typeof rows) => all?.filter(({ accountId }) => accountId === id).slice(-2);
      expect(own(rows)).toEqual(own(some));
      expect(own(some)?.map(({ step, open }) => [step, open])).toEqual([
        ["2024-04-06", false],
        ["2024-04-07", true],
      ]);
    }
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
      return [...rows, totalRowOfAll(rows, ended)].map((row) => ({ step: step.label, open: step.open, ...row }));
    });

  const fromStart = ["--from", instant(FROM), "--to"];
  const sixHours = evenSteps(FROM, facts.to - 5 * HOUR, 6 * HOUR);
  const hours = evenSteps(FROM, momentAt(0.45) - HOUR, HOUR);

  it.each([
    ["day, by default", daysIn(ZURICH), [...RANGE, "--timezone", ZURICH]],
    ["six hours, read step by step", sixHours, [...fromStart, instant(facts.to - 5 * HOUR), "--every", "6h"]],
    ["hour, read from all records", hours, [...fromStart, instant(momentAt(0.45) - HOUR), "--every", "1h"]],
  ])("shows coverage, missing assets and partial totals every %s, and ends with 1", async (_, steps, options) => {
    const ended = await world.balances("totals", ...options);

    const expected = totalsAt(steps);
    const all = expected.filter(({ accountId }) => accountId === "all");
    const note = /^The first snapshot was completed at 2024\S.*\. Earlier steps have no total\.\n$/;
    expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code: 1, stderr: expect.stringMatching(note) });
    expect(all[0]).toMatchObject({ accounts: 0, total: null });
    expect(jsonRows(ended)).toEqual(expected);
    expect(all.some(({ partial }) => partial)).toBe(true);
    expect(new Set(all.map(({ accounts }) => accounts)).size).toBeGreaterThan(1);
    expect(all.some(({ partial, covers, of }) => !partial && covers < of)).toBe(true);
  });

  it("shows at a day what as-of shows at its close", async () => {
    const dates = daysIn(ZURICH)
      .filter((step) => facts.accounts.every(({ records }) => shownAtStep(records, step)))
      .map(({ label }) => label);
    const date = dates[0] ?? "";
    const zone = ["--timezone", ZURICH];

    const totals = await world.balances("totals", "--from", date, "--to", date, "--every", "1d", ...zone);
    const held = jsonRows(await world.balances("as-of", "--at", date, ...zone));

    const usdOf = ({ values }: Record<string, unknown>) => (values as { usd?: { total: string } }).usd?.total ?? "0";
    const values = ids.map((id) => sumByBigInt(held.filter(({ accountId }) => accountId === id).map(usdOf)));
    expect(
      jsonRows(totals).map(({ step, open, total }) => ({ step, open, total: sumByBigInt([String(total)]) })),
    ).toEqual([...values, sumByBigInt(values)].map((total) => ({ step: date, open: false, total })));
  });
});

describe("gaps", () => {
  const gapsIn = ({ start, end }: { start: number; end: number }) =>
    facts.accounts.flatMap((one) => gapRowsOf(one, start, end));

  it("shows every slot without a complete snapshot, with its reason, and ends with 1", async () => {
    const ended = await world.balances("gaps", ...RANGE);

    const expected = gapsIn(rangeIn());
    expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code: 1, stderr: "" });
    expect(jsonRows(ended)).toEqual(expected);
    expect(new Set(expected.map(({ code }) => code)).size).toBe(5);
  });

  it.each([ZURICH, SYDNEY])("shows the coverage of each month of %s, never rounded up", async (zone) => {
    const ended = await world.balances("gaps", ...RANGE, "--timezone", zone, "--coverage");

    const { start, end } = rangeIn(zone);
    const expected = facts.accounts.flatMap((one) => coverageRowsOf(one, start, end, zone));
    expect(jsonRows(ended)).toEqual(expected);
    expect(new Set(expected.map(({ month }) => month)).size).toBeGreaterThan(1);
  });
});

describe("the formats of a command", () => {
  const range = ["--from", dayAt(0.4), "--to", dayAt(0.6)];
  const amounts = "available,total,hold,denomination,valueAvailable,valueTotal";
  const gaps = "accountId,slot,trigger,code,attempts,lastTriedAt,message";

  const commands = [
    { args: ["accounts"], header: "accountId,state,since,lastSlot,lastCapturedAt,age,gaps,ended,reason,lastError" },
    {
      args: ["history", "--asset", "btc", "--every", "6h", ...range],
      header: `step,open,slot,capturedAt,accountId,asset,state,${amounts}`,
    },
    {
      args: ["totals", "--every", "6h", ...range],
      header: "step,open,accountId,denomination,available,total,accounts,coverage,missing,without,ended",
    },
    {
      args: ["changes", ...range],
      header:
        "accountId,asset,state,fromTotal,toTotal,quantity,denomination,fromValue,toValue,value,fromSlot,fromCapturedAt,toSlot,toCapturedAt",
    },
    { args: ["gaps", ...range], header: gaps },
    { args: ["gaps", "--coverage", ...range], header: "accountId,month,expected,complete,percent" },
    { args: ["gaps", "--account", ids[0] ?? "", "--from", dayAt(0.9), "--to", dayAt(0.9)], header: gaps },
  ].map(({ args, header }) => ({ command: args.slice(0, 2).join(" "), args, header }));

  /** Returns a field of CSV for an object in JSON, with local times. */
  function csvField(row: Record<string, unknown>, name: string): string {
    const { usd } = (row["values"] ?? {}) as { usd?: { available: string; total: string } };
    const texts: Record<string, unknown> = {
      ...row,
      open: row["open"] === true ? "open" : "",
      coverage: row["of"] === 0 ? "" : `covers ${row["covers"]} of ${row["of"]}`,
      denomination: "usd",
      valueAvailable: usd?.available,
      valueTotal: usd?.total,
    };
    const text = [texts[name] ?? ""].flat().join(" ");
    return /^[-\d]{10}T[:.\d]+Z$/.test(text) ? wallTime(text, ZURICH) : text;
  }

  it.each(commands)("state the same facts, with the same exit code: $command", async ({ args, header }) => {
    const [json, csv, table] = await Promise.all(
      ["json", "csv", "table"].map((format) => world.balances(...args, "--timezone", ZURICH, "--format", format)),
    );

    const rows = jsonRows(json as Ended);
    const inCsv = csvRows(csv as Ended);
    const shown = tableRows(table as Ended, ids);
    expect([csv?.code, table?.code, csv?.stderr, table?.stderr]).toEqual([
      ...[json?.code, json?.code, json?.stderr, json?.stderr],
    ]);
    expect([inCsv.header.join(), inCsv.rows.length, shown.length]).toEqual([header, rows.length, rows.length]);
    for (const [at, row] of rows.entries()) {
      for (const [name, text] of Object.entries(inCsv.rows[at] ?? {})) {
        if (name !== "age") expect([name, text]).toEqual([name, csvField(row, name)]);
        // A table leaves out columns without any value.
        expect([name, shown[at]?.[name] ?? "–"]).toEqual([name, text || "–"]);
      }
    }
  });

  it.each([["latest"], ["as-of", "--at", instant(momentAt(0.6))]])("have the same balances: %s", async (...args) => {
    const [json, csv, table] = await Promise.all(
      ["json", "csv", "table"].map((format) => world.balances(...args, "--format", format)),
    );

    const rows = jsonRows(json as Ended);
    expect([csv?.code, table?.code]).toEqual([json?.code, json?.code]);
    expect(csvRows(csv as Ended).rows).toHaveLength(rows.length);
    for (const { asset, total } of rows) {
      expect((table as Ended).stdout).toMatch(new RegExp(`^${asset} .* ${String(total).replace(".", "\\.")}`, "m"));
    }
  });
});

describe("export", () => {
  const rowsOf = (accountId: string, { slot, capturedAt, trigger, holdings }: SnapshotFact) =>
    [...holdings]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([asset, { available, total, usd }]) => {
        const times = { record: "amount", slot: instant(slot), capturedAt: instant(capturedAt), trigger };
        const of = { ...times, consistency: "verified", accountId, asset };
        const value = usd ? [{ ...of, denomination: "usd", ...usd }] : [];
        return [{ ...of, denomination: asset, available, total }, ...value];
      });

  it.each(["json", "csv"])(
    "writes every amount of a range and control totals with exact sums as %s",
    async (format) => {
      const { start } = day(dayAt(0.3));
      // A capture of the first account with a later slot than the third account's last one.
      const last = completeOf(account(0).records).find(
        ({ slot, capturedAt }) =>
          slot > start + 12 * HOUR && slot > (asOfFacts(account(2).records, capturedAt)?.slot ?? slot),
      );
      const end = last?.capturedAt ?? 0;

      const ended = await world.balances("export", "--from", dayAt(0.3), "--to", instant(end), "--format", format);

      const written = format === "json" ? jsonRows(ended) : csvRows(ended).rows;
      const taken = ids.flatMap((id, at) => capturedIn(at, start, end).map((fact) => rowsOf(id, fact)));
      const rows = taken.flat();
      const quantities = rows.filter(({ asset, denomination }) => asset === "btc" && denomination === "btc");
      const control = format === "json" ? written.at(-1) : JSON.parse(String(written.at(-1)?.["total"]));
      expect(ended).toMatchObject({ code: 0, stderr: `${taken.length} snapshots, ${rows.length} rows\n` });
      expect(written.slice(0, -1)).toEqual(rows);
      expect(control).toMatchObject({ rows: rows.length, snapshots: taken.length, lastSlot: instant(last?.slot ?? 0) });
      expect(control.sums.btc).toBe(sumByBigInt(quantities.map(({ total }) => total)).replace(/\.?0+$/, ""));
    },
  );
});

describe("report", () => {
  it("contains the amounts of each account at each step, and its gaps with their reasons", async () => {
    const out = join(world.home, "report.html");

    const ended = await world.balances(
      ...["report", "--from", dayAt(0), "--to", LAST_DAY, "--every", "1d", "--timezone", ZURICH, "--out", out],
    );

    const [, text = ""] = /id="report-data">(.*?)<\/script>/s.exec(readFileSync(out, "utf8")) ?? [];
    const [{ start }, { end }] = [day(dayAt(0), ZURICH), day(LAST_DAY, ZURICH)];
    const steps = daySteps(start, end, ZURICH);
    const accounts = facts.accounts.map((one) => {
      const id = one.accountId;
      const found = steps.map((step) => (countsAt(one, step.at) ? shownAtStep(one.records, step) : undefined));
      const inactive = steps.flatMap(({ at }, index) => (countsAt(one, at) ? [] : index));
      const symbols = [...new Set(found.flatMap((fact) => [...(fact?.holdings.keys() ?? [])]))].sort();
      const snapshots = found.map((fact) => {
        const { total, covers, of } = totalRowOf(id, fact);
        return fact && { slot: instant(fact.slot), capturedAt: instant(fact.capturedAt), total, covers, of };
      });
      const assets = symbols.map((symbol) => {
        const rows = found.map((fact) => holdingRowOf(id, symbol, fact));
        return {
          ...{ symbol, name: `The ${symbol}` },
          quantities: rows.map(({ total }) => total),
          holds: rows.map(({ hold }) => hold),
          values: rows.map(({ values }) => values.usd?.total ?? null),
        };
      });
      const gaps = gapRowsOf(one, start, end)
        .filter(({ trigger }) => trigger === "schedule")
        .map(({ slot, code, message }) => ({ slot, ...(code !== "not_run" && { reason: `${code}: ${message}` }) }));
      return {
        ...{ accountId: id, assets, gaps },
        snapshots: snapshots.map((one) => one ?? null),
        ...(inactive.length > 0 && { inactive }),
      };
    });
    expect(ended).toMatchObject({ code: 0, stdout: "" });
    expect(reportFromJson(text)).toMatchObject({
      since: instant(start - 1),
      steps: steps.map(({ at }) => instant(at)),
      labels: steps.map(({ label }) => label),
      accounts,
    });
  });
});
