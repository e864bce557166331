import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { embeddedEnvironment } from "../../local/dynamodb/embedded-dynamodb.ts";
import { csvRows, jsonRows, runBalances, tableRows } from "../support/history-cli.ts";
import { between, nth, put, remove, richer, snapshotsOf } from "../support/tampering.ts";
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
import { newAccount, startTestTable, type TestTable } from "../unit/table/embedded.ts";

let written: Written;
let empty: TestTable;
let home: string;
beforeAll(async () => {
  [written, empty] = await Promise.all([writeTwoAccounts(), startTestTable()]);
  home = mkdtempSync(join(tmpdir(), "verify-"));
});
afterAll(async () => {
  await Promise.all([written.table.close(), empty.close()]);
  rmSync(home, { recursive: true });
});

/** The command verify on a table. */
function verify(args: readonly string[], table: TestTable = written.table) {
  const words = ["verify", ...args, "--table", table.name];
  return runBalances(words, home, embeddedEnvironment(table), START + NOW * HOUR);
}

/** Some text in a file of its own. */
function file(name: string, text: string): string {
  const path = join(home, name);
  writeFileSync(path, text);
  return path;
}

/** What verify prints where an amount was altered, a snapshot removed and one put in. */
async function verifyTampered(args: readonly string[]) {
  const { table, honest, accounts } = written;
  const [altered, removed] = [nth(snapshotsOf(honest, accounts.one), 2), nth(snapshotsOf(honest, accounts.one), 4)];
  const inserted = between(nth(snapshotsOf(honest, accounts.other), 3));
  const items = put(remove(honest, removed), richer(altered), inserted);
  return withItems(table, honest, items, () => verify(args));
}

describe("verify", () => {
  it("says of each account what is there and that nothing was found, and ends with 0", async () => {
    const { code, stdout, stderr } = await verify([]);

    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
    expect(stderr.trimEnd().split("\n")).toEqual(
      written.heads.map(
        ({ accountId, hash }) =>
          `${accountId}: 6 snapshots, 6 entries; head 6 of ${hour(5)} ${hash.slice(0, 16)}…; nothing found`,
      ),
    );
  });

  it("gives a finding an object a line, names account, slot and entry, and ends with 1", async () => {
    const { one, other } = written.accounts;

    const ended = await verifyTampered(["--format", "json"]);

    expect(ended.code).toBe(1);
    const about = {
      severity: "finding",
      message: expect.stringMatching(/\. .+docs\/runbook\.md#verify-finds-something\.$/),
    };
    expect(jsonRows(ended)).toEqual([
      { accountId: one, slot: hour(1), sequence: 2, code: "snapshot_altered", ...about },
      { accountId: one, slot: hour(3), sequence: 4, code: "snapshot_removed", ...about },
      {
        accountId: other,
        slot: "2026-11-01T02:30:00.000Z",
        sequence: null,
        code: "snapshot_not_in_chain",
        ...about,
      },
    ]);
    expect(ended.stderr).toMatch(/5 snapshots, 6 entries; .+; 2 FINDINGS\n.+7 snapshots, 6 entries; .+; 1 FINDING\n/);
  });

  it("says the same in CSV, with a header, and in a table, with the summaries under it", async () => {
    const csv = csvRows(await verifyTampered(["--format", "csv"]));
    const [table = "", summaries = ""] = (await verifyTampered(["--format", "table"])).stdout.split("\n\n");

    expect(csv.header).toEqual(["accountId", "slot", "sequence", "severity", "code", "message"]);
    expect(csv.rows.map(({ code, sequence }) => [code, sequence])).toEqual([
      ["snapshot_altered", "2"],
      ["snapshot_removed", "4"],
      ["snapshot_not_in_chain", ""],
    ]);
    expect(tableRows(table).rows.map((row) => row.slice(1, 5))).toEqual([
      [hour(1), "2", "finding", "snapshot_altered"],
      [hour(3), "4", "finding", "snapshot_removed"],
      ["2026-11-01T02:30:00.000Z", "–", "finding", "snapshot_not_in_chain"],
    ]);
    expect(summaries.trimEnd().split("\n")).toHaveLength(2);
  });

  it("looks at the accounts that it is asked for, once each", async () => {
    const ended = await verifyTampered(["--account", written.accounts.other, written.accounts.other]);

    expect(jsonRows(ended)).toMatchObject([{ accountId: written.accounts.other }]);
    expect(ended.stderr.trimEnd().split("\n")).toHaveLength(1);
  });

  it("ends with 0 where there is but a warning, and says so", async () => {
    const { table, honest, accounts } = written;
    await newStore(table).save(snapshotAt(accounts.one, 6), []);
    const items = await table.items();

    const ended = await withItems(table, honest, items, () => verify([]));

    expect(ended.code).toBe(0);
    expect(jsonRows(ended)).toMatchObject([{ code: "not_chained_yet", severity: "warning", slot: hour(6) }]);
    expect(ended.stderr).toContain("nothing found; 1 warning\n");
  });

  it("tells what reading cost, if asked", async () => {
    expect((await verify(["--verbose"])).stderr).toMatch(/\n\d+ requests, [\d.]+ read capacity units\n$/);
  });

  it("says that there is nothing in an empty table", async () => {
    const { code, stderr } = await verify([], empty);

    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: "The table has no snapshots yet: there is nothing to verify.\n",
    });
  });

  it("does not know an account that nothing names", async () => {
    const { code, stderr } = await verify(["--account", "account_7"]);

    expect(code).toBe(2);
    expect(stderr).toMatch(/^--account: the table does not know account_7\. .+/);
  });
});

