import { type FactsWorld, startFactsWorld } from "../support/facts-world.ts";
import { csvRows, jsonRows } from "../support/history-cli.ts";
import {
  type AccountFacts,
  type DescriptionFact,
  type Facts,
  type FailedRunFact,
  HOUR,
  MINUTE,
  makeFacts,
} from "../support/history-facts.ts";
import { asOfFacts, balanceRowsOf, instant, keyOf, nameOf } from "../support/history-naive.ts";
import { coverageRowsOf, gapRowsOf, type HoursFact, hoursAt, hoursOf } from "../support/history-naive-gaps.ts";
import { afterAll, beforeAll, describe, expect, it } from "../support/jest.ts";
import { snapshotWith } from "../unit/domain/snapshots.ts";

// The commands on accounts of two keys, compared with an independent computation: `us` runs every hour, and `emea` every six
// hours. The second account moves from `us` to `emea`.

const FROM = Date.parse("2024-10-30T00:00:00.000Z");
const HOURS = 3 * 24;
const END = FROM + (HOURS - 1) * HOUR;
const MOVED = FROM + 30 * HOUR;
const SCHEDULES: readonly HoursFact[] = [
  { key: "emea", everyHours: 6, since: FROM },
  { key: "us", everyHours: 1, since: FROM },
];
const described = (key: string, from: number): DescriptionFact => ({
  ...{ from, key, name: `Account of ${key}`, type: "prime", owner: "entity_1" },
});
const DESCRIPTIONS = [
  [described("us", FROM)],
  // A run registers the new key a few seconds after its slot.
  [described("us", FROM), described("emea", MOVED + 7000)],
  [described("emea", FROM)],
];
const made = makeFacts({ seed: 23, from: FROM, hours: HOURS, assets: [4, 3, 2], incidentRate: 3 });
/** Runs of `emea` name another error than those of `us` for the same slot. Some name only the last account, which `emea` serves. */
const failedRuns: readonly FailedRunFact[] = (made.accounts[0]?.failedRuns ?? []).flatMap((run) => [
  ...(run.scope === "all" ? [{ ...run, key: "us" }] : []),
  ...(run.trigger === "manual" || run.slot % (6 * HOUR) === 0 ? [{ ...run, key: "emea", code: "api_forbidden" }] : []),
]);
const facts: Facts = {
  ...made,
  schedules: SCHEDULES.map(({ key, everyHours, since }) => ({
    ...{ expression: `cron(0 0/${everyHours} * * ? *)`, timezone: "UTC", since },
    ...(key !== undefined && { key }),
  })),
  accounts: made.accounts.map((one, at) => ofKeys({ ...one, failedRuns, descriptions: DESCRIPTIONS[at] ?? [] })),
};
/** After half an hour, every slot without a record is a gap. */
const NOW = facts.to + HOUR / 2;
const ids = facts.accounts.map(({ accountId }) => accountId);

/** Returns the facts of an account without the slots that its key does not have. */
function ofKeys(account: AccountFacts): AccountFacts {
  const expected = hoursOf(account, SCHEDULES, FROM, END);
  const isRun = new Set(expected);
  const records = account.records.filter(({ trigger, slot }) => trigger === "manual" || isRun.has(slot));
  return { ...account, expected, records };
}

/** Returns the age from which on a snapshot of an account is too old: that of the last but one slot of its key. */
function maxAgeMs(account: AccountFacts, at: number): number {
  const periodMs = (hoursAt(account, SCHEDULES, at)?.everyHours ?? Number.NaN) * HOUR;
  return (at % periodMs) + periodMs;
}

let world: FactsWorld;
beforeAll(async () => {
  world = await startFactsWorld(facts, NOW);
}, 900_000);
afterAll(() => world.close());

const named = <Row extends object>(account: AccountFacts, row: Row, at: number) => ({
  ...{ ...row, accountName: nameOf(account, at), key: keyOf(account, at) },
});

describe("gaps", () => {
  const rowsOf = (accounts: readonly AccountFacts[]) =>
    accounts.flatMap((one) => gapRowsOf(one, FROM, facts.to).map((row) => named(one, row, Date.parse(row.slot))));

  it("are the slots of the key that served an account, with the failed runs of that key", async () => {
    const ended = await world.balances("gaps");

    const rows = rowsOf(facts.accounts);
    expect(jsonRows(ended)).toEqual(rows);
    expect(ended.code).toBe(1);
    expect(rows.map(({ key, code }) => `${key} ${code}`)).toEqual(
      expect.arrayContaining(["us not_run", "emea not_run", "us key_not_json", "emea api_forbidden"]),
    );
  });

  it("--key selects the accounts that a key serves now", async () => {
    const ended = await world.balances("gaps", "--key", "emea");

    expect(jsonRows(ended)).toEqual(rowsOf(facts.accounts.slice(1)));
  });

  it("--coverage counts the slots of each key", async () => {
    const ended = await world.balances("gaps", "--coverage");

    const months = facts.accounts.flatMap((one) =>
      coverageRowsOf(one, FROM, facts.to, "UTC").map((row) => ({ ...row, key: keyOf(one, facts.to) })),
    );
    // The moved account has its key of the last slot of each month.
    expect(jsonRows(ended)).toEqual(months);
  });

  it("have the key in a table of usual width", async () => {
    const { stdout } = await world.balances("gaps", "--format", "table");

    const lines = stdout.split("\n");
    const heading = lines.find((line) => line.startsWith("account ")) ?? "";
    expect(heading).toMatch(/^account +key +slot /);
    const keys = lines.map((line) => line.slice(heading.indexOf("key")).split(" ")[0]);
    expect(keys).toEqual(expect.arrayContaining(["us", "emea"]));
  });
});

