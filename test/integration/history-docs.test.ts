import { readFileSync } from "node:fs";
import { displayWidth } from "../../cli/shared/format/display-width.ts";
import { createDemoMarket, writeExampleHistory } from "../../demo/example-history.ts";
import { embeddedEnvironment } from "../../local/dynamodb/embedded-dynamodb.ts";
import { DOCUMENTS, EXAMPLE_NOW, refreshExamples } from "../../tools/docs/documented-commands.ts";
import { writeExampleTransfers } from "../../tools/docs/example-transfers.ts";
import { EXHAUSTIVE } from "../support/exhaustive.ts";
import { expectFailure, runBalances } from "../support/history-cli.ts";
import { patientClient } from "../support/history-table.ts";
import { afterAll, beforeAll, describe, expect, it } from "../support/jest.ts";
import { newFolder } from "../support/new-folder.ts";
import { keepTableInMemory, NOWHERE } from "../support/world/memory-table.ts";

const home = newFolder();
const TABLE = "history-docs";
let removeTable: () => void;
let withTransfers: ReturnType<typeof writeExampleTransfers>;

beforeAll(async () => {
  removeTable = keepTableInMemory(TABLE);
  const market = createDemoMarket();
  await writeExampleHistory(patientClient(NOWHERE), TABLE, market);
  withTransfers = writeExampleTransfers(home, market);
});
afterAll(() => removeTable());

/** @param columns the width of the terminal; default: stdout is a pipe */
function balances(args: readonly string[], env: NodeJS.ProcessEnv = {}, columns?: number) {
  const all = { ...embeddedEnvironment({ url: NOWHERE }), ...env };
  return runBalances([...args, "--table", TABLE], home, all, EXAMPLE_NOW, columns);
}

/** By command: the documents show some of them several times, in parts. */
const outputs = new Map<string, string>();

async function outputOf(args: readonly string[]): Promise<string> {
  const command = args.join(" ");
  const known = outputs.get(command);
  if (known !== undefined) return known;
  const { stdout, stderr } = await balances(withTransfers(args));
  outputs.set(command, stdout + stderr);
  return stdout + stderr;
}

it.each(DOCUMENTS)("%s shows the current output of the commands; if not, run `npm run docs`", async (name) => {
  const document = readFileSync(new URL(`../../${name}`, import.meta.url), "utf8");
  let commands = 0;

  const now = await refreshExamples(document, (args) => {
    commands++;
    return outputOf(args);
  });

  expect(document).toBe(now);
  expect(commands).toBeGreaterThan(3);
});

describe("a table", () => {
  const range = "--from 2026-11-07T22:00:00Z";
  const zurich = "--timezone Europe/Zurich";
  const transfers = "--from 2026-11-06 --to 2026-11-07 --transfers .local/transfers.json";
  /** A table of rows, one with notes, one of several tables, and a document. */
  const SOME = [
    "accounts --gaps-from 2026-11-07",
    `gaps ${range}`,
    "changes --by value --top 5",
    `reconcile --account account_8 ${transfers}`,
  ];
  const OTHERS = [
    "latest",
    `history --asset eth --every 1h ${range} ${zurich}`,
    `totals --every 1h ${range}`,
    "changes --from 2026-10-26 --account account_8",
    "verify --head",
    `as-of --at 2026-10-31 ${zurich}`,
    `history --asset eth ${range}`,
    `totals --every 1w ${zurich}`,
    `changes --unchanged ${range}`,
    `gaps --coverage ${range}`,
    ...["asset", "account", "type", "owner"].map((by) => `as-of --at 2026-10-31 ${zurich} --by ${by}`),
    "totals --by asset --every 1mo",
    "changes --by value --per-account --from 2026-10-26",
    "verify --account account_8",
    `reconcile --by asset ${transfers}`,
  ];
  const tooWide = (text: string, columns: number) => text.split("\n").filter((line) => displayWidth(line) > columns);

  const widths = EXHAUSTIVE ? [60, 80, 200] : [60];

  it.each(EXHAUSTIVE ? [...SOME, ...OTHERS] : SOME)(
    "fits narrow terminals, and with --wide has everything: %s",
    async (command) => {
      const args = withTransfers(command.split(" "));

      const fitting = await Promise.all(
        widths.map((columns) => balances([...args, "--format", "table"], { COLUMNS: String(columns) })),
      );
      const wide = await balances([...args, "--wide"]);

      expect(fitting.map(({ code }) => code)).toEqual(widths.map(() => wide.code));
      expect(fitting.map(({ stdout }, at) => tooWide(stdout, widths[at] ?? 0))).toEqual(widths.map(() => []));
      expect(wide.stdout).not.toContain("not shown:");
      for (const { stdout } of fitting) {
        const [, notShown = ""] = stdout.split("\nnot shown: ");
        // A table names what it leaves out; everything else has every digit.
        const lost = new Set(wide.stdout.match(/\d+\.\d{4,}/g)?.filter((amount) => !stdout.includes(amount)));
        expect(lost.size === 0 || notShown !== "").toBe(true);
      }
    },
  );

  it("fits the terminal, unless COLUMNS is set, and else 80 columns", async () => {
    const args = ["totals", "--from", "2026-11-07"];
    const [pipe, terminal, variable, invalid] = await Promise.all([
      balances([...args, "--format", "table"]),
      balances(args, {}, 120),
      balances(args, { COLUMNS: "60" }, 120),
      balances(args, { COLUMNS: "0" }, 120),
    ]);

    const widths = [pipe, terminal, variable].map(({ stdout }) => Math.max(...stdout.split("\n").map(displayWidth)));
    expect(widths.map((width) => Math.ceil(width / 20) * 20)).toEqual([80, 100, 60]);
    expect(invalid.stdout).toBe(terminal.stdout);
  });

  it("contradicts another format with --wide", async () => {
    const ended = await balances(["latest", "--wide", "--format", "json"]);

    expectFailure(ended, 2, /^--wide is for tables,/);
  });
});
