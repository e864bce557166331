import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateTableCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { embeddedEnvironment, LOCAL_TABLE, startEmbeddedDynamo } from "../../local/dynamodb.ts";
import { csvRows, type Ended, jsonRows, runBalances, tableRows } from "../support/history-cli.ts";
import { type AccountFacts, HOUR, MINUTE, makeFacts, oddAssets } from "../support/history-facts.ts";
import {
  asOfFacts,
  balanceRowsOf,
  changeRowsOf,
  completeOf,
  coverageRowsOf,
  dailySteps,
  gapRowsOf,
  holdingRowOf,
  instant,
  instantOfLocal,
  lastCapturedIn,
  localTextOf,
  totalRowOf,
  totalRowOfAll,
} from "../support/history-naive.ts";
import { patientClient, writeFacts } from "../support/history-table.ts";

jest.setTimeout(120_000);

// Every command that reads the history, as a person starts it, on a table of a month of three accounts, across both changes
// of the clock in spring; held against what the facts say without any code of the program.

const ZURICH = "Europe/Zurich";
const NEW_YORK = "America/New_York";
const FROM = Date.parse("2025-03-05T00:00:00.000Z");
const facts = makeFacts({ seed: 7, from: FROM, hours: 700, assets: [31, 100, 2] });
const account = (at: number) => facts.accounts[at] as AccountFacts;
const ids = facts.accounts.map(({ accountId }) => accountId);
const { wandering = "" } = oddAssets(31);

let home = "";
let dynamo: Awaited<ReturnType<typeof startEmbeddedDynamo>>;
let empty: typeof dynamo;
let client: DynamoDBClient;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), "history-cli-"));
  [dynamo, empty] = await Promise.all([startEmbeddedDynamo(), startEmbeddedDynamo()]);
  client = patientClient(dynamo.url);
  await client.send(
    new CreateTableCommand({
      TableName: "someone-elses",
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
      AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
    }),
  );
  await writeFacts(client, LOCAL_TABLE, facts);
  startAll();
}, 300_000);
afterAll(async () => {
  await Promise.allSettled(started.values());
  client.destroy();
  await Promise.all([dynamo.close(), empty.close()]);
  rmSync(home, { recursive: true });
});

const started = new Map<string, Promise<Ended>>();

/** Starts a command on the facts' table; the same command only once. */
function balances(args: readonly string[]): Promise<Ended> {
  const name = args.join(" ");
  const running =
    started.get(name) ?? runBalances([...args, "--table", LOCAL_TABLE], home, embeddedEnvironment(dynamo));
  started.set(name, running);
  return running;
}

/** A moment at which no capture is late and no run by hand under way: slots and captures are on the same side of it. */
function calmMoment(near: number): number {
  const isCalm = (moment: number) =>
    facts.accounts.every(({ records }) =>
      completeOf(records).every(({ slot, capturedAt }) => slot >= moment || capturedAt < moment),
    );
  for (let moment = near; ; moment += HOUR) if (isCalm(moment)) return moment;
}

const [CALM_FROM, CALM_TO] = [calmMoment(FROM + 200 * HOUR), calmMoment(FROM + 330 * HOUR)];
const OUTAGE = instant(FROM + 300 * HOUR);
/** A slot that was captured more than ten minutes late. */
const LATE = completeOf(account(0).records).find(
  ({ trigger, slot, capturedAt }) => trigger === "schedule" && capturedAt - slot > 10 * MINUTE,
) ?? { slot: 0, capturedAt: 0 };
const LATE_RANGE = [instant(LATE.slot + MINUTE), instant(LATE.capturedAt)] as const;

