import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { verifyAccount } from "../../core/integrity/verify.ts";
import { FORMAT } from "../../core/table/attributes.ts";
import { ChainReader } from "../../core/table/chain-reader.ts";
import { Table } from "../../core/table/table.ts";
import { embeddedEnvironment } from "../../local/dynamodb/embedded-dynamodb.ts";
import { jsonRows, runBalances } from "../support/history-cli.ts";
import { verifyIndependently } from "../support/independent-verifier.ts";
import { afterAll, beforeAll, describe, expect, it } from "../support/jest.ts";
import { newFolder } from "../support/new-folder.ts";
import { snapshotWith } from "../unit/domain/snapshots.ts";
import { newStore, startTestTable, type TestTable } from "../unit/table/embedded.ts";
import { type Answer, readAnswers, writeAnswers } from "./answers.ts";
import { dumpOf, dumpText, FORMATS, readDump } from "./dump.ts";
import { TREASURY, writeExample } from "./example-table.ts";

// Every version reads the tables of all formats, as the first version that had the format did. A row may have more members than the
// answer that was kept. `WRITE_FORMAT=1` writes the dump of a new format, and the answers, never a dump that exists.

if (process.env["WRITE_FORMAT"] !== undefined && !existsSync(dumpOf(FORMAT))) {
  mkdirSync(dirname(dumpOf(FORMAT)), { recursive: true });
  writeFileSync(dumpOf(FORMAT), dumpText((await writeExample()).items()));
  if (!FORMATS.includes(FORMAT)) FORMATS.push(FORMAT);
}

/** After 16:00, whose slot is a gap, and a run for it can no longer take place. */
const NOW = Date.parse("2026-11-23T17:30:00.000Z");
const RANGE = ["--from", "2026-11-23T08:00:00Z", "--to", "2026-11-23T16:00:00Z"];
const COMMANDS: readonly (readonly string[])[] = [
  ["accounts", "--gaps-from", "2026-11-23T08:00:00Z"],
  ["latest"],
  ["latest", "--by", "key", "--denomination", "btc"],
  ["as-of", "--at", "2026-11-23T13:30:00Z"],
  ["history", "--asset", "btc", ...RANGE],
  ["gaps", ...RANGE],
  ["gaps", "--coverage", ...RANGE],
  ["totals", "--every", "1h", ...RANGE],
  ["changes", "--from", "2026-11-23T10:30:00Z", "--to", "2026-11-23T15:30:00Z"],
  ["statement", "--month", "2026-11"],
  ["export", ...RANGE],
  ["verify"],
  ["verify", "--head"],
];

/** In the middle of the month whose statement this is: every account has a snapshot that is not too old. */
const STATEMENT_NOW = Date.parse("2026-11-23T14:30:00.000Z");

describe.each(FORMATS)("a table of format %i", (format) => {
  let table: TestTable;
  const answers = new Map<string, Answer>();
  const commandOf = (args: readonly string[]) => args.join(" ");
  const answer = async (args: readonly string[]): Promise<Answer> => {
    const timed = ["--timezone", "UTC", "--format", "json", "--table", table.name];
    const options = args[0] === "verify" ? timed.slice(args.includes("--head") ? 4 : 2) : timed;
    const now = args[0] === "statement" ? STATEMENT_NOW : NOW;
    const ended = await runBalances([...args, ...options], newFolder(), embeddedEnvironment(table), now);
    return { command: commandOf(args), code: ended.code, rows: jsonRows(ended) };
  };
  beforeAll(async () => {
    table = await startTestTable();
    for (const item of readDump(format)) await table.put(item);
    if (process.env["WRITE_FORMAT"] !== undefined) {
      const written: Answer[] = [];
      for (const args of COMMANDS) written.push(await answer(args));
      writeAnswers(format, written);
    }
    for (const one of readAnswers(format)) answers.set(one.command, one);
  });
  afterAll(() => table.close());

  it.each(COMMANDS.map(commandOf))("is read as ever by %s", async (command) => {
    const given = await answer(command.split(" "));

    const expected = answers.get(command) as Answer;
    expect(given.code).toBe(expected.code);
    expect(given.rows).toHaveLength(expected.rows.length);
    expect(given.rows).toMatchObject(expected.rows);
  });

  it("satisfies the rules of docs/verify.md", async () => {
    expect(await verifyIndependently(table.client, table.name, [], NOW)).toEqual([]);
  });

  it("is continued by the job: a new snapshot is chained to the old ones", async () => {
    const own = await startTestTable();
    for (const item of readDump(format)) await own.put(item);
    const [store, slot] = [newStore(own), "2026-11-23T17:00:00.000Z"];
    const { previous } = await store.readSlot(TREASURY, slot);

    const saved = await store.save(snapshotWith({ btc: { btc: ["1", "1"] } }, { accountId: TREASURY, slot }), []);
    const update = { now: NOW, latenessLimitMs: 3_600_000, signal: new AbortController().signal };
    const appended = saved && (await store.appendEntry(saved, previous, update));

    const chains = new ChainReader(new Table(own.client, own.name));
    const { accounts, schedules } = await chains.catalog();
    const facts = { activity: accounts.get(TREASURY), schedules, anchors: [], now: NOW };
    const { entries, findings } = await verifyAccount(chains, TREASURY, facts);
    expect([appended, entries, findings]).toEqual([1, 8, []]);
    await own.close();
  });
});

it("every format up to the one that this version writes has a dump", () => {
  expect(FORMATS).toEqual(Array.from({ length: FORMAT }, (_, at) => at + 1));
});
