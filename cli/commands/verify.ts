import { readFileSync } from "node:fs";
import { Command } from "commander";
import { type AccountActivities, descriptionAt } from "../../core/domain/account-activity.ts";
import { InputError } from "../../core/domain/errors.ts";
import { slotAt } from "../../core/domain/slot.ts";
import { printable } from "../../core/domain/untrusted-text.ts";
import { AccountSchedules } from "../../core/history/account-schedules.ts";
import type { Head } from "../../core/integrity/entry.ts";
import { parseHead } from "../../core/integrity/heads.ts";
import type { IntegrityFinding } from "../../core/integrity/integrity-finding.ts";
import { type Verification, verifyAccount } from "../../core/integrity/verify.ts";
import { type ChainReader, openChains } from "../../core/readers.ts";
import { accountLabel, type Named, nameAt, named } from "../shared/account-names.ts";
import { counted } from "../shared/counted.ts";
import { fieldsOf, withDropOrder } from "../shared/fields.ts";
import { separated, wrapWords } from "../shared/format/wrap.ts";
import { withReadingOptions } from "../shared/history-command.ts";
import {
  FORMATS,
  type Format,
  type OutputTarget,
  printRows,
  type RowFormat,
  rowFormat,
  tableWidth,
} from "../shared/output.ts";
import { formatOf, withOutput } from "../shared/output-file.ts";
import { showReadingProgress } from "../shared/progress.ts";
import { knownAccounts, selectAccounts } from "../shared/select-accounts.ts";
import { type TableOptions, withTable } from "../shared/table-option.ts";

const FINDING_FIELDS = {
  accountId: "account",
  slot: "time",
  sequence: "count",
  severity: "text",
  code: "text",
  message: "note",
} as const;

const HEAD_FIELDS = { accountId: "account", sequence: "count", slot: "id", hash: "id", at: "id" } as const;

interface Options extends TableOptions {
  readonly account?: readonly string[];
  readonly anchor?: readonly string[];
  readonly head?: true;
  readonly out?: string;
  readonly format?: Format;
  readonly wide?: true;
  readonly verbose?: true;
}

export function verifyCommand(): Command {
  const command = new Command("verify")
    .option(
      "--account <account...>",
      "only these accounts: names or ids, unique prefixes of them, or a glob (default: all accounts in the table and in --anchor)",
    )
    .option("--anchor <file...>", "heads stored outside the table, which the chains must still contain")
    .option("--head", "print chain heads for safekeeping; does not verify")
    .option(
      "--out <file>",
      "the output file, replaced when complete, in json unless its ending selects csv; - is stdout",
    )
    .action(run);
  return withReadingOptions(command);
}

async function run(options: Options): Promise<void> {
  const anchors = readAnchors(options);
  const { out, wide } = options;
  const format = rowFormat(formatOf(options, FORMATS) ?? (out === undefined || wide ? undefined : "json"), wide);
  await withOutput(out, { "--anchor": options.anchor ?? [] }, (target) =>
    runOn(options, anchors, { target, ...format }),
  );
}

interface Printing extends RowFormat {
  readonly target: OutputTarget;
}

async function runOn(options: Options, anchors: readonly Head[], printing: Printing): Promise<void> {
  await withTable(options, async (table) => {
    const reader = openChains(table.name);
    await showReadingProgress(reader, options, async () => {
      // Includes the accounts of the anchors: an account deleted from the table is not listed there.
      const catalog = await reader.catalog();
      const anchored = anchors.filter(({ accountId }) => !catalog.accounts.has(accountId));
      const known = [...knownAccounts(catalog.accounts), ...anchored];
      if (known.length === 0) throw await table.noSnapshots();
      const { accountIds } = selectAccounts(options, known);
      if (anchors.length > 0 && !anchors.some(({ accountId }) => accountIds.includes(accountId))) {
        throw new InputError("usage", [
          "--anchor: the files contain no head of the selected accounts. Add a file that does, or change --account.",
        ]);
      }
      if (options.head) await printHeads(reader, accountIds, catalog, printing);
      else await verify(reader, accountIds, catalog, anchors, printing);
    });
  });
}

/** Reads the heads in the files of `--anchor`. @throws InputError */
function readAnchors({ anchor = [], head }: Options): readonly Head[] {
  if (head && anchor.length > 0) throw new InputError("usage", ["Use either --head or --anchor."]);
  return anchor.flatMap(readHeads);
}

/** Reads the heads in one file. An empty file is an error, because nothing would be checked against it. */
function readHeads(path: string): readonly Head[] {
  const lines = readAnchorFile(path)
    .split(/\r?\n/)
    .map((line, at) => [line.trim(), at + 1] as const);
  const heads = lines.flatMap(([line, at]) => {
    if (line === "") return [];
    const parsed = parseHead(line);
    if (parsed !== undefined) return [parsed];
    throw new InputError("usage", [
      `--anchor: ${path}, line ${at}, is not a valid head. Expected the output of verify --head --format json.`,
    ]);
  });
  if (heads.length > 0) return heads;
  throw new InputError("usage", [
    `--anchor: ${path} contains no heads. Expected the output of verify --head --format json.`,
  ]);
}

