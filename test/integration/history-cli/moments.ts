import { describe, expect, it } from "@jest/globals";
import { csvRows, jsonRows } from "../../support/history-cli.ts";
import { HOUR, MINUTE } from "../../support/history-facts.ts";
import { asOfFacts, balanceRowsOf, changeRowsOf, gapRowsOf, instant, totalRowOf } from "../../support/history-naive.ts";
import { none, wallTime } from "../../support/history-words.ts";
import {
  account,
  day,
  dayAt,
  FROM,
  facts,
  heldAt,
  ids,
  longestSilence,
  NOW,
  SYDNEY,
  ZURICH,
} from "../../support/history-world.ts";
import { world } from "./world.ts";

// The commands for one or two moments, compared with an independent computation from the facts.

/** The last minute of the longest time without a capture. */
const OUTAGE = longestSilence().to - MINUTE;

describe("accounts", () => {
  it("shows first slot, last snapshot, age and gaps of each account", async () => {
    const ended = await world.balances("accounts", "--gaps-from", dayAt(0));

    expect(ended).toMatchObject({ code: 0, stderr: "" });
    expect(jsonRows(ended)).toEqual(
      facts.accounts.map((one) => {
        const last = asOfFacts(one.records, NOW);
        return {
          accountId: one.accountId,
          since: instant(FROM),
          lastSlot: instant(last?.slot ?? 0),
          lastCapturedAt: instant(last?.capturedAt ?? 0),
          ageMs: NOW - (last?.capturedAt ?? 0),
          // The slot an hour after the last one is a gap; the run for the slot of now may be in progress.
          gaps: gapRowsOf(one, facts.from, facts.to).length + 1,
        };
      }),
    );
  });

  it("counts the gaps of --schedule and the failed attempts from --gaps-from on", async () => {
    const ended = await world.balances("accounts", "--gaps-from", dayAt(0.4), "--schedule", "cron(0 */2 * * ? *)");

    const isEven = (slot: string) => Date.parse(slot) % (2 * HOUR) === 0;
    const gapsOf = (at: number) =>
      gapRowsOf(account(at), day(dayAt(0.4)).start, facts.to).filter(({ slot, code }) => code !== null || isEven(slot));
    // One more gap at midnight, an hour after the last slot.
    expect(jsonRows(ended).map(({ gaps }) => gaps)).toEqual([0, 1, 2].map((at) => gapsOf(at).length + 1));
  });
});

describe("latest", () => {
  it("shows all balances of each account's last snapshot, with one query per account", async () => {
    const ended = await world.balances("latest", "--verbose");

    const expected = heldAt(NOW, NOW).flatMap(({ accountId, found }) => (found ? balanceRowsOf(accountId, found) : []));
    expect(ended.code).toBe(0);
    expect(jsonRows(ended)).toEqual(expected);
    expect(expected.length).toBeGreaterThan(120);
    // Two more requests read the accounts and the schedules.
    expect(ended.stderr).toMatch(/^5 requests, \d+(\.5)? read units\n$/);
  });
});

describe("a slow table", () => {
  it("is not queried again, and progress is printed on stderr once a second", async () => {
    const { server } = world.dynamo;
    const [answer] = server.listeners("request") as ((...args: unknown[]) => void)[];
    let asked = 0;
    server.removeAllListeners("request");
    server.on("request", (...args) => setTimeout(() => answer?.(...args), asked++ === 0 ? 3300 : 0));

    const slow = await world.balances("latest", "--account", ids[2] ?? "");
    server.removeAllListeners("request");
    server.on("request", (...args) => answer?.(...args));
    const quick = await world.balances("latest", "--account", ids[2] ?? "");

    expect(slow).toMatchObject({ code: 0, stdout: quick.stdout, stderr: "" });
    expect(slow.progress.slice(0, 2)).toEqual(["reading: 1 request …\n", "reading: 1 request …\n"]);
    expect(asked).toBe(3);
  });
});

