import { Command, Option } from "commander";
import { InputError } from "../../core/domain/errors.ts";
import type { ScheduleVersion, SlotRange } from "../../core/domain/history.ts";
import { type HistoryReader, openHistory } from "../../core/readers.ts";
import { longestPeriod, slotRule } from "../../core/schedule/slot-rule.ts";
import { selectAccounts, warnAboutUnknownDenomination } from "./known-names.ts";
import { assertTimezone, type MomentContext, parseMoment } from "./moment.ts";
import { defaultFormat, FORMATS, type Format } from "./output.ts";
import { startProgress } from "./progress.ts";
import { withTable, withTableOption } from "./table-option.ts";

/** What every command that reads the history takes. */
export interface HistoryOptions {
  readonly account: readonly string[];
  readonly timezone: string;
  readonly format?: Format;
  readonly table?: string;
  readonly stack?: string;
  readonly schedule?: string;
  readonly verbose?: true;
  /** Only of the commands that show values. */
  readonly denomination?: string;
}

/** A table's history, opened for one command. */
export interface OpenHistory {
  readonly reader: HistoryReader;
  /** The accounts that were asked for, or all. */
  readonly accountIds: readonly string[];
  /** The slot of each known account's first record. */
  readonly since: ReadonlyMap<string, string>;
  /** Oldest first; none if the job was only ever started by hand and `--schedule` was not given. */
  readonly schedules: readonly ScheduleVersion[];
  readonly format: Format;
  readonly timezone: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** The longest period that the schedule had about a stretch of time, in milliseconds; 0 without one. */
  periodMs(range: SlotRange): number;
  /** A moment that an option gave. */
  moment(option: string, text: string, edge: MomentContext["edge"]): number;
}

/**
 * A command that reads the history, with the options that all of them have.
 * @param formats the forms that the answer can take, and which it takes by default
 */
export function historyCommand(
  name: string,
  description: string,
  formats: readonly string[] = FORMATS,
  presetFormat = "table on a terminal, else json, one object a line",
): Command {
  const command = new Command(name)
    .description(description)
    .option("--account <id...>", "these accounts only (default: all that the table knows)", [])
    .option("--timezone <name>", "IANA time zone of the dates that are given, and of the times in tables", "UTC")
    .option("--schedule <expression>", "rate(…) or cron(…), in place of the schedule that the table knows")
    .option("--verbose", "tell what reading cost");
  command.addOption(new Option("--format <format>", `default: ${presetFormat}`).choices(formats));
  return withTableOption(command);
}

/** Opens the history that the options name, and closes it after the work. */
export async function withHistory(
  options: Omit<HistoryOptions, "format"> & { readonly format?: string },
  work: (history: OpenHistory) => Promise<void>,
): Promise<void> {
  assertTimezone(options.timezone);
  const given = givenSchedule(options);
  await withTable(options, async (tableName) => {
    const reader = openHistory(tableName);
    const progress = startProgress(() => `${reader.usage.requests} requests`);
    try {
      const since = await reader.accounts();
      const schedules = given ?? (await reader.schedules());
      const now = Date.now();
      const history: OpenHistory = {
        reader,
        since,
        accountIds: selectAccounts(options.account, [...since.keys()]),
        schedules,
        periodMs: (range) => longestPeriod(schedules, range),
        format: (options.format as Format | undefined) ?? defaultFormat(),
        timezone: options.timezone,
        now,
        moment: (option, text, edge) => parseMoment(text, { option, edge, timezone: options.timezone, now }),
      };
      if (options.denomination !== undefined) await warnAboutUnknownDenomination(history, options.denomination);
      await work(history);
    } finally {
      progress.stop();
      if (options.verbose) {
        const { requests, capacityUnits } = reader.usage;
        process.stderr.write(`${requests} requests, ${capacityUnits} read capacity units\n`);
      }
    }
  });
}

function givenSchedule({
  schedule,
  timezone,
}: Pick<HistoryOptions, "schedule" | "timezone">): readonly ScheduleVersion[] | undefined {
  if (schedule === undefined) return undefined;
  const version = { expression: schedule, timezone, since: new Date(0).toISOString() };
  if (slotRule(version) !== undefined) return [version];
  throw new InputError("usage", [
    `--schedule: "${schedule}" is none. Give one like rate(1 hour) or cron(0 * * * ? *).`,
  ]);
}