const COMMANDS = {
  accounts: ["accounts", "--gaps-from", "2025-03-05", "--schedule", "cron(0 * * * ? *)"],
  latest: ["latest", "--verbose"],
  asOfJson: ["as-of", "--at", "2025-03-09", "--timezone", NEW_YORK],
  asOfOutage: ["as-of", "--at", OUTAGE],
  asOfCsv: ["as-of", "--at", OUTAGE, "--max-age", "4d", "--format", "csv"],
  asOfTable: ["as-of", "--at", "2025-03-30", "--timezone", ZURICH, "--format", "table", "--account", ids[2] ?? ""],
  history: ["history", "--asset", wandering, "--from", instant(CALM_FROM), "--to", instant(CALM_TO - 1)],
  historyLate: ["history", "--asset", "btc", "--account", ids[0] ?? "", "--from", LATE_RANGE[0], "--to", LATE_RANGE[1]],
  historyCsv: [
    ...["history", "--asset", wandering, "--from", "2025-03-07", "--to", "2025-04-02", "--every", "1d"],
    ...["--timezone", ZURICH, "--format", "csv"],
  ],
  historyTable: [
    ...["history", "--asset", "btc", "--account", ids[0] ?? "", "--from", "2025-03-14", "--to", "2025-03-19"],
    ...["--every", "6h", "--format", "table"],
  ],
  historyLong: [
    "history",
    "--asset",
    "btc",
    "--account",
    ids[2] ?? "",
    "--from",
    "2022-01-01",
    "--to",
    "2025-03-05",
    "--verbose",
  ],
  totals: ["totals", "--from", "2025-03-07", "--to", "2025-04-02", "--timezone", ZURICH],
  totalsCsv: [
    "totals",
    "--from",
    "2025-03-20",
    "--to",
    "2025-03-20",
    "--every",
    "12h",
    "--account",
    ids[1] ?? "",
    "--format",
    "csv",
  ],
  changes: ["changes", "--from", "2025-03-07", "--to", "2025-03-26", "--unchanged"],
  changesCsv: ["changes", "--from", "2025-03-20", "--to", "2025-03-26", "--format", "csv"],
  gaps: ["gaps", "--from", "2025-03-05", "--to", "2025-03-31"],
  gapsCsv: ["gaps", "--from", "2025-03-05", "--to", "2025-03-31", "--timezone", ZURICH, "--format", "csv"],
  coverage: ["gaps", "--from", "2025-03-05", "--to", "2025-04-02", "--timezone", ZURICH, "--coverage"],
  noGaps: ["gaps", "--to", instant(FROM + MINUTE), "--format", "table"],
} satisfies Record<string, readonly string[]>;

const run = (name: keyof typeof COMMANDS) => balances(COMMANDS[name]);

/** A bare date as its first and its last millisecond. */
function day(text: string, timezone = "UTC"): { start: number; end: number } {
  const next = instant(Date.parse(`${text}T00:00:00Z`) + 24 * HOUR).slice(0, 10);
  const start = instantOfLocal(`${text}T00:00:00.000`, timezone);
  return { start, end: instantOfLocal(`${next}T00:00:00.000`, timezone) - 1 };
}

const none = (text: string | null | undefined) => text ?? "";

/** As times stand in CSV and tables of a time zone. */
function wallTime(iso: string | null, timezone: string): string {
  if (iso === null) return "";
  const ms = Date.parse(iso);
  const offset = (Date.parse(`${localTextOf(ms, timezone)}Z`) - ms) / MINUTE;
  const hours = String(Math.abs(offset) / 60).padStart(2, "0");
  return `${localTextOf(ms, timezone).slice(0, 19).replace("T", " ")} ${offset < 0 ? "-" : "+"}${hours}:00`;
}

describe("accounts", () => {
  it("tells since when each is known, its last snapshot, how old that is, and how many gaps it has", async () => {
    const before = Date.now();
    const ended = await run("accounts");
    const after = Date.now();

    const rows = jsonRows(ended);
    expect(ended).toMatchObject({ code: 0 });
    expect(rows.map(({ ageMs: _, gaps: __, ...row }) => row)).toEqual(
      facts.accounts.map(({ accountId, records }) => {
        const last = asOfFacts(records, facts.to + HOUR);
        return {
          accountId,
          since: instant(FROM),
          lastSlot: instant(last?.slot ?? 0),
          lastCapturedAt: instant(last?.capturedAt ?? 0),
        };
      }),
    );
    for (const [at, { ageMs, gaps, lastCapturedAt }] of rows.entries()) {
      const captured = Date.parse(String(lastCapturedAt));
      // Since the facts' end the job has not run at all: each hour until a quarter of an hour ago is a gap.
      const known = gapRowsOf(account(at), FROM, facts.to).length;
      const since = (now: number) => Math.floor((now - 15 * MINUTE - facts.to) / HOUR);
      expect(ageMs).toBeGreaterThan(before - ended.durationMs - 120_000 - captured);
      expect(ageMs).toBeLessThanOrEqual(after - captured);
      expect([known + since(before - 120_000), known + since(after)]).toContain(gaps);
    }
  });
});

