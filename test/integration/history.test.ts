import type { HistoryRecord } from "../../core/domain/history-source.ts";
import type { Snapshot } from "../../core/domain/snapshot.ts";
import type { FactsWorld } from "../support/facts-world.ts";
import { csvRows, jsonRows } from "../support/history-cli.ts";
import { type AccountFacts, HOUR, MINUTE, type RecordFact, type SnapshotFact } from "../support/history-facts.ts";
import { oddAssets } from "../support/history-holdings.ts";
import {
  asOfFacts,
  completeOf,
  csvRowOf,
  instant,
  nameOf,
  type PeriodFact,
  periodsOf,
  totalRowOf,
  wallTime,
} from "../support/history-naive.ts";
import { gapRowsOf } from "../support/history-naive-gaps.ts";
import { takenOf } from "../support/history-table.ts";
import {
  ASSETS,
  account,
  day,
  dayAt,
  FROM,
  facts,
  heldAt,
  heldRowsAt,
  ids,
  longestSilence,
  momentAt,
  NOW,
  SYDNEY,
  startHistoryWorld,
  ZURICH,
} from "../support/history-world.ts";
import { beforeAll, describe, expect, it } from "../support/jest.ts";

// What the history reads from a table that the job's own code wrote, and the commands for one or two moments, compared
// with an independent computation from the facts. `npm run test:exhaustive` does the same for a year.

let world: FactsWorld;
beforeAll(async () => {
  world = await startHistoryWorld();
}, 900_000);

const places = [0, 1, 2, 3];

it("the facts contain every kind of incident", () => {
  const { records } = account(0);
  const complete = completeOf(records);
  const overtaken = complete.filter(
    (one) =>
      one.trigger === "schedule" &&
      complete.some(({ slot, completedAt }) => slot > one.slot && completedAt < one.completedAt),
  );
  const failures = records.filter(({ status }) => status === "failed");
  const { wandering = "", fading } = oddAssets(ASSETS[0]);
  const turns = (held: (fact: SnapshotFact) => boolean) =>
    complete.filter((fact, at, all) => at > 0 && held(fact) !== held(all[at - 1] as SnapshotFact)).length;

  expect(overtaken.length).toBeGreaterThan(0);
  expect(new Set(failures.map(({ trigger }) => trigger))).toEqual(new Set(["schedule", "manual"]));
  expect(turns(({ holdings }) => holdings.has(wandering))).toBe(3);
  expect(turns(({ holdings }) => holdings.get(fading)?.usd !== undefined)).toBe(2);
  expect(completeOf(account(2).records).some(({ holdings }) => holdings.size === 0)).toBe(true);
  expect(longestSilence().to - longestSilence().from).toBeGreaterThan(24 * HOUR);
});

describe("HistoryReader", () => {
  it("returns every account with its first slot, every asset, and the schedule", async () => {
    const [accounts, assets, schedules] = await Promise.all([
      world.reader.accounts(),
      world.reader.assets(),
      world.reader.schedules(),
    ]);

    expect([...accounts]).toEqual(
      facts.accounts.map((one) => [
        one.accountId,
        {
          ...(one.descriptions?.length && { descriptions: one.descriptions }),
          periods: periodsOf(one).map(({ since, from, until }) => ({
            ...{ since: instant(since), from },
            ...(until !== undefined && { until: instant(until), to: until, reason: one.ends?.[0]?.reason }),
          })),
        },
      ]),
    );
    expect(assets.size).toBe(ASSETS[0]);
    expect(assets.get("usd")?.type).toBe("fiat");
    const hourly = { expression: "cron(0 * * * ? *)", timezone: "UTC", latenessLimitMs: HOUR };
    expect(schedules).toEqual([{ ...hourly, since: instant(FROM) }]);
  });

  const textOf = ({ slot, trigger, capturedAt, completedAt, balances, totals }: Snapshot) => {
    const amounts = [...balances].map(([symbol, of]) => [symbol, [...of].sort()]).sort();
    return JSON.stringify([slot, trigger, capturedAt, completedAt, amounts, [...totals]]);
  };
  const recordText = (record: HistoryRecord) =>
    record.status === "complete" ? textOf(record.snapshot) : `${record.slot} ${record.attempt.code}`;
  const factText = (accountId: string, fact: RecordFact) =>
    fact.status === "complete" ? textOf(takenOf(accountId, fact).snapshot) : `${instant(fact.slot)} ${fact.code}`;

  it("returns every record of an account by slot, unchanged, in both directions", async () => {
    const { accountId, records } = account(0);
    const middle = momentAt(0.9) + HOUR / 2;

    const forward = await collect(world.reader.records(accountId, { from: facts.from, to: facts.to }));
    const back = await collect(world.reader.recordsBack(accountId, middle));

    const known = (to: number) => records.filter(({ slot }) => slot <= to).map((fact) => factText(accountId, fact));
    expect(forward.map(recordText)).toEqual(known(facts.to));
    expect(back.map(recordText)).toEqual(known(middle).reverse());
  });
});

