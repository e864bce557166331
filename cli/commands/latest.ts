import { Command, Option } from "commander";
import { composeReader, type HistoryReader } from "../../lambda/composition.ts";
import { InputError } from "../../lambda/domain/errors.ts";
import type { Snapshot } from "../../lambda/domain/snapshot.ts";
import { type BalanceRow, balanceRows } from "../../lambda/history/rows.ts";
import { csvLine } from "../format/csv.ts";
import { snapshotTable } from "../format/snapshot-table.ts";
import { withTable, withTableOption } from "../table-option.ts";

interface Options {
  readonly account: readonly string[];
  readonly denomination: string;
  readonly format?: "table" | "json" | "csv";
  readonly table?: string;
}

/** `latest`: the newest complete snapshot of each account. */
export function latestCommand(): Command {
  const command = new Command("latest")
    .description("shows the newest complete snapshot of each account")
    .option("--account <id...>", "these accounts only (default: all that the table knows)", [])
    .option("--denomination <symbol>", "in which values are shown and sorted", "usd")
    .addOption(
      new Option("--format <format>", "default: table on a terminal, else json, one object a line").choices([
        "table",
        "json",
        "csv",
      ]),
    )
    .action((options: Options) =>
      withTable(options.table, (tableName) => showLatest(composeReader(tableName), options)),
    );
  return withTableOption(command);
}

async function showLatest(reader: HistoryReader, options: Options): Promise<void> {
  const { denomination, format = process.stdout.isTTY ? "table" : "json" } = options;
  const known = [...(await reader.accounts()).keys()];
  const accountIds = options.account.length === 0 ? known : options.account;
  assertKnown(accountIds, known);
  const assets = format === "table" ? await reader.assets() : new Map();
  if (format === "csv") process.stdout.write(csvLine(CSV_HEADER));
  for (const accountId of accountIds) {
    const snapshot = await reader.latest(accountId);
    if (snapshot === undefined) {
      process.stderr.write(`${accountId} has no complete snapshot yet; its records say why.\n`);
      process.exitCode = 1;
    } else if (format !== "table" && snapshot.assets === 0) {
      process.stderr.write(`${accountId} holds nothing (slot ${snapshot.slot}).\n`);
    } else if (format === "table") {
      process.stdout.write(`${snapshotTable(snapshot, { denomination, assets, now: Date.now() })}\n\n`);
    } else {
      writeRows(snapshot, denomination, format);
    }
  }
}

function assertKnown(accountIds: readonly string[], known: readonly string[]): void {
  if (known.length === 0) {
    throw new InputError("usage", [
      "The table has no snapshots yet. Take one with the command snapshot, or try the demo: npm start.",
    ]);
  }
  const unknown = accountIds.filter((id) => !known.includes(id));
  if (unknown.length > 0) {
    throw new InputError("usage", [`The table does not know ${unknown.join(", ")}. It knows: ${known.join(", ")}.`]);
  }
}

const CSV_HEADER = [
  "slot",
  "capturedAt",
  "accountId",
  "asset",
  "available",
  "total",
  "hold",
  "denomination",
  "valueAvailable",
  "valueTotal",
];

function writeRows(snapshot: Snapshot, denomination: string, format: "json" | "csv"): void {
  for (const row of balanceRows(snapshot, denomination)) {
    process.stdout.write(format === "json" ? `${JSON.stringify(row)}\n` : csvLine(csvFields(row, denomination)));
  }
}

/** An asset without a price has empty values: unpriced is not worthless. */
function csvFields(row: BalanceRow, denomination: string): string[] {
  const { slot, capturedAt, accountId, asset, available, total, hold, values } = row;
  const value = values[denomination];
  const fields = [slot, capturedAt, accountId, asset, available, total, hold, denomination];
  return [...fields, value?.available ?? "", value?.total ?? ""];
}