describe("latest", () => {
  it("shows all balances of each account's last snapshot", async () => {
    const ended = await run("latest");

    const expected = facts.accounts.flatMap(({ accountId, records }) => {
      const last = asOfFacts(records, facts.to + HOUR);
      return last ? balanceRowsOf(accountId, last) : [];
    });
    expect(ended.code).toBe(0);
    expect(jsonRows(ended)).toEqual(expected);
    expect(expected.length).toBeGreaterThan(120);
  });

  it("tells with --verbose what reading cost, on stderr: two queries for the table's own, and one an account", async () => {
    const { stderr } = await run("latest");

    expect(stderr).toMatch(/^5 requests, \d+(\.5)? read capacity units\n$/);
  });
});

describe("as-of", () => {
  /** Accounts with a snapshot that is young enough, and those without. */
  const answers = (at: number, maxAge: number) =>
    facts.accounts.map(({ accountId, records }) => {
      const found = asOfFacts(records, at);
      return { accountId, found: found && at - found.capturedAt <= maxAge ? found : undefined };
    });

  it("takes a bare date as the close of that day in the time zone", async () => {
    const ended = await run("asOfJson");

    const known = answers(day("2025-03-09", NEW_YORK).end, 2 * HOUR);
    expect(day("2025-03-09", NEW_YORK).end).toBe(Date.parse("2025-03-10T03:59:59.999Z"));
    expect(jsonRows(ended)).toEqual(
      known.flatMap(({ accountId, found }) => (found ? balanceRowsOf(accountId, found) : [])),
    );
    expect(ended.code).toBe(known.some(({ found }) => !found) ? 1 : 0);
  });

  it("refuses what is older than two periods, says so of each account, and ends with 1", async () => {
    const { code, stdout, stderr } = await run("asOfOutage");

    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    for (const id of ids)
      expect(stderr).toMatch(new RegExp(`^${id}: the last snapshot before ${OUTAGE} was captured 2 days`, "m"));
    expect(stderr).toContain("--max-age");
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  it("answers from an older one with --max-age, in CSV", async () => {
    const ended = await run("asOfCsv");

    const { header, rows } = csvRows(ended);
    const known = answers(Date.parse(OUTAGE), 96 * HOUR);
    expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code: 0, stderr: "" });
    expect(header.join()).toBe(
      "slot,capturedAt,accountId,asset,available,total,hold,denomination,valueAvailable,valueTotal",
    );
    expect(rows).toEqual(
      known
        .flatMap(({ accountId, found }) => (found ? balanceRowsOf(accountId, found) : []))
        .map(({ values, ...row }) => ({
          ...row,
          denomination: "usd",
          valueAvailable: none(values.usd?.available),
          valueTotal: none(values.usd?.total),
        })),
    );
  });

  it("shows a person from which slot, when it was captured, how old it was at the asked moment, and the coverage", async () => {
    const { code, stdout } = await run("asOfTable");

    const { end } = day("2025-03-30", ZURICH);
    const [fact] = answers(end, 2 * HOUR).slice(2);
    const total = totalRowOf(ids[2] ?? "", fact?.found);
    const { slot = 0, capturedAt = 0 } = fact?.found ?? {};
    const [name, heading] = stdout.split("\n");
    expect(code).toBe(0);
    expect(name).toBe(ids[2]);
    expect(heading).toContain(
      `slot ${wallTime(instant(slot), ZURICH)}, captured ${wallTime(instant(capturedAt), ZURICH)}`,
    );
    expect(heading).toMatch(/\((59|\d+) (minutes|hour|hours|seconds?) before 2025-03-30 23:59:59 \+02:00\)/);
    expect(stdout).toContain(`total ${total.total} usd, covers ${total.covers} of ${total.of} assets`);
  });
});

