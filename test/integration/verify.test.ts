import { linkSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { digestOf } from "../../core/integrity/canonical.ts";
import { SUGGESTED_FIXES } from "../../core/integrity/integrity-finding.ts";
import { HEADS_PREFIX } from "../../core/names/anchor-environment.ts";
import { embeddedEnvironment } from "../../local/dynamodb/embedded-dynamodb.ts";
import { refreshExamples } from "../../tools/docs/documented-commands.ts";
import { csvRows, jsonRows, runBalances } from "../support/history-cli.ts";
import { afterAll, beforeAll, describe, expect, it } from "../support/jest.ts";
import { newFolder } from "../support/new-folder.ts";
import {
  between,
  entriesOf,
  entryFor,
  type Items,
  nth,
  put,
  rechained,
  remove,
  resealed,
  richer,
  snapshotsOf,
} from "../support/tampering.ts";
import {
  HOUR,
  hour,
  NOW,
  newStore,
  START,
  snapshotAt,
  type Written,
  withItems,
  writeHours,
  writeTwoAccounts,
} from "../unit/integrity/history.ts";
import { newAccount, startTestTable, type TestTable, tableOf } from "../unit/table/embedded.ts";

let written: Written;
let empty: TestTable;
const home = newFolder();
beforeAll(async () => {
  [written, empty] = await Promise.all([writeTwoAccounts(), startTestTable()]);
});
afterAll(() => Promise.all([written.table.close(), empty.close()]));

/** Runs `balances verify` on a table. */
function verify(args: readonly string[], table: TestTable = written.table) {
  return runBalances(["verify", ...args, "--table", table.name], home, embeddedEnvironment(table), START + NOW * HOUR);
}

/** Writes a text to a file and returns its path. */
function file(name: string, text: string): string {
  const path = join(home, name);
  writeFileSync(path, text);
  return path;
}

/** Runs verify after one amount was altered, one snapshot removed and one inserted. */
async function verifyTampered(args: readonly string[]) {
  const { table, intact, accounts } = written;
  const [altered, removed] = [nth(snapshotsOf(intact, accounts.one), 2), nth(snapshotsOf(intact, accounts.one), 4)];
  const inserted = between(nth(snapshotsOf(intact, accounts.other), 3));
  const items = put(remove(intact, removed), richer(altered), inserted);
  return withItems(table, intact, items, () => verify(args));
}

describe("verify", () => {
  it("prints the findings as CSV with a header, and exits with 1", async () => {
    const result = await verifyTampered(["--format", "csv"]);

    const { header, rows } = csvRows(result);
    expect(result.code).toBe(1);
    expect(header).toEqual(["accountId", "accountName", "slot", "sequence", "severity", "code", "message"]);
    expect(rows.map(({ code, sequence }) => [code, sequence])).toEqual([
      ["snapshot_altered", "2"],
      ["snapshot_removed", "4"],
      ["snapshot_not_in_chain", ""],
    ]);
  });

  it("verifies only the given accounts, each once", async () => {
    const result = await verifyTampered(["--account", written.accounts.other, written.accounts.other]);

    expect(jsonRows(result)).toMatchObject([{ accountId: written.accounts.other }]);
    expect(result.stderr.trimEnd().split("\n")).toHaveLength(1);
  });

  it("exits with 0 if there are only warnings, and counts them", async () => {
    const { table, intact, accounts } = written;
    await newStore(table).save(snapshotAt(accounts.one, 6), []);
    const items = await table.items();

    const result = await withItems(table, intact, items, () => verify([]));

    expect(result.code).toBe(0);
    const message = "The snapshot has no entry in the chain yet. The account's next snapshot appends what is missing.";
    expect(jsonRows(result)).toMatchObject([{ code: "not_chained_yet", severity: "warning", slot: hour(6), message }]);
    expect(result.stderr).toContain("no findings; 1 warning\n");
  });

  it("exits with 2 if the table is empty, and for an unknown account", async () => {
    expect(await verify([], empty)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^No snapshots in the table \S+ \(eu-central-1, http:\/\/\S+\)\./),
    });
    expect(await verify(["--account", "account_x"])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^--account: unknown account account_x\. Did you mean .+/),
    });
  });
});