describe("as-of", () => {
  const times = [0.4, 1.3, 1.6, 2.5].map((days) => FROM + Math.floor(days * 24.37 * HOUR));

  it.each(times.map(instant))(
    "accepts at %s what is not older than the slot of the key before the last one",
    async (text) => {
      const at = Date.parse(text);

      const ended = await world.balances("as-of", "--at", text);

      const found = facts.accounts.map((one) => {
        const last = asOfFacts(one.records, at);
        return { one, last: last && at - last.capturedAt <= maxAgeMs(one, at) ? last : undefined };
      });
      const rows = found.flatMap(({ one, last }) =>
        last ? balanceRowsOf(one.accountId, last).map((row) => named(one, row, last.completedAt)) : [],
      );
      expect(jsonRows(ended)).toEqual(rows);
      expect(ended.code).toBe(Number(found.some(({ last }) => last === undefined)));
    },
  );
});

describe("the key of an account", () => {
  it("is in accounts, with the gaps of its schedules", async () => {
    const rows = jsonRows(await world.balances("accounts"));

    const gaps = (one: AccountFacts) => gapRowsOf(one, FROM, facts.to).filter(({ trigger }) => trigger === "schedule");
    expect(rows.map(({ key, gaps }) => [key, gaps])).toEqual(
      facts.accounts.map((one) => [keyOf(one, NOW), gaps(one).length]),
    );
  });

  it("is that of the time of a snapshot in an export and a history", async () => {
    const id = ids[1] ?? "";
    const [exported, history] = [
      await world.balances("export", "--format", "csv", "--account", id),
      await world.balances("history", "--asset", "btc", "--account", id),
    ];

    const moved = facts.accounts[1] as AccountFacts;
    const keys = (rows: readonly Record<string, unknown>[]) =>
      rows.filter(({ completedAt }) => completedAt).map(({ completedAt, key }) => [completedAt, key]);
    for (const rows of [csvRows(exported).rows, jsonRows(history)]) {
      const shown = keys(rows);
      expect(new Set(shown.map(([, key]) => key))).toEqual(new Set(["us", "emea"]));
      expect(shown).toEqual(shown.map(([at]) => [at, keyOf(moved, Date.parse(String(at)))]));
    }
  });

  it("groups sums with --by key", async () => {
    const rows = jsonRows(await world.balances("latest", "--by", "key"));

    expect(rows.map(({ record, key, accounts }) => [record, key, accounts]).sort()).toEqual([
      ["sum", "emea", 2],
      ["sum", "us", 1],
      ["total", undefined, 3],
    ]);
  });
});

it("accounts retire --key ends the accounts of a key that is gone, and says which", async () => {
  const [first, second] = [
    await world.balances("accounts", "retire", "--key", "emea"),
    await world.balances("accounts", "retire", "--key", "emea"),
  ];

  expect(first.code).toBe(0);
  expect(first.stdout).toMatch(`2 accounts of the key emea ended at ${instant(NOW)}:\n  Account of emea (${ids[1]})\n`);
  expect(second).toMatchObject({ code: 0, stdout: "All accounts of the key emea have already ended.\n" });
  const states = jsonRows(await world.balances("accounts")).map(({ state }) => state);
  expect(states).toEqual(["active", "ended", "ended"]);
  expect(await world.balances("gaps", "--from", instant(NOW - MINUTE))).toMatchObject({ code: 0, stdout: "" });
});

it("gaps names an account whose key has no schedule yet, instead of showing none", async () => {
  const accountId = "account_fac70009-9846-4fe7-bfe9-ccc22d935114";
  const snapshot = snapshotWith({}, { accountId, slot: instant(facts.to), trigger: "manual" });
  await world.newStore().save(snapshot, [], { accountId, key: "apac" });

  const ended = await world.balances("gaps", "--account", accountId);

  expect(ended).toMatchObject({ code: 1, stdout: "" });
  expect(ended.stderr).toMatch(
    `${accountId}: its slots are unknown, because no scheduled run of its key apac has started yet. Give the schedule`,
  );
});