describe("history", () => {
  it("shows every snapshot of an asset that comes and goes: held or absent, and nothing for a gap", async () => {
    const ended = await run("history");

    const expected = facts.accounts.flatMap(({ accountId, records }) =>
      completeOf(records)
        .filter(({ capturedAt }) => capturedAt >= CALM_FROM && capturedAt < CALM_TO)
        .map((fact) => holdingRowOf(accountId, wandering, fact)),
    );
    expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code: 0, stderr: "" });
    expect(jsonRows(ended)).toEqual(expected);
    expect(new Set(expected.map(({ state }) => state))).toEqual(new Set(["held", "absent"]));
  });

  it("goes by when a snapshot was captured: one that is late belongs to its own time", async () => {
    const ended = await run("historyLate");

    const expected = completeOf(account(0).records)
      .filter(({ capturedAt }) => capturedAt >= LATE.slot + MINUTE && capturedAt <= LATE.capturedAt)
      .map((fact) => holdingRowOf(ids[0] ?? "", "btc", fact));
    expect(expected.length).toBeGreaterThan(0);
    expect(jsonRows(ended)).toEqual(expected);
  });

  it("with --every shows the last of each day of the time zone, a gap where there is none, never a copy; in CSV", async () => {
    const ended = await run("historyCsv");

    const { header, rows } = csvRows(ended);
    const steps = dailySteps(day("2025-03-07", ZURICH).start, day("2025-04-02", ZURICH).end, 1, ZURICH);
    const expected = facts.accounts.flatMap(({ accountId, records }) =>
      steps.map(({ after, at }) => holdingRowOf(accountId, wandering, lastCapturedIn(records, after, at), at)),
    );
    expect(ended.code).toBe(0);
    expect(header.join()).toBe(
      "step,slot,capturedAt,accountId,asset,state,available,total,hold,denomination,valueAvailable,valueTotal",
    );
    expect(rows).toEqual(
      expected.map(({ values, step = "", slot, capturedAt, ...row }) => ({
        ...row,
        step: wallTime(step, ZURICH),
        slot: wallTime(slot, ZURICH),
        capturedAt: wallTime(capturedAt, ZURICH),
        available: none(row.available),
        total: none(row.total),
        hold: none(row.hold),
        denomination: "usd",
        valueAvailable: none(values.usd?.available),
        valueTotal: none(values.usd?.total),
      })),
    );
    expect(new Set(rows.map(({ state }) => state))).toEqual(new Set(["held", "absent", "gap"]));
    expect(rows.filter(({ step }) => step === "2025-03-30 00:00:00 +01:00")).toHaveLength(3);
    expect(rows.filter(({ step }) => step === "2025-03-31 00:00:00 +02:00")).toHaveLength(3);
  });

  it("is a table for a person: titles, decimal points below each other, a dash for what there is none of", async () => {
    const { code, stdout } = await run("historyTable");

    const { titles, rows } = tableRows(stdout);
    const gaps = rows.filter((row) => row[titles.indexOf("state")] === "gap");
    const points = stdout
      .split("\n")
      .filter((line) => line.includes(" held "))
      .map((line) => line.indexOf(".", line.indexOf(" held ")));
    expect(code).toBe(0);
    expect(titles.slice(0, 6)).toEqual(["step", "slot", "capturedAt", "accountId", "asset", "state"]);
    expect(rows).toHaveLength(24);
    expect(gaps.length).toBeGreaterThan(5);
    for (const row of gaps) expect([row[1], row[titles.indexOf("total")], row.at(-1)]).toEqual(["–", "–", "–"]);
    expect(new Set(points).size).toBe(1);
  });

  it("asks for nothing from before the first record, however early the range starts", async () => {
    const { code, stdout, stderr } = await run("historyLong");

    const requests = Number(/(\d+) requests, /.exec(stderr)?.[1]);
    expect(code).toBe(0);
    expect(stdout.split("\n").length).toBeGreaterThan(20);
    expect(requests).toBeLessThan(20);
  });
});

