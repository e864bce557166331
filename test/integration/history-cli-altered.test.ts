import { readFileSync } from "node:fs";
import { join } from "node:path";
import { embeddedEnvironment } from "../../local/dynamodb/embedded-dynamodb.ts";
import { reportFromJson } from "../../report-page/data/packing.ts";
import { csvRows, type Ended, jsonRows, runBalances, tableRows } from "../support/history-cli.ts";
import { afterAll, beforeAll, describe, expect, it } from "../support/jest.ts";
import { newFolder } from "../support/new-folder.ts";
import {
  entriesOf,
  type Items,
  nth,
  put,
  type RawItem,
  remove,
  resealed,
  richer,
  snapshotsOf,
} from "../support/tampering.ts";
import { assetOf } from "../unit/domain/snapshots.ts";
import {
  HOUR,
  hour,
  NOW,
  newStore,
  START,
  snapshotAt,
  type Written,
  withItems,
  writeTwoAccounts,
} from "../unit/integrity/history.ts";

// What the commands say about a snapshot that was changed in the table, so that its digest does not match.

let written: Written;
const home = newFolder();
beforeAll(async () => {
  written = await writeTwoAccounts();
  const { table, accounts } = written;
  // Saving a complete slot again only registers its assets.
  await newStore(table).save(snapshotAt(accounts.one, 5), [assetOf("btc")]);
});
afterAll(() => written.table.close());

const run = (...args: string[]) =>
  runBalances([...args, "--table", written.table.name], home, embeddedEnvironment(written.table), START + NOW * HOUR);

/** Does something while the nth snapshots of the first account are changed. */
function whileChanged<T>(n: readonly number[], change: (snapshot: RawItem) => RawItem, work: () => Promise<T>) {
  const { table, intact, accounts } = written;
  const changed = n.map((one) => change(nth(snapshotsOf(intact, accounts.one), one)));
  return withItems(table, intact, put(intact, ...changed), work);
}

/** Runs a command while the nth snapshots of the first account are changed. */
function withChanged(n: readonly number[], change: (snapshot: RawItem) => RawItem, ...args: string[]) {
  return whileChanged(n, change, () => run(...args));
}

const messageOf = (at: number) =>
  `The snapshot of ${written.accounts.one} for ${hour(at)} does not match its digest: it was altered. Run balances verify.\n`;

const range = ["--from", hour(0.5), "--to", hour(5.5)];
const COMMANDS = [
  ["latest"],
  ["history", "--asset", "btc", "--every", "1h", ...range],
  ["totals", "--every", "1h", ...range],
  ["changes", ...range],
].map((args) => ({ command: args.slice(0, 4).join(" "), args }));

describe("a command that shows an altered snapshot", () => {
  it.each(COMMANDS)("marks its rows in every format, and exits with 1: $command", async ({ args }) => {
    const formats = ["--format json", "--format csv", "--wide"];
    const [json, csv, table] = (await whileChanged([6], richer, () =>
      Promise.all(formats.map((format) => run(...args, ...format.split(" ")))),
    )) as [Ended, Ended, Ended];

    expect([json, csv, table].map(({ code }) => code)).toEqual([1, 1, 1]);
    for (const { stderr } of [json, csv, table]) expect(stderr.endsWith(messageOf(5))).toBe(true);
    const marks = jsonRows(json).map(({ altered }) => (Array.isArray(altered) ? altered.length > 0 : altered));
    expect(marks).toContain(true);
    expect(marks).toContain(false);
    expect(marks.filter(Boolean).length).toBeLessThanOrEqual(3);
    expect(csvRows(csv).rows.map(({ altered }) => altered !== "")).toEqual(marks);
    if (args[0] === "latest") expect(table.stdout).toMatch(/ALTERED: does not match its digest/);
    else {
      const shown = tableRows(table).map(({ altered }) => altered !== "–");
      expect(shown).toEqual(marks);
    }
  });

  it.each(["json", "csv"])("marks its rows in an export as %s, and counts it in the control record", async (format) => {
    const ended = await withChanged([6], richer, "export", ...range, "--format", format);

    const rows = format === "json" ? jsonRows(ended) : csvRows(ended).rows;
    const control = format === "json" ? rows.at(-1) : JSON.parse(String(rows.at(-1)?.["total"]));
    const marked = rows.filter(({ altered }) => altered === true || altered === "altered");
    expect(ended).toMatchObject({ code: 1, stderr: expect.stringContaining(messageOf(5)) });
    expect(new Set(marked.map(({ accountId, slot }) => `${accountId} ${slot}`))).toEqual(
      new Set([`${written.accounts.one} ${hour(5)}`]),
    );
    expect(control).toMatchObject({ snapshots: 10, altered: 1 });
  });

  it("marks it in the report, and names it above the page", async () => {
    const out = join(home, "report.html");

    const ended = await withChanged([6], richer, "report", ...range, "--every", "1h", "--out", out);

    const page = readFileSync(out, "utf8");
    const [, data = ""] = /id="report-data">(.*?)<\/script>/s.exec(page) ?? [];
    const points = reportFromJson(data).accounts.map(({ snapshots }) => snapshots.map((point) => point?.altered));
    expect(ended).toMatchObject({ code: 1, stderr: expect.stringContaining(messageOf(5)) });
    expect(points.map((altered) => altered.filter(Boolean).length)).toEqual([1, 0]);
    expect(page).toContain(
      `ALTERED: these snapshots do not match their digests: ${written.accounts.one}, slot ${hour(5)}.`,
    );
  });

  it("counts its columns below a chart", async () => {
    const ended = await withChanged([6], richer, "chart", ...range);

    expect(ended).toMatchObject({ code: 1, stderr: messageOf(5) });
    expect(ended.stdout).toMatch(/1 column ALTERED: the\s+snapshot does not match its digest\n/);
  });
});

