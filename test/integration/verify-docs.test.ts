import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { digestOf } from "../../core/integrity/canonical.ts";
import { SUGGESTED_FIXES } from "../../core/integrity/integrity-finding.ts";
import { HEADS_PREFIX } from "../../core/names/anchor-environment.ts";
import { embeddedEnvironment } from "../../local/dynamodb/embedded-dynamodb.ts";
import { runBalances } from "../support/history-cli.ts";
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
import { HOUR, newStore, START, withItems, writeHours } from "../unit/integrity/history.ts";
import { startTestTable, type TestTable } from "../unit/table/embedded.ts";

// docs/verify.md shows what the command prints, for a day of two accounts, in the states that the document names in comments.
// `WRITE_DOCS=1 npm test -- test/integration/verify-docs` updates the document.

const [ONE, OTHER] = [
  "account_300fda09-9bf4-4fac-89d2-f89263ddbaf9",
  "account_87824772-0201-4ef0-8267-b55cbc8c6948",
] as const;
const DOCUMENT = new URL("../../docs/verify.md", import.meta.url);
const document = readFileSync(DOCUMENT, "utf8");
/** A comment that names a state, or a command with its output. */
const STATE_OR_COMMAND = /<!-- (.+?) -->|```\n\$ npm run -s balances -- (.+)\n([\s\S]*?)```/g;

let table: TestTable;
let intact: Items;
let home: string;
beforeAll(async () => {
  table = await startTestTable();
  home = mkdtempSync(join(tmpdir(), "verify-docs-"));
  const hours = Array.from({ length: 24 }, (_, at) => at);
  for (const id of [ONE, OTHER]) await writeHours(newStore(table), id, hours);
  intact = await table.items();
  writeFileSync(join(home, "heads.jsonl"), (await print("verify --head")).stdout);
});
afterAll(async () => {
  await table.close();
  rmSync(home, { recursive: true });
});

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
function print(command: string) {
  const words = command.split(" ").map((word) => (word === "heads.jsonl" ? join(home, word) : word));
  return runBalances([...words, "--table", table.name], home, embeddedEnvironment(table), START + 24 * HOUR);
}

/** Replaces the output of the document's nth command, and returns it. */
function writeOutput(index: number, output: string): string {
  let count = 0;
  const replaced = readFileSync(DOCUMENT, "utf8").replace(STATE_OR_COMMAND, (found, _, command) =>
    command === undefined || count++ !== index ? found : `\`\`\`\n$ npm run -s balances -- ${command}\n${output}\`\`\``,
  );
  writeFileSync(DOCUMENT, replaced);
  return output;
}

describe("docs/verify.md (to update: WRITE_DOCS=1 npm test -- test/integration/verify-docs)", () => {
  // Every command with its documented output, and the last state named before it.
  const commands: [state: string, command: string, output: string, index: number][] = [];
  let state = "";
  for (const [, named, command, output = ""] of document.matchAll(STATE_OR_COMMAND)) {
    if (named !== undefined) state = named;
    if (command !== undefined) commands.push([state, command, output, commands.length]);
  }

  it.each(commands)("shows what is found %s by %s", async (state, command, documented, index) => {
    const printed = await withItems(table, intact, STATES[state]?.(intact) ?? [], () => print(command));

    const output = process.env["WRITE_DOCS"] ? writeOutput(index, printed.stdout + printed.stderr) : documented;
    expect(printed.stdout + printed.stderr).toBe(output);
    expect(printed.code).toBe(/FINDING/.test(output) ? 1 : 0);
  });

  it("shows each state", () => {
    expect([...new Set(commands.map(([state]) => state))].sort()).toEqual(Object.keys(STATES).sort());
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