describe("totals", () => {
  it("of each account and of all of them at each step; 1 where one had no snapshot", async () => {
    const ended = await run("totals");

    const steps = dailySteps(day("2025-03-07", ZURICH).start, day("2025-04-02", ZURICH).end, 1, ZURICH);
    const expected = steps.flatMap(({ after, at }) => {
      const rows = facts.accounts.map(({ accountId, records }) =>
        totalRowOf(accountId, lastCapturedIn(records, after, at)),
      );
      return [...rows, totalRowOfAll(rows)].map((row) => ({ step: instant(at), ...row }));
    });
    expect(jsonRows(ended)).toEqual(expected);
    expect(expected.some(({ partial }) => partial)).toBe(true);
    expect(expected.some(({ accountId, partial }) => accountId === "all" && !partial)).toBe(true);
    expect(ended.code).toBe(1);
  });

  it("of one account in CSV, with its coverage and what it leaves out; 0 where nothing is missing", async () => {
    const ended = await run("totalsCsv");

    const { header, rows } = csvRows(ended);
    const { start } = day("2025-03-20");
    const expected = [start, start + 12 * HOUR].map((at) => ({
      at,
      row: totalRowOf(ids[1] ?? "", lastCapturedIn(account(1).records, at - 12 * HOUR, at)),
    }));
    expect(header.join()).toBe("step,accountId,denomination,available,total,coverage,missing,partial");
    expect(rows).toEqual(
      expected.map(({ at, row }) => ({
        step: instant(at),
        accountId: ids[1],
        denomination: "usd",
        available: row.available,
        total: row.total,
        coverage: `covers ${row.covers} of ${row.of}`,
        missing: row.missing.join(" "),
        partial: "",
      })),
    );
    expect(rows[0]?.["coverage"]).toMatch(/covers 9\d of (99|100)/);
    expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code: 0, stderr: "" });
  });
});

