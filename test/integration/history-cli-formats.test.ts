import { readFileSync } from "node:fs";
import { join } from "node:path";
import { reportFromJson } from "../../report-page/data/packing.ts";
import type { EmbeddedFactsWorld } from "../support/facts-world.ts";
import { csvRows, type Ended, jsonRows, tableRows } from "../support/history-cli.ts";
import { type AccountFacts, HOUR, type SnapshotFact } from "../support/history-facts.ts";
import {
  asOfFacts,
  completeOf,
  countsAt,
  daySteps,
  holdingRowOf,
  instant,
  shownAtStep,
  totalRowOf,
  wallTime,
} from "../support/history-naive.ts";
import { gapRowsOf } from "../support/history-naive-gaps.ts";
import {
  account,
  completedIn,
  day,
  dayAt,
  facts,
  ids,
  namedRow,
  startHistoryWorld,
  ZURICH,
} from "../support/history-world.ts";
import { beforeAll, describe, expect, it } from "../support/jest.ts";
import { sumByBigInt } from "../unit/domain/decimal.ts";

// What the formats of the commands, export and report show, compared with an independent computation from the facts.

let world: EmbeddedFactsWorld;
beforeAll(async () => {
  world = await startHistoryWorld();
}, 900_000);

describe("the formats of a command", () => {
  const range = ["--from", dayAt(0.4), "--to", dayAt(0.6)];
  /** The accounts of two assets, one of which ends. */
  const SMALL = [ids[2] ?? "", ids[3] ?? ""];
  const amounts = "available,total,hold,denomination,valueAvailable,valueTotal";

  const commands = [
    {
      args: ["accounts", "--gaps-from", dayAt(0.9)],
      header: "accountId,accountName,type,state,since,lastSlot,lastCapturedAt,age,gaps,ended,reason,lastError,owner",
    },
    {
      args: ["history", "--asset", "btc", "--every", "6h", ...range],
      header: `step,open,slot,capturedAt,completedAt,accountId,accountName,asset,state,${amounts},altered`,
    },
    {
      args: ["totals", "--every", "6h", ...range],
      header:
        "step,open,accountId,accountName,denomination,available,total,accounts,coverage,missing,without,altered,ended",
    },
    {
      args: ["changes", ...range],
      header:
        "accountId,accountName,asset,state,fromTotal,toTotal,quantity,quantityPercent,fromPrice,toPrice,denomination,fromValue,toValue,value,valuePercent,quantityEffect,priceEffect,fromSlot,fromCapturedAt,fromCompletedAt,toSlot,toCapturedAt,toCompletedAt,altered",
    },
    {
      args: ["gaps", ...range],
      header: "accountId,accountName,slot,trigger,code,attempts,lastTriedAt,message",
    },
    { args: ["gaps", "--coverage", ...range], header: "accountId,accountName,month,expected,complete,percent" },
  ].map(({ args, header }) => ({ command: args.slice(0, 2).join(" "), args, header }));

  /** Returns a field of CSV for an object in JSON, with local times. */
  function csvField(row: Record<string, unknown>, name: string): string {
    const { usd } = (row["values"] ?? {}) as { usd?: { available: string; total: string } };
    const texts: Record<string, unknown> = {
      ...row,
      open: row["open"] === true ? "open" : "",
      altered: row["altered"] === true ? "altered" : row["altered"] || "",
      coverage: row["of"] === 0 ? "" : `${row["covers"]} of ${row["of"]}`,
      denomination: "usd",
      valueAvailable: usd?.available,
      valueTotal: usd?.total,
    };
    const text = [texts[name] ?? ""].flat().join(" ");
    return /^[-\d]{10}T[:.\d]+Z$/.test(text) ? wallTime(text, ZURICH) : text;
  }

  it.each(commands)("state the same facts, with the same exit code: $command", async ({ args, header }) => {
    const [json, csv, table] = await Promise.all(
      ["--format json", "--format csv", "--wide"].map((selected) =>
        world.balances(...args, "--account", ...SMALL, "--timezone", ZURICH, ...selected.split(" ")),
      ),
    );

    const rows = jsonRows(json as Ended);
    const inCsv = csvRows(csv as Ended);
    const shown = tableRows(table as Ended);
    expect([csv?.code, table?.code, csv?.stderr, table?.stderr]).toEqual([
      ...[json?.code, json?.code, json?.stderr, json?.stderr],
    ]);
    expect([inCsv.header.join(), inCsv.rows.length, shown.length]).toEqual([header, rows.length, rows.length]);
    const textsOf = (all: readonly object[], names: readonly string[], field: typeof csvField) =>
      all.map((row) => names.map((name) => `${name}: ${field(row as Record<string, unknown>, name)}`));
    const ageless = inCsv.header.filter((name) => name !== "age");
    const stored = (row: Record<string, unknown>, name: string) => String(row[name]);
    expect(textsOf(inCsv.rows, ageless, stored)).toEqual(textsOf(rows, ageless, csvField));
    // A table leaves out columns without any value.
    const inTable = (row: Record<string, unknown>, name: string) => String(row[name] ?? "–").replace(/^–$/, "");
    // Nor does it have the ids of a list beside the names of their accounts.
    const comparable = inCsv.header.filter((name) => !["without", "ended"].includes(name) || args[0] !== "totals");
    expect(textsOf(shown, comparable, inTable)).toEqual(textsOf(inCsv.rows, comparable, stored));
  });
});