const gapsOf = (of: AccountFacts, from = facts.from) =>
  gapRowsOf(of, from, facts.to).filter(({ trigger }) => trigger === "schedule");

describe("accounts", () => {
  it("shows first slot, last snapshot, age and gaps of each account", async () => {
    const ended = await world.balances("accounts", "--gaps-from", dayAt(0));

    expect(ended).toMatchObject({ code: 0, stderr: "" });
    expect(jsonRows(ended)).toEqual(
      facts.accounts.map((one) => {
        const last = asOfFacts(one.records, NOW);
        return {
          accountId: one.accountId,
          state: "active",
          since: instant(periodsOf(one)[0]?.since ?? 0),
          ended: null,
          reason: null,
          lastSlot: instant(last?.slot ?? 0),
          lastCapturedAt: instant(last?.capturedAt ?? 0),
          accountName: nameOf(one, NOW),
          type: one.descriptions?.at(-1)?.type ?? null,
          owner: one.descriptions?.at(-1)?.owner ?? null,
          ageMs: NOW - (last?.capturedAt ?? 0),
          // The slot an hour after the last one is a gap; the run for the slot of now may be in progress.
          gaps: gapsOf(one).length + 1,
          lastError: null,
        };
      }),
    );
  });

  it("counts the slots of --schedule without a snapshot from --gaps-from on", async () => {
    const ended = await world.balances("accounts", "--gaps-from", dayAt(0.4), "--schedule", "cron(0 */2 * * ? *)");

    const isEven = (slot: string) => Date.parse(slot) % (2 * HOUR) === 0;
    const found = (at: number) => gapsOf(account(at), day(dayAt(0.4)).start).filter(({ slot }) => isEven(slot));
    // One more gap at midnight, an hour after the last slot.
    expect(jsonRows(ended).map(({ gaps }) => gaps)).toEqual(places.map((at) => found(at).length + 1));
  });
});

describe("latest", () => {
  it("shows all balances of each account's last snapshot, with one query per account", async () => {
    const ended = await world.balances("latest", "--verbose");

    expect(ended.code).toBe(0);
    expect(jsonRows(ended)).toEqual(heldRowsAt(NOW, NOW));
    // Two more requests read the accounts and the schedules.
    expect(ended.stderr).toMatch(/^6 requests, \d+(\.5)? read units\n$/);
  });
});