describe("heads", () => {
  it("are printed one per line and accepted from several files", async () => {
    const printed = await verify(["--head"]);
    const lines = printed.stdout.trimEnd().split("\n");
    const files = [file("one.jsonl", `${lines[0]}\n\n`), file("other.jsonl", `${lines[1]}\r\n${lines[1]}`)];

    const result = await verify(["--anchor", ...files]);
    const repeated = await verify(["--anchor", files[0] ?? "", "--anchor", files[1] ?? "", "--verbose"]);

    expect(jsonRows(printed)).toEqual(written.heads.map((head) => ({ ...head, at: hour(NOW), accountName: null })));
    expect(result.code).toBe(0);
    expect(result.stderr).toMatch(/checked against 1 anchor; no findings\n.+checked against 2 anchors; no findings\n/);
    expect(repeated.stderr.replace(/\n\d+ requests, [\d.]+ read units\n$/, "\n")).toBe(result.stderr);
  });

  it("are missing with a message if there is no chain yet", async () => {
    const accountId = newAccount();
    await newStore(empty).save(snapshotAt(accountId, 0), []);

    const { code, stdout, stderr } = await verify(["--head"], empty);

    const message = `${accountId} has no hash chain yet. The next run starts it.\n`;
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "", stderr: message });
  });

  const headWith = (change: object) => JSON.stringify({ ...written.heads[0], at: hour(0), ...change });

  it("are a usage error that names the file and line of what is not a head", async () => {
    const good = file("good.jsonl", `${headWith({})}\n`);
    const wrongHeads = [{ hash: "1" }, { sequence: 0 }, { slot: "today" }, { accountId: 7 }].map(headWith);
    for (const text of ["\n\r\n \n", ...["heads", "null", ...wrongHeads].map((line) => `\n${line}\n`)]) {
      const wrong = file("wrong.jsonl", text);

      const { code, stdout, stderr } = await verify(["--anchor", good, wrong]);

      const problem = text.trim() === "" ? " contains no heads" : ", line 2, is not a valid head";
      const message = `--anchor: ${wrong}${problem}. Expected the output of verify --head --format json.\n`;
      expect({ text, code, stdout, stderr }).toEqual({ text, code: 2, stdout: "", stderr: message });
    }
  });

  it("of other accounts only are a usage error, and the summary shows an account without a head", async () => {
    const { accounts, heads } = written;
    const head = heads.find(({ accountId }) => accountId === accounts.one);
    const path = file("one-account.jsonl", JSON.stringify({ ...head, at: hour(0) }));

    const other = await verify(["--anchor", path, "--account", accounts.other]);
    const both = await verify(["--anchor", path]);

    expect(other).toMatchObject({ code: 2, stdout: "" });
    expect(other.stderr).toMatch(/^--anchor: the files contain no head of the selected accounts\. Add a file/);
    expect(both).toMatchObject({ code: 0 });
    expect(both.stderr).toMatch(new RegExp(`^${accounts.one}: .*checked against 1 anchor;`, "m"));
    expect(both.stderr).toMatch(new RegExp(`^${accounts.other}: .*checked against 0 anchors;`, "m"));
  });

  it("are written to --out, and not overwritten by it under another name", async () => {
    const path = join(home, "both.jsonl");
    expect(await verify(["--head", "--out", path])).toMatchObject({ code: 0, stdout: "", stderr: "" });
    const text = readFileSync(path, "utf8");
    const out = join(home, "hard.jsonl");
    linkSync(path, out);

    const { code, stdout, stderr } = await verify(["--anchor", path, "--out", out]);

    const message = `--out: ${out} is also the file of --anchor. Choose another file.\n`;
    expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: "", stderr: message });
    expect(readFileSync(out, "utf8")).toBe(text);
  });

  it("are a usage error if the file does not exist, or with --head and --anchor together", async () => {
    expect(await verify(["--anchor", join(home, "none")])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/cannot read .*none \(ENOENT\)\. Expected a file/),
    });
    expect(await verify(["--head", "--anchor", file("any.jsonl", "")])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/Use either --head or --anchor/),
    });
  });
});