describe("export", () => {
  const rowsOf = (accountId: string, { slot, capturedAt, completedAt, trigger, holdings }: SnapshotFact) =>
    [...holdings]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([asset, { available, total, usd }]) => {
        const times = { slot: instant(slot), capturedAt: instant(capturedAt), completedAt: instant(completedAt) };
        const run = { ...times, trigger, consistency: "verified" };
        const account = { ...namedRow({ accountId }, completedAt), altered: false, asset };
        const of = { record: "amount", ...run, ...account };
        const value = usd ? [{ ...of, denomination: "usd", ...usd }] : [];
        return [{ ...of, denomination: asset, available, total }, ...value];
      });

  it.each(["json", "csv"])(
    "writes every amount of a range and control totals with exact sums as %s",
    async (format) => {
      const { start } = day(dayAt(0.3));
      // A snapshot of the first account with a later slot than the third account's last one.
      const last = completeOf(account(0).records).find(
        ({ slot, completedAt }) =>
          slot > start + 12 * HOUR && slot > (asOfFacts(account(2).records, completedAt)?.slot ?? slot),
      );
      const end = last?.completedAt ?? 0;

      const ended = await world.balances("export", "--from", dayAt(0.3), "--to", instant(end), "--format", format);

      const inCsv = (): Record<string, unknown>[] =>
        csvRows(ended).rows.map((row) => ({
          ...row,
          ...{ altered: row["altered"] !== "", accountName: row["accountName"] || null },
        }));
      const written = format === "json" ? jsonRows(ended) : inCsv();
      const taken = ids.flatMap((id, at) => completedIn(at, start, end).map((fact) => rowsOf(id, fact)));
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

/** Returns what the headline of the report shows of an account at a time, and the assets that it holds then. */
function headlineAt(one: AccountFacts, at: number) {
  if (!countsAt(one, at)) return { balance: "not active", held: [] };
  const fact = shownAtStep(one.records, { label: "", after: Number.NEGATIVE_INFINITY, at, open: false });
  if (fact === undefined) return { balance: "missing", held: [] };
  const { total, covers, of, missing } = totalRowOf(one.accountId, fact);
  const balance = { slot: instant(fact.slot), capturedAt: instant(fact.capturedAt), total, covers, of };
  return {
    balance: { ...balance, ...(missing.length > 0 && { unpriced: missing }) },
    held: [...fact.holdings.keys()].sort(),
  };
}

describe("report", () => {
  it("contains the amounts of each account at each step, and its gaps with their reasons", async () => {
    const out = join(world.home, "report.html");

    const ended = await world.balances(
      ...["report", "--from", dayAt(0), "--to", dayAt(0.9), "--every", "1d", "--timezone", ZURICH, "--out", out],
    );

    const [, text = ""] = /id="report-data">(.*?)<\/script>/s.exec(readFileSync(out, "utf8")) ?? [];
    const [{ start }, { end }] = [day(dayAt(0), ZURICH), day(dayAt(0.9), ZURICH)];
    const steps = daySteps(start, end, ZURICH);
    // The days before the last one, before its month and before its year.
    const last = dayAt(0.9);
    const dayBefore = (date: string) => instant(Date.parse(date) - 24 * HOUR).slice(0, 10);
    const closes = [last, `${last.slice(0, 7)}-01`, `${last.slice(0, 4)}-01-01`].map(dayBefore);
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
      const { balance, held } = headlineAt(one, end);
      const valueAtEnd = (symbol: string) =>
        holdingRowOf(id, symbol, asOfFacts(one.records, end)).values.usd?.total ?? null;
      return {
        ...{ accountId: id, assets, gaps, end: balance },
        closes: closes.map((close) => headlineAt(one, day(close, ZURICH).end).balance),
        allocation: held.map((symbol) => [symbol, valueAtEnd(symbol)]),
        snapshots: snapshots.map((one) => one ?? null),
        ...(inactive.length > 0 && { inactive }),
      };
    });
    expect(ended).toMatchObject({ code: 0, stdout: "" });
    expect(reportFromJson(text)).toMatchObject({
      ...{ scheduled: true, end: instant(end), timezone: ZURICH },
      closes: ["day", "month", "year"].map((period, at) => ({ period, day: closes[at] })),
      since: instant(start - 1),
      steps: steps.map(({ at }) => instant(at)),
      labels: steps.map(({ label }) => label),
      accounts,
    });
  });
});

describe("a slow table", () => {
  it("waits for a slow table, and prints progress on stderr once a second", async () => {
    const { server } = world.dynamo;
    const [answer] = server.listeners("request") as ((...args: unknown[]) => void)[];
    let requests = 0;
    server.removeAllListeners("request");
    server.on("request", (...args) => setTimeout(() => answer?.(...args), requests++ === 0 ? 2300 : 0));

    const slow = await world.balances("latest", "--account", ids[2] ?? "");
    server.removeAllListeners("request");
    server.on("request", (...args) => answer?.(...args));
    const quick = await world.balances("latest", "--account", ids[2] ?? "");

    expect(slow).toMatchObject({ code: 0, stdout: quick.stdout, stderr: "" });
    expect(slow.progress.slice(0, 2)).toEqual(["reading: 1 request …\n", "reading: 1 request …\n"]);
    expect(requests).toBe(3);
  });
});
