import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { type PackedReport, unpackAsset } from "../../../report-page/data/packing.ts";
import { csvRows, jsonRows } from "../../support/history-cli.ts";
import { HOUR, MINUTE, type SnapshotFact } from "../../support/history-facts.ts";
import {
  asOfFacts,
  completeOf,
  coverageRowsOf,
  dailySteps,
  gapRowsOf,
  holdingRowOf,
  instant,
  lastCapturedIn,
  totalRowOf,
} from "../../support/history-naive.ts";
import { none, wallTime } from "../../support/history-words.ts";
import { account, day, dayAt, FROM, facts, ids, SYDNEY, ZURICH } from "../../support/history-world.ts";
import { sumByBigInt } from "../../unit/domain/decimal.ts";
import { world } from "./world.ts";

// The commands that read all records of a range, compared with an independent computation from the facts.

const RANGE = [dayAt(0), dayAt(0.9)] as const;

describe("gaps", () => {
  const gapsIn = ({ start }: { start: number }, { end }: { end: number }) =>
    facts.accounts.flatMap((one) => gapRowsOf(one, start, end));

  it("shows every slot without a complete snapshot, with its reason, and ends with 1", async () => {
    const ended = await world.balances("gaps", "--from", RANGE[0], "--to", RANGE[1]);

    const expected = gapsIn(day(RANGE[0]), day(RANGE[1]));
    expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code: 1, stderr: "" });
    expect(jsonRows(ended)).toEqual(expected);
    expect(new Set(expected.map(({ code }) => code)).size).toBe(4);
  });

  it("explains a slot without a record, in CSV", async () => {
    const ended = await world.balances(
      ...["gaps", "--from", RANGE[0], "--to", RANGE[1], "--timezone", ZURICH, "--format", "csv"],
    );

    const { header, rows } = csvRows(ended);
    expect(header.join()).toBe("accountId,slot,code,attempts,lastTriedAt,message");
    expect(rows).toEqual(
      gapsIn(day(RANGE[0], ZURICH), day(RANGE[1], ZURICH)).map(
        ({ accountId, slot, code, attempts, lastTriedAt, message }) => ({
          ...{ accountId, slot: wallTime(slot, ZURICH), code: code ?? "not_run", attempts: String(attempts) },
          lastTriedAt: wallTime(lastTriedAt, ZURICH),
          message: message ?? "Nothing was recorded: the job did not run for this slot.",
        }),
      ),
    );
  });

  it.each([ZURICH, SYDNEY])("shows the coverage of each month of %s, never rounded up", async (zone) => {
    const ended = await world.balances(
      ...["gaps", "--from", RANGE[0], "--to", RANGE[1], "--timezone", zone, "--coverage"],
    );

    const { start, end } = { start: day(RANGE[0], zone).start, end: day(RANGE[1], zone).end };
    const expected = facts.accounts.flatMap((one) => coverageRowsOf(one, start, end, zone));
    expect(jsonRows(ended)).toEqual(expected);
    expect(new Set(expected.map(({ month }) => month)).size).toBeGreaterThan(1);
    expect(ended.code).toBe(1);
  });

  it("shows that there are no gaps, and ends with 0", async () => {
    const { code, stdout } = await world.balances("gaps", "--to", instant(FROM + MINUTE), "--format", "table");

    expect(code).toBe(0);
    expect(stdout).toMatch(/^no gaps\n/);
    expect(stdout).toMatch(/2024-03 +1 +1 +100\.00/);
  });
});