describe("changes", () => {
  const changesOf = (from: number, to: number) =>
    facts.accounts.flatMap(({ accountId, records }) => {
      const [earlier, later] = [asOfFacts(records, from), asOfFacts(records, to)];
      return earlier && later ? changeRowsOf(accountId, earlier, later) : [];
    });

  it("of every asset between two days, with --unchanged also those that did not", async () => {
    const ended = await run("changes");

    const expected = changesOf(day("2025-03-07").start, day("2025-03-26").end);
    expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code: 0, stderr: "" });
    expect(jsonRows(ended)).toEqual(expected);
    expect(expected.length).toBeGreaterThan(120);
  });

  it("without it only of those whose quantity changed; in CSV", async () => {
    const ended = await run("changesCsv");

    const { header, rows } = csvRows(ended);
    const expected = changesOf(day("2025-03-20").start, day("2025-03-26").end);
    expect(header.join()).toBe(
      "accountId,asset,state,fromTotal,toTotal,quantity,denomination,fromValue,toValue,value,fromSlot,fromCapturedAt,toSlot,toCapturedAt",
    );
    expect(rows).toEqual(
      expected
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

describe("gaps", () => {
  const [from, to] = [day("2025-03-05").start, day("2025-03-31").end];
  const expected = facts.accounts.flatMap((one) => gapRowsOf(one, from, to));

  it("are every slot without a complete snapshot, each with its reason, and end with 1", async () => {
    const ended = await run("gaps");

    expect(jsonRows(ended)).toEqual(expected);
    expect(new Set(expected.map(({ code }) => code)).size).toBe(4);
    expect(ended.code).toBe(1);
  });

  it("are told in CSV in words where nothing was recorded", async () => {
    const ended = await balances(COMMANDS.gapsCsv);

    const { header, rows } = csvRows(ended);
    const { start, end } = { start: day("2025-03-05", ZURICH).start, end: day("2025-03-31", ZURICH).end };
    const known = facts.accounts.flatMap((one) => gapRowsOf(one, start, end));
    expect(header.join()).toBe("accountId,slot,code,attempts,lastTriedAt,message");
    expect(rows.map(({ lastTriedAt: _, ...row }) => row)).toEqual(
      known.map(({ accountId, slot, code, attempts, message }) => ({
        accountId,
        slot: wallTime(slot, ZURICH),
        code: code ?? "not_run",
        attempts: String(attempts),
        message: message ?? "Nothing is recorded: the job did not run for this slot.",
      })),
    );
  });

  it("are a share of each month of the time zone with --coverage, never rounded up", async () => {
    const ended = await run("coverage");

    const { start, end } = { start: day("2025-03-05", ZURICH).start, end: day("2025-04-02", ZURICH).end };
    expect(jsonRows(ended)).toEqual(facts.accounts.flatMap((one) => coverageRowsOf(one, start, end, ZURICH)));
    expect(ended.code).toBe(1);
  });

  it("are said to be none where there are none, and end with 0", async () => {
    const { code, stdout } = await run("noGaps");

    expect(code).toBe(0);
    expect(stdout).toMatch(/^no gaps\n/);
    expect(stdout).toMatch(/2025-03 +1 +1 +100\.00/);
  });
});

interface Wrong {
  readonly name: string;
  readonly args: readonly string[];
  readonly code: number;
  readonly told: RegExp;
  readonly table?: string | undefined;
  readonly env?: () => NodeJS.ProcessEnv;
}

const inEmpty = () => embeddedEnvironment(empty);
const WRONG: readonly Wrong[] = [
  {
    name: "a date that there is none of",
    args: ["as-of", "--at", "2025-02-30", "--format", "csv"],
    code: 2,
    told: /^--at: "2025-02-30" is no moment\. Give a date \(2025-12-31\)/,
  },
  {
    name: "a wrong --from of changes, in CSV",
    args: ["changes", "--from", "31.12.2025", "--format", "csv"],
    code: 2,
    told: /^--from: "31\.12\.2025" is no moment\./,
  },
  {
    name: "a wrong --to of gaps, in CSV",
    args: ["gaps", "--to", "tomorrow", "--format", "csv"],
    code: 2,
    told: /^--to: "tomorrow" is no moment\./,
  },
  {
    name: "a wrong --every, in CSV",
    args: ["history", "--asset", "btc", "--every", "daily", "--format", "csv"],
    code: 2,
    told: /^--every: "daily" is no distance in time\. Give one like/,
  },
  {
    name: "a range that ends before it starts",
    args: ["history", "--asset", "btc", "--from", "2025-03-09", "--to", "2025-03-07"],
    code: 2,
    told: /^--from \(.*\) is after --to/,
  },
  {
    name: "a schedule that is none",
    args: ["gaps", "--schedule", "hourly"],
    code: 2,
    told: /^--schedule: "hourly" is none\. Give one like rate\(1 hour\)/,
  },
  { name: "no asset", args: ["history"], code: 2, told: /--asset <symbol>.*\n.*--help/ },
  {
    name: "an unknown account: the nearest known are named",
    args: ["as-of", "--at", "now", "--account", "account_fac70001-9846-4fe7-bfe9-ccc22d93511"],
    code: 2,
    told: new RegExp(
      `^--account: the table does not know account_fac70001-\\S+\\. The nearest that it knows: ${accountOne()}, `,
    ),
  },
  {
    name: "an empty table",
    args: ["totals", "--format", "csv"],
    code: 2,
    told: /^The table has no snapshots yet\. Take one with the command snapshot/,
    env: inEmpty,
  },
  {
    name: "a table that is not ours",
    args: ["latest"],
    code: 1,
    told: /^The table someone-elses could not be read: .*Is it a table of this project, with the keys account and slot\?/,
    table: "someone-elses",
  },
  {
    name: "a table that does not exist",
    args: ["accounts"],
    code: 1,
    told: /^The table nowhere could not be read: .*There is no such table in this account and region\./,
    table: "nowhere",
  },
  {
    name: "no credentials",
    args: ["latest"],
    code: 1,
    told: /^The table balance-snapshots could not be read: .*No AWS credentials were found\. Log in, or set AWS_PROFILE\./,
    env: () => ({ AWS_REGION: "eu-central-1", AWS_EC2_METADATA_DISABLED: "true" }),
  },
  {
    name: "neither credentials nor a region",
    args: ["latest"],
    code: 1,
    told: /^The table balance-snapshots could not be read: .*Region is missing.*AWS_REGION/,
    env: () => ({ AWS_EC2_METADATA_DISABLED: "true" }),
  },
];

function accountOne(): string {
  return "account_fac70001-9846-4fe7-bfe9-ccc22d935114";
}

const wrongEnded = new Map<string, Promise<Ended>>();

function startAll(): void {
  for (const args of Object.values(COMMANDS)) void balances(args);
  for (const { name, args, table = LOCAL_TABLE, env } of WRONG) {
    wrongEnded.set(name, runBalances([...args, "--table", table], home, env?.() ?? embeddedEnvironment(dynamo)));
  }
}

describe("is told to a person, on stderr alone:", () => {
  it.each(WRONG)("$name", async ({ name, code, told }) => {
    const ended = await wrongEnded.get(name);

    expect(ended?.stderr).toMatch(told);
    expect(ended?.stderr).not.toMatch(/^\s+at /m);
    expect({ code: ended?.code, stdout: ended?.stdout }).toEqual({ code, stdout: "" });
  });
});
