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
  entering,
  entriesOf,
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

// What docs/verify.md shows is what the command prints: on a day of two accounts, in the states that the document names.

const [ONE, OTHER] = [
  "account_300fda09-9bf4-4fac-89d2-f89263ddbaf9",
  "account_87824772-0201-4ef0-8267-b55cbc8c6948",
] as const;
const document = readFileSync(new URL("../../docs/verify.md", import.meta.url), "utf8");

let table: TestTable;
let honest: Items;
let home: string;
beforeAll(async () => {
  table = await startTestTable();
  home = mkdtempSync(join(tmpdir(), "verify-docs-"));
  const hours = Array.from({ length: 24 }, (_, at) => at);
  for (const id of [ONE, OTHER]) await writeHours(newStore(table), id, hours);
  honest = await table.items();
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
    const entries = entriesOf(items, ONE).map((entry, at) => (at === 7 ? entering(altered, entry) : entry));
    return put(items, altered, ...rechained(entries, 8));
  },
};

/** What a command line prints, as it would be typed in the folder of the heads. */
function print(command: string) {
  const words = command.split(" ").map((word) => (word === "heads.jsonl" ? join(home, word) : word));
  return runBalances([...words, "--table", table.name], home, embeddedEnvironment(table), START + 24 * HOUR);
}

describe("docs/verify.md", () => {
  // Every command with what it is said to print, and the state that was named last before it.
  const commands: [state: string, command: string, output: string][] = [];
  let state = "";
  for (const [, named, command, output = ""] of document.matchAll(
    /<!-- (.+?) -->|```\n\$ npm run -s balances -- (.+)\n([\s\S]*?)```/g,
  )) {
    if (named !== undefined) state = named;
    if (command !== undefined) commands.push([state, command, output]);
  }

  it.each(commands)("shows what is found %s by %s", async (state, command, output) => {
    const printed = await withItems(table, honest, STATES[state]?.(honest) ?? [], () => print(command));

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