describe("a command that reads an altered snapshot without showing its amounts", () => {
  it.each([["accounts"], ["gaps", ...range]])("reports it, and exits with 1: %s", async (...args) => {
    const ended = await withChanged([6], richer, ...args);

    expect(ended).toMatchObject({ code: 1, stderr: expect.stringContaining(messageOf(5)) });
  });

  it("names five of them", async () => {
    const ended = await withChanged([1, 2, 3, 4, 5, 6], richer, "totals", "--every", "1h", "--to", hour(5.5));

    expect(ended.stderr.match(/does not match its digest/g)).toHaveLength(5);
    expect(ended.stderr).toMatch(/^More snapshots were altered\. Run balances verify\.$/m);
  });
});

describe("a snapshot is altered if", () => {
  it.each<[string, (snapshot: RawItem) => RawItem]>([
    ["its digest is missing", ({ digest: _, ...snapshot }) => snapshot as RawItem],
    ["its time was changed", (snapshot) => ({ ...snapshot, completedAt: { S: hour(5.5) } })],
    [
      "it has an attribute of a type that the job never writes",
      (snapshot) => ({ ...snapshot, audited: { BOOL: true } }),
    ],
  ])("%s", async (_, change) => {
    const ended = await withChanged([6], change, "latest");

    expect(ended).toMatchObject({ code: 1, stderr: messageOf(5) });
  });
});

describe("a statement", () => {
  const state = () =>
    runBalances(
      ["statement", "--month", "2026-11", "--format", "json", "--table", written.table.name],
      home,
      embeddedEnvironment(written.table),
      START + 5.5 * HOUR,
    );
  const coveredBy = (ended: Ended) => {
    const [{ heads, incomplete }] = jsonRows(ended) as [{ heads: { accountId: string }[]; incomplete: string[] }];
    return { accounts: heads.map(({ accountId }) => accountId), incomplete: incomplete.join(" ") };
  };
  const NOT_COVERED = / is not in, or differs from, the hash chain\. Run balances verify\./;

  it("covers the closing balances that are in the hash chains", async () => {
    const { accounts, incomplete } = coveredBy(await state());

    expect(accounts).toContain(written.accounts.one);
    expect(incomplete).not.toMatch(NOT_COVERED);
  });

  it.each<[string, (items: Items, one: string) => Items]>([
    ["differs from its entry", (items, one) => put(items, resealed(richer(nth(snapshotsOf(items, one), 6))))],
    ["has no entry", (items, one) => remove(items, ...entriesOf(items, one).slice(5))],
  ])("does not cover a closing balance that %s, and exits with 1", async (_, tamper) => {
    const { table, intact, accounts } = written;

    const ended = await withItems(table, intact, tamper(intact, accounts.one), state);

    const covered = coveredBy(ended);
    expect(ended.code).toBe(1);
    expect(covered.accounts).not.toContain(accounts.one);
    expect(covered.accounts).toContain(accounts.other);
    expect(covered.incomplete).toMatch(NOT_COVERED);
  });
});

describe("a gap that was filled later", () => {
  it("remains a gap with its reason", async () => {
    const { table, intact, accounts } = written;
    const third = nth(snapshotsOf(intact, accounts.one), 3);
    const late = { capturedAt: { S: hour(6) }, completedAt: { S: hour(6) } };

    const ended = await withItems(table, intact, put(intact, { ...third, ...late }), () =>
      run("gaps", "--account", accounts.one, ...range, "--format", "json"),
    );

    expect(ended.code).toBe(1);
    expect(jsonRows(ended)).toMatchObject([
      { slot: hour(2), code: "completed_outside_window", message: expect.stringContaining(`completed at ${hour(6)}`) },
    ]);
  });
});