describe("as-of", () => {
  const days = [0.1, 0.2, 0.3, 0.6, 0.8].flatMap((share) => [
    [dayAt(share), "UTC"] as const,
    [dayAt(share), SYDNEY] as const,
  ]);

  it.each([...days, ["2024-03-31", ZURICH] as const])(
    "shows the holdings at the end of %s in %s",
    async (date, timezone) => {
      const ended = await world.balances("as-of", "--at", date, "--timezone", timezone);

      const known = heldAt(day(date, timezone).end, 2 * HOUR);
      expect(jsonRows(ended)).toEqual(
        known.flatMap(({ accountId, found }) => (found ? balanceRowsOf(accountId, found) : [])),
      );
      expect(ended.code).toBe(known.some(({ found }) => !found) ? 1 : 0);
    },
  );

  it("refuses a snapshot older than two periods, for each account, and ends with 1", async () => {
    const { code, stdout, stderr } = await world.balances("as-of", "--at", instant(OUTAGE));

    const age = OUTAGE - longestSilence().from;
    const words = age < 48 * HOUR ? "\\d+ hours|1 day" : "2 days";
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    for (const id of ids) {
      const message = `^${id}: the last snapshot before ${instant(OUTAGE)} was captured (${words}) earlier`;
      expect(stderr).toMatch(new RegExp(message, "m"));
    }
    expect(stderr).toContain("--max-age");
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  it("accepts an older snapshot with --max-age, in CSV", async () => {
    const ended = await world.balances("as-of", "--at", instant(OUTAGE), "--max-age", "4d", "--format", "csv");

    const { header, rows } = csvRows(ended);
    const expected = heldAt(OUTAGE, 96 * HOUR).flatMap(({ accountId, found }) =>
      found ? balanceRowsOf(accountId, found) : [],
    );
    expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code: 0, stderr: "" });
    expect(header.join()).toBe(
      "slot,capturedAt,accountId,asset,available,total,hold,denomination,valueAvailable,valueTotal",
    );
    expect(rows).toEqual(
      expected.map(({ values, ...row }) => ({
        ...row,
        denomination: "usd",
        valueAvailable: none(values.usd?.available),
        valueTotal: none(values.usd?.total),
      })),
    );
    expect(rows.length).toBeGreaterThan(120);
  });

  it("shows slot, capture, age and coverage in a table", async () => {
    // The first day, from the change of the clocks on, with an answer for the small account.
    const { date, end, fact } =
      ["2024-03-31", "2024-04-01", "2024-04-02"]
        .map((date) => ({ date, end: day(date, ZURICH).end }))
        .map((one) => ({ ...one, fact: heldAt(one.end, 2 * HOUR)[2]?.found }))
        .find(({ fact }) => fact !== undefined) ?? {};
    if (date === undefined || fact === undefined || end === undefined) throw new Error("the facts contain no such day");

    const { code, stdout } = await world.balances(
      ...["as-of", "--at", date, "--timezone", ZURICH],
      ...["--format", "table", "--account", account(2).accountId],
    );

    const total = totalRowOf(account(2).accountId, fact);
    const [name, heading] = stdout.split("\n");
    expect(code).toBe(0);
    expect(name).toBe(account(2).accountId);
    expect(heading).toContain(
      `slot ${wallTime(instant(fact.slot), ZURICH)}, captured ${wallTime(instant(fact.capturedAt), ZURICH)}`,
    );
    expect(heading).toMatch(new RegExp(`\\(\\d+ (seconds?|minutes?|hours?) before ${date} 23:59:59 \\+02:00\\)`));
    expect(stdout).toContain(`total ${total.total} usd, covers ${total.covers} of ${total.of} assets`);
  });
});

describe("changes", () => {
  const changesOf = (from: number, to: number) =>
    facts.accounts.flatMap(({ accountId, records }) => {
      const [earlier, later] = [asOfFacts(records, from), asOfFacts(records, to)];
      return earlier && later ? changeRowsOf(accountId, earlier, later) : [];
    });

  it.each([
    ["across the first days of the temporary asset", 0.15, 0.3],
    ["across its last days and the outage", 0.3, 0.66],
    ["across nearly the whole history", 0.15, 0.95],
  ])("shows every asset with --unchanged, %s", async (_, from, to) => {
    const ended = await world.balances("changes", "--from", dayAt(from), "--to", dayAt(to), "--unchanged");

    const expected = changesOf(day(dayAt(from)).start, day(dayAt(to)).end);
    expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code: 0, stderr: "" });
    expect(jsonRows(ended)).toEqual(expected);
    expect(expected.length).toBeGreaterThan(120);
  });

  it("shows assets whose quantity changed, in CSV", async () => {
    const [from, to] = [dayAt(0.15), dayAt(0.3)];
    const ended = await world.balances("changes", "--from", from, "--to", to, "--format", "csv");

    const { header, rows } = csvRows(ended);
    expect(header.join()).toBe(
      "accountId,asset,state,fromTotal,toTotal,quantity,denomination,fromValue,toValue,value,fromSlot,fromCapturedAt,toSlot,toCapturedAt",
    );
    expect(rows).toEqual(
      changesOf(day(from).start, day(to).end)
        .filter(({ state }) => state !== "unchanged")
        .map((row) => ({
          ...row,
          denomination: "usd",
          fromTotal: none(row.fromTotal),
          toTotal: none(row.toTotal),
          fromValue: none(row.fromValue),
          toValue: none(row.toValue),
          value: none(row.value),
        })),
    );
    expect(new Set(rows.map(({ state }) => state)).size).toBeGreaterThan(1);
  });
});