describe("docs/verify.md (to update: WRITE_DOCS=1 npm test -- test/integration/verify)", () => {
  // It shows what the command prints, for a day of two accounts, in the states that the document names in comments.
  const [ONE, OTHER] = [
    "account_300fda09-9bf4-4fac-89d2-f89263ddbaf9",
    "account_87824772-0201-4ef0-8267-b55cbc8c6948",
  ] as const;
  const DOCUMENT = new URL("../../docs/verify.md", import.meta.url);
  const document = readFileSync(DOCUMENT, "utf8");

  let table: TestTable;
  let intact: Items;
  beforeAll(async () => {
    table = await startTestTable();
    // The chains are written to a table in memory, which takes less time.
    const memory = tableOf([]);
    const hours = Array.from({ length: 24 }, (_, at) => at);
    for (const id of [ONE, OTHER]) await writeHours(newStore(memory), id, hours);
    intact = memory.items();
    for (const item of intact) await table.put(item);
    writeFileSync(join(home, "heads.jsonl"), (await print(["verify", "--head"])).stdout);
  });
  afterAll(() => table.close());

  const STATES: Record<string, (items: Items) => Items> = {
    "as it was written": (items) => items,
    "after three acts of tampering": (items) => {
      const altered = resealed(richer(nth(snapshotsOf(items, ONE), 8)));
      const inserted = between(nth(snapshotsOf(items, OTHER), 18));
      return put(remove(items, nth(snapshotsOf(items, ONE), 13)), altered, inserted);
    },
    "after the history was rewritten": (items) => {
      const altered = resealed(richer(nth(snapshotsOf(items, ONE), 8)));
      const entries = entriesOf(items, ONE).map((entry, at) => (at === 7 ? entryFor(altered, entry) : entry));
      return put(items, altered, ...rechained(entries, 8));
    },
  };

  /** Runs a command as if it was typed in the folder of the heads. */
  function print(args: readonly string[]) {
    const words = args.map((word) => (word === "heads.jsonl" ? join(home, word) : word));
    return runBalances([...words, "--table", table.name], home, embeddedEnvironment(table), START + 24 * HOUR);
  }

  /** Every comment that names a state, with the text up to the next one. */
  const sections = [...document.matchAll(/<!-- (.+?) -->[\s\S]*?(?=<!-- |$)/g)].map(([text, state = ""]) => [
    state,
    text,
  ]);

  it.each(sections)("shows what the commands find %s", async (state = "", section = "") => {
    const shown = await withItems(table, intact, STATES[state]?.(intact) ?? [], () =>
      refreshExamples(section, async (args) => {
        const { code, stdout, stderr } = await print(args);
        expect(code).toBe(/FINDING/.test(stdout + stderr) ? 1 : 0);
        return stdout + stderr;
      }),
    );

    if (process.env["WRITE_DOCS"]) {
      const current = readFileSync(DOCUMENT, "utf8");
      writeFileSync(
        DOCUMENT,
        current.replace(section, () => shown),
      );
    } else expect(section).toBe(shown);
  });

  it("explains each code, and no other", () => {
    const explained = [...document.matchAll(/^\| `(\w+_\w+)` +\|/gm)].map(([, code]) => code);

    expect(explained.sort()).toEqual(Object.keys(SUGGESTED_FIXES).sort());
  });

  it("has an example of a digest that is right, and the prefix of the heads", () => {
    expect(document).toContain(`\`${digestOf({ b: [1, "é"], a: "x" })}\``);
    expect(document).toContain(`s3://BUCKET/${HEADS_PREFIX}`);
  });
});