describe("export", () => {
  /** Returns every amount of the snapshots that an account captured on some days. */
  const amountsOf = (at: number, { start }: { start: number }, { end }: { end: number }) => {
    const taken = completeOf(account(at).records).filter(({ capturedAt }) => capturedAt >= start && capturedAt <= end);
    const rows = taken.flatMap((fact) => rowsOf(account(at).accountId, fact));
    return { taken, rows };
  };
  const rowsOf = (accountId: string, { slot, capturedAt, trigger, holdings }: SnapshotFact) =>
    [...holdings].flatMap(([asset, { available, total, usd }]) => {
      const of = {
        slot: instant(slot),
        capturedAt: instant(capturedAt),
        trigger,
        consistency: "verified",
        accountId,
        asset,
      };
      return [
        { record: "amount", ...of, denomination: asset, available, total },
        ...(usd ? [{ record: "amount", ...of, denomination: "usd", ...usd }] : []),
      ];
    });

  it("writes every amount of every snapshot in a range, and control totals", async () => {
    const ended = await world.balances(
      ...["export", "--from", RANGE[0], "--to", RANGE[1], "--account", ids[2] ?? "", "--format", "json"],
    );

    const { taken, rows } = amountsOf(2, day(RANGE[0]), day(RANGE[1]));
    const slots = taken.map(({ slot }) => instant(slot)).sort();
    const sumOf = (asset: string) =>
      sumByBigInt(rows.filter((row) => row.asset === asset && row.denomination === asset).map(({ total }) => total));
    const written = jsonRows(ended);
    expect(ended).toMatchObject({ code: 0, stderr: `${taken.length} snapshots, ${rows.length} rows\n` });
    expect(written.slice(0, -1)).toEqual(rows);
    expect(written.at(-1)).toEqual({
      ...{ record: "control", rows: rows.length, snapshots: taken.length },
      ...{ firstSlot: slots[0], lastSlot: slots.at(-1) },
      sums: { btc: trimmed(sumOf("btc")), usd: trimmed(sumOf("usd")) },
    });
  });

  it("writes all accounts in CSV, with the last slot of any account in the control totals", async () => {
    const date = dayAt(0.3);
    const end = completeOf(account(0).records).find(
      ({ slot, capturedAt }) =>
        slot > day(date).start + 12 * HOUR && slot > (asOfFacts(account(2).records, capturedAt)?.slot ?? slot),
    );

    const ended = await world.balances("export", "--from", date, "--to", instant(end?.capturedAt ?? 0));

    const { header, rows } = csvRows(ended);
    const range = [day(date), { end: end?.capturedAt ?? 0 }] as const;
    const amounts = [0, 1, 2].map((at) => amountsOf(at, ...range));
    expect(header.join()).toBe(
      "record,slot,capturedAt,trigger,consistency,accountId,asset,denomination,available,total",
    );
    expect(rows.slice(0, -1)).toEqual(amounts.flatMap((of) => of.rows));
    expect(rows.length).toBeGreaterThan(1000);
    expect(JSON.parse(rows.at(-1)?.["total"] ?? "")).toMatchObject({
      ...{ rows: rows.length - 1, snapshots: amounts.flatMap(({ taken }) => taken).length },
      lastSlot: instant(end?.slot ?? 0),
    });
  });
});

describe("report", () => {
  it("contains the amounts of each account at each step, and its gaps with their reasons", async () => {
    const out = join(world.home, "report.html");

    const ended = await world.balances(
      ...["report", "--from", RANGE[0], "--to", RANGE[1], "--every", "1d", "--timezone", ZURICH, "--out", out],
    );

    const [, text = ""] = /id="report-data">(.*?)<\/script>/s.exec(readFileSync(out, "utf8")) ?? [];
    const report = JSON.parse(text) as PackedReport;
    const { start, end } = { start: day(RANGE[0], ZURICH).start, end: day(RANGE[1], ZURICH).end };
    const days = dailySteps(start, end, 1, ZURICH);
    const steps = [...days, { after: days.at(-1)?.at ?? 0, at: end }];
    expect(ended).toMatchObject({ code: 0, stdout: "" });
    expect(report.accounts.map(({ accountId }) => accountId)).toEqual(ids);
    for (const [at, { snapshots, assets, gaps, ...of }] of report.accounts.entries()) {
      const found = steps.map((step) => lastCapturedIn(account(at).records, step.after, step.at));
      expect(of.steps).toEqual(steps.map((step) => instant(step.at)));
      expect(snapshots).toEqual(
        found.map((fact) => {
          if (fact === undefined) return null;
          const { total, covers, of } = totalRowOf(ids[at] ?? "", fact);
          return { slot: instant(fact.slot), capturedAt: instant(fact.capturedAt), total, covers, of };
        }),
      );
      const symbols = [...new Set(found.flatMap((fact) => [...(fact?.holdings.keys() ?? [])]))].sort();
      expect(assets.map(unpackAsset)).toEqual(
        symbols.map((symbol) => {
          const rows = found.map((fact) => holdingRowOf(ids[at] ?? "", symbol, fact));
          return {
            ...{ symbol, name: `The ${symbol}` },
            quantities: rows.map(({ total }) => total),
            holds: rows.map(({ hold }) => hold),
            values: rows.map(({ values }) => values.usd?.total ?? null),
          };
        }),
      );
      expect(gaps).toEqual(
        gapRowsOf(account(at), start, end).map(({ slot, code, message }) => ({
          slot,
          ...(code !== null && { reason: `${code}: ${none(message)}` }),
        })),
      );
    }
  });
});

/** Removes trailing zeros, as the sums of an export have none. */
function trimmed(decimal: string): string {
  return decimal.includes(".") ? decimal.replace(/\.?0+$/, "") : decimal;
}