describe("as-of", () => {
  /** The last minute of the longest time without a capture. */
  const outage = longestSilence().to - MINUTE;

  it.each([
    [dayAt(0.1), "UTC"],
    ["2002-03-31", ZURICH],
    [dayAt(0.8), SYDNEY],
  ])("shows the holdings at the end of %s in %s", async (date, timezone) => {
    const ended = await world.balances("as-of", "--at", date, "--timezone", timezone);

    const { end } = day(date, timezone);
    expect(jsonRows(ended)).toEqual(heldRowsAt(end, 2 * HOUR));
    expect(ended.code).toBe(heldAt(end, 2 * HOUR).some(({ found }) => !found) ? 1 : 0);
  });

  it("refuses a snapshot older than two periods, for each account, and ends with 1", async () => {
    const { code, stdout, stderr } = await world.balances("as-of", "--at", instant(outage));

    const age = outage - longestSilence().from;
    const words = age < 48 * HOUR ? "\\d+ hours|1 day" : "2 days";
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    for (const id of heldAt(outage, 0).map(({ accountId }) => accountId)) {
      const message = `^(.* \\()?${id}\\)?: the last snapshot before ${instant(outage)} was captured (${words}) earlier`;
      expect(stderr).toMatch(new RegExp(message, "m"));
    }
    expect(stderr).toContain("--max-age");
  });

  it("accepts an older snapshot with --max-age, in CSV", async () => {
    const ended = await world.balances("as-of", "--at", instant(outage), "--max-age", "4d", "--format", "csv");

    const { header, rows } = csvRows(ended);
    expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code: 0, stderr: "" });
    expect(header.join()).toBe(
      "slot,capturedAt,completedAt,accountId,accountName,asset,available,total,hold,denomination,valueAvailable,valueTotal,altered",
    );
    expect(rows).toEqual(heldRowsAt(outage, 96 * HOUR).map(csvRowOf));
    expect(rows.length).toBeGreaterThan(ASSETS[0]);
  });

  it("shows slot, capture, age and coverage in a table", async () => {
    const [date, id] = ["2002-03-31", ids[2] ?? ""];
    const fact = asOfFacts(account(2).records, day(date, ZURICH).end) as SnapshotFact;

    const { code, stdout } = await world.balances(
      ...["as-of", "--at", date, "--timezone", ZURICH, "--max-age", "3d", "--wide", "--account", id],
    );

    const total = totalRowOf(id, fact);
    const [slot, capturedAt] = [fact.slot, fact.capturedAt].map((ms) => wallTime(instant(ms), ZURICH));
    const [name, heading] = stdout.split("\n");
    expect([code, name]).toEqual([0, `${id} at ${date} 23:59:59.999 +02:00`]);
    expect(heading).toContain(`slot ${slot}, captured ${capturedAt}`);
    expect(heading).toMatch(/\(\d+ (seconds?|minutes?|hours?) earlier\)/);
    expect(stdout).toContain(`total ${total.total} usd, covers ${total.covers} of ${total.of} assets`);
  });
});

describe("an account that came, went and returned", () => {
  const id = ids[3] ?? "";
  const [[first, again]] = [periodsOf(account(3))] as [[PeriodFact, PeriodFact]];

  it.each([
    ["before its start", first.from - 1, /has no snapshot before .*; its history starts at 2002/],
    ["after its end", first.until ?? 0, /ended at .*: The configuration no longer has the account\./],
    ["until its return is complete", again.from - 1, /ended at .*: The configuration/],
  ])("has no holdings %s, as-of says why, and all others are shown without it", async (_, at, message) => {
    const [own, all] = [
      await world.balances("as-of", "--at", instant(at), "--account", id),
      await world.balances("as-of", "--at", instant(at), "--max-age", "4d"),
    ];

    expect({ code: own.code, stdout: own.stdout }).toEqual({ code: 1, stdout: "" });
    expect(own.stderr).toMatch(message);
    expect(all).toMatchObject({ code: 0, stderr: "" });
    expect(jsonRows(all)).toEqual(heldRowsAt(at, 96 * HOUR));
  });

  it("is named in the totals of all after its end, which comprise one account less, and of which none is partial", async () => {
    const [from, to] = [(first.until ?? 0) - HOUR, (first.until ?? 0) + HOUR];
    const range = ["--from", instant(from), "--to", instant(to), "--every", "1h"];

    const rows = jsonRows(await world.balances("totals", ...range)).filter(({ accountId }) => accountId === "all");

    expect(rows.map(({ accounts, ended }) => [accounts, ended])).toEqual([
      [4, []],
      [3, [id]],
      [3, [id]],
    ]);
  });
});

async function collect<T>(all: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const one of all) list.push(one);
  return list;
}
