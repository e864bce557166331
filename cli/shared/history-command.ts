import { Command, Option } from "commander";
import { History } from "../../core/history/history.ts";
import { type HistoryReader, openHistory } from "../../core/readers.ts";
import { type Clock, readClock } from "./date-time.ts";
import { resolveAsset, resolveDenomination } from "./name-checks.ts";
import { FORMATS, type Format, printNote, type RowFormat, reportDamage, reportFailure, rowFormat } from "./output.ts";
import { showReadingProgress } from "./progress.ts";
import { readScheduleVersion } from "./schedule-option.ts";
import { type AccountSelection, knownAccounts, selectAccounts } from "./select-accounts.ts";
import type { DeployedStack } from "./stack.ts";
import { type TableOptions, withTable, withTableOption } from "./table-option.ts";

export interface HistoryOptions extends TableOptions, AccountSelection {
  readonly timezone: string;
  readonly format?: string;
  readonly wide?: true;
  readonly schedule?: string;
  readonly verbose?: true;
  /** Only for commands that show values. */
  readonly denomination?: string;
  /** Only for commands that show one asset. */
  readonly asset?: string;
}

export interface ValueOptions extends HistoryOptions {
  readonly denomination: string;
}

/** How many accounts a command reads at once. */
export const READ_CONCURRENCY = 16;

export interface CommandContext extends Clock, RowFormat {
  readonly history: History;
  /** Reads what the history does not contain, such as hash chains. */
  readonly reader: HistoryReader;
  /** The selected accounts; by default, all that have or had a complete snapshot. If none has, those that are pending. */
  readonly accountIds: readonly string[];
  /** As `accountIds`, with those that are pending. */
  readonly withPending: readonly string[];
  /** Returns whether `--account` names an account, other than by a glob: then what is missing of it is a failure. */
  readonly isSelected: (accountId: string) => boolean;
  /** The stack that `--stack` names. */
  readonly stack: DeployedStack | undefined;
}

/**
 * Adds the options that select the output and the table.
 * @param formats the command's output formats; empty for a command without `--format`
 * @param defaultFormatText the default format, for the help text
 */
export function withReadingOptions(
  command: Command,
  formats: readonly string[] = FORMATS,
  defaultFormatText = "table on a terminal, else json with one object per line",
): Command {
  command.option("--verbose", "print requests and read units used");
  if (formats.length > 0) {
    command.addOption(
      new Option("--format <format>", `output format (default: ${defaultFormatText})`).choices(formats),
    );
  }
  if (formats.includes("table")) {
    command.option("--wide", "print a table with all columns, whole ids and milliseconds, however wide it is");
  }
  return withTableOption(command);
}

/** Creates a command that reads the history, with the options that all of them share. */
export function historyCommand(name: string, formats?: readonly string[], defaultFormatText?: string): Command {
  const command = new Command(name)
    .option(
      "--account <account...>",
      "only these accounts: names or ids, unique prefixes of them, or a glob such as 'Treasury*' (default: all accounts)",
    )
    .option("--type <type...>", "only accounts of these types, such as prime, business or cdp")
    .option("--owner <owner...>", "only accounts whose owner's id starts with this: entity, customer or an id")
    .option("--key <key...>", "only accounts that these API keys serve: names of keys in the configuration")
    .option(
      "--timezone <name>",
      "IANA time zone, such as Europe/Zurich, for dates in options and times in tables and CSV",
      "UTC",
    )
    .option("--schedule <expression>", "such as 'cron(0 * * * ? *)', instead of the schedule recorded in the table");
  return withReadingOptions(command, formats, defaultFormatText);
}

/**
 * Opens the history that the options select, runs `work` on it, and closes it. Returns the result of `work`.
 * @param work receives the options with the asset and the denomination as they are stored
 * @param clock of a command that has read its times with it: a usage error comes before those of the table
 */
export async function withHistory<Options extends HistoryOptions, T>(
  options: Options,
  work: (context: CommandContext, options: Options) => Promise<T>,
  clock: Clock = readClock(options),
): Promise<T> {
  const { timezone, now } = clock;
  const printing = rowFormat(options.format as Format | undefined, options.wide);
  const schedules = options.schedule === undefined ? undefined : [readScheduleVersion(options.schedule, timezone)];
  return withTable(options, async (table) => {
    const reader = openHistory(table.name, reportDamage);
    return showReadingProgress(reader, options, async () => {
      const history = await History.load(reader, now, schedules);
      if (history.accountIds.length === 0) throw await table.noSnapshots();
      const { accountIds: withPending, named } = selectAccounts(options, knownAccounts(history.activities));
      const accountIds = options.account === undefined ? startedOf(withPending, history) : withPending;
      const { asset, denomination } = options;
      const symbols = {
        ...(asset !== undefined && { asset: await resolveAsset(history, asset) }),
        ...(denomination !== undefined && {
          denomination: await resolveDenomination(history, accountIds, denomination),
        }),
      };
      const isSelected = (accountId: string) => named.has(accountId);
      const selection = { accountIds, withPending, isSelected };
      const context = { ...clock, ...printing, history, reader, ...selection, stack: table.stack };
      const result = await work(context, { ...options, ...symbols });
      reportAltered(reader);
      return result;
    });
  });
}

/** Altered snapshots that a command lists. */
const MAX_LISTED = 5;

/**
 * Reports the altered snapshots that a command has read. A command may not show one of them, but has decided so by what the
 * snapshot states.
 */
function reportAltered({ altered }: HistoryReader): void {
  for (const { accountId, slot } of altered.slice(0, MAX_LISTED)) {
    reportFailure(
      `The snapshot of ${accountId} for ${slot} does not match its digest: it was altered. Run balances verify.`,
    );
  }
  if (altered.length > MAX_LISTED) printNote("More snapshots were altered. Run balances verify.");
}

/** Returns the accounts that have or had a complete snapshot; if none has, all of them, which are pending. */
function startedOf(accountIds: readonly string[], history: History): readonly string[] {
  const started = accountIds.filter((id) => history.activity(id).periods.length > 0);
  return started.length === 0 ? accountIds : started;
}