describe("heads", () => {
  it("are printed a line each, and held against by any of the files that they are kept in", async () => {
    const printed = await verify(["--head"]);
    const lines = printed.stdout.trimEnd().split("\n");
    const files = [file("one.jsonl", `${lines[0]}\n\n`), file("other.jsonl", `${lines[1]}\r\n${lines[1]}`)];

    const ended = await verify(["--anchor", ...files]);
    const repeated = await verify(["--anchor", files[0] ?? "", "--anchor", files[1] ?? ""]);

    expect(jsonRows(printed)).toEqual(written.heads.map((head) => ({ ...head, at: hour(NOW) })));
    expect(ended.code).toBe(0);
    expect(ended.stderr).toMatch(/held against 1 anchor; nothing found\n.+held against 2 anchors; nothing found\n/);
    expect(repeated).toEqual(ended);
  });

  it("name an account of which nothing is left in the table", async () => {
    const { table, honest, accounts } = written;
    const kept = file("kept.jsonl", (await verify(["--head"])).stdout);
    const items = honest.filter((item) => !JSON.stringify(item).includes(accounts.one));

    const alone = await withItems(table, honest, items, () => verify([]));
    const ended = await withItems(table, honest, items, () => verify(["--anchor", kept]));

    expect(alone.code).toBe(0);
    expect(ended.code).toBe(1);
    expect(jsonRows(ended)).toMatchObject([{ accountId: accounts.one, code: "anchor_missing" }]);
  });

  it("are not there where there is no chain yet, which is said", async () => {
    const accountId = newAccount();
    await newStore(empty).save(snapshotAt(accountId, 0), []);

    const { code, stdout, stderr } = await verify(["--head"], empty);

    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: "",
      stderr: `${accountId} has no chain yet; the next run begins one.\n`,
    });
  });

  it.each([
    ["no JSON", "heads"],
    ["no object", "null"],
    [
      "a hash that is none",
      '{"accountId":"a","sequence":1,"slot":"2026-11-01T00:00:00.000Z","hash":"1","at":"2026-11-01T00:00:00.000Z"}',
    ],
    [
      "a number that is none",
      `{"accountId":"a","sequence":0,"slot":"2026-11-01T00:00:00.000Z","hash":"${"a".repeat(64)}","at":"2026-11-01T00:00:00.000Z"}`,
    ],
  ])("are refused as wrong use: %s", async (_, line) => {
    const path = file("wrong.jsonl", `\n${line}\n`);

    const { code, stderr } = await verify(["--anchor", path]);

    expect(code).toBe(2);
    expect(stderr).toBe(
      `--anchor: ${path}, line 2, is no head. Give lines as verify --head prints them with --format json.\n`,
    );
  });

  it("cannot be read from a file that is not there, nor printed and held against at once", async () => {
    expect(await verify(["--anchor", join(home, "none")])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/none cannot be read \(ENOENT\)\. Give a file/),
    });
    expect(await verify(["--head", "--anchor", file("any.jsonl", "")])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/exclude each other/),
    });
  });
});