function readAnchorFile(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    const expected = "Expected a file written by verify --head.";
    throw new InputError("usage", [`--anchor: cannot read ${path} (${code}). ${expected}`]);
  }
}

/** Returns what the rows of a table need to show the newest names of accounts. */
function newestNames(accountIds: readonly string[], accounts: AccountActivities) {
  const description = (accountId: string) => {
    const { name } = descriptionAt(accounts.get(accountId) ?? { periods: [] }, Number.POSITIVE_INFINITY);
    return { accountId, name };
  };
  return { accountIds, description };
}

async function printHeads(
  reader: ChainReader,
  accountIds: readonly string[],
  { accounts }: Awaited<ReturnType<ChainReader["catalog"]>>,
  printing: Printing,
): Promise<void> {
  const at = slotAt(Date.now());
  const history = newestNames(accountIds, accounts);
  const fields = fieldsOf<Named<Head>>(HEAD_FIELDS, { timezone: "UTC", history });
  await printRows(heads(), printing, fields, printing.target);

  async function* heads(): AsyncGenerator<Named<Head>> {
    for (const accountId of accountIds) {
      const head = await reader.head(accountId, at);
      if (head !== undefined) yield named(history, head);
      else process.stderr.write(`${printable(accountId)} has no hash chain yet. The next run starts it.\n`);
    }
  }
}

async function verify(
  reader: ChainReader,
  accountIds: readonly string[],
  { accounts, schedules, findings: damage }: Awaited<ReturnType<ChainReader["catalog"]>>,
  anchors: readonly Head[],
  { target, ...printing }: Printing,
): Promise<void> {
  const { format, wide } = printing;
  const summaries: string[][] =
    damage.length === 0 ? [] : [[`catalog: ${counted(damage.length, "FINDING", "FINDINGS")}`]];
  if (damage.length > 0) process.exitCode = 1;
  const history = newestNames(accountIds, accounts);
  const ofAccounts = new AccountSchedules(schedules);
  const fields = withDropOrder(fieldsOf<Named<IntegrityFinding>>(FINDING_FIELDS, { timezone: "UTC", history }), [
    "sequence",
  ]);
  const found = await printRows(findings(), printing, fields, target);
  const maxWidth = format === "table" && target.path === undefined ? tableWidth({ wide }) : undefined;
  const text = summaries.map((line) => `${wrapWords(line, maxWidth)}\n`).join("");
  if (format === "table") await target.write(found === 0 ? text : `\n${text}`);
  // A file alone would not say why the exit code is 1.
  if (format !== "table" || target.path !== undefined) process.stderr.write(text);

  async function* findings(): AsyncGenerator<Named<IntegrityFinding>> {
    for (const { accountId, ...finding } of damage)
      yield { accountId, accountName: nameAt(history, accountId), ...finding };
    for (const accountId of accountIds) {
      const ofAccount = anchors.filter((anchor) => anchor.accountId === accountId);
      const activity = accounts.get(accountId);
      const possible = ofAccounts.possible(activity);
      const facts = { activity, schedules: possible, anchors: ofAccount, now: Date.now() };
      const verification = await verifyAccount(reader, accountId, facts);
      if (verification.findings.some(({ severity }) => severity === "finding")) process.exitCode = 1;
      const accountName = nameAt(history, accountId);
      summaries.push(summary(verification, accountName, anchors.length > 0 ? ofAccount.length : undefined));
      for (const { accountId: _, ...finding } of verification.findings) yield { accountId, accountName, ...finding };
    }
  }
}

/**
 * Returns what was verified, as words for `wrapWords`.
 * @param anchors how many heads the account was checked against; `undefined` without `--anchor`
 */
function summary(
  { accountId, snapshots, entries, expired, head, findings }: Verification,
  accountName: string | null,
  anchors: number | undefined,
): string[] {
  const found = findings.filter(({ severity }) => severity === "finding").length;
  const warnings = findings.length - found;
  const parts = [
    `${counted(snapshots, "snapshot")}, ${counted(entries, "entry", "entries")}`,
    ...(expired > 0 ? [`${expired} expired`] : []),
    head === undefined ? "no chain" : `head ${head.sequence} of ${head.slot} ${head.hash.slice(0, 16)}…`,
    ...(anchors !== undefined ? [`checked against ${counted(anchors, "anchor")}`] : []),
    found === 0 ? "no findings" : counted(found, "FINDING", "FINDINGS"),
    ...(warnings > 0 ? [counted(warnings, "warning")] : []),
  ];
  return [`${accountLabel(printable(accountId), accountName)}:`, ...separated(parts, ";")];
}
