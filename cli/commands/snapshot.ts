import { existsSync } from "node:fs";
import { Command, Option } from "commander";
import { InputError, messageWithFix } from "../../core/domain/errors.ts";
import type { Schedule } from "../../core/domain/history-source.ts";
import { runFailedError } from "../../core/domain/run-result.ts";
import { type Slot, slotAt } from "../../core/domain/slot.ts";
import { ENV } from "../../core/names/environment.ts";
import { defaultLatenessSeconds, schedulePeriodSeconds } from "../../core/schedule/schedule-period.ts";
import { slotRule } from "../../core/schedule/slot-rule.ts";
import { dataFolder, demoMarketIn } from "../../local/data-folder.ts";
import { resolveAccounts } from "../shared/account-prefixes.ts";
import { counted } from "../shared/counted.ts";
import {
  type ApiOptions,
  baseUrlSetting,
  configureJob,
  problemsOf,
  REPLACE_KEY_FILE,
  withApiOptions,
} from "../shared/job-options.ts";
import { progressTelemetry } from "../shared/progress.ts";
import { readSchedule } from "../shared/schedule-option.ts";
import { existingTable, type TableOptions, withTableOption, withWritableTable } from "../shared/table-option.ts";

interface Options extends TableOptions, ApiOptions {
  readonly keyFile: string;
  readonly all?: true;
  readonly owner?: string;
  readonly type?: string;
  readonly dryRun?: true;
  readonly schedule?: string;
  readonly timezone?: string;
}

/** Creates `snapshot`, which runs the job without AWS Lambda, from a shell or cron. */
export function snapshotCommand(): Command {
  const command = new Command("snapshot")
    .description("takes a snapshot of accounts, now or for a slot of a schedule; exit code 1 if an account failed")
    .requiredOption("--key-file <path>", "the CDP API key's JSON file, as downloaded from the CDP portal")
    .option("--account <id...>", "take snapshots of these accounts; unique prefixes are enough for known ones")
    .option("--all", "take snapshots of every account that the key can read")
    .option("--owner <filter>", "with --all: only accounts of these owners: entity, customer or ids, comma-separated")
    .addOption(
      new Option("--type <type>", "with --all: only accounts of this type").choices(["prime", "business", "cdp"]),
    )
    .option(
      "--schedule <expression>",
      "such as 'cron(0 * * * ? *)': take the latest slot of this schedule, once, and record the schedule",
    )
    .option("--timezone <name>", "with --schedule: its IANA time zone (default: UTC)")
    .option("--dry-run", "read all pages and print the result, but write nothing")
    .action(takeSnapshot);
  return withTableOption(withApiOptions(command));
}

async function takeSnapshot(options: Options): Promise<void> {
  assertUsage(options);
  // Loaded on demand: commands that only read must not load the key, the API client and the signer.
  const [{ composeJob }, { readValidKeyFile }] = await Promise.all([
    import("../../core/job.ts"),
    import("../shared/key-file.ts"),
  ]);
  let keyText: string | undefined;
  const readKey = async () => {
    keyText ??= readValidKeyFile(options.keyFile);
    return keyText;
  };
  const { account, owner, type } = options;
  const { timezone = "UTC" } = options;
  const schedule =
    options.schedule === undefined ? undefined : readSchedule(options.schedule, timezone, schedulePeriodSeconds);
  const slot = slotOf(schedule, Date.now());
  // A run for a slot that fails without a key is recorded in the table. Any other one ends before it creates anything.
  if (schedule === undefined || existingTable(options) === undefined) await readKey();
  const config = configureJob(options, {
    [ENV.accountsOwner]: owner,
    [ENV.accountsType]: type,
    ...(schedule !== undefined && environmentOf(schedule)),
  });
  const accounts = account === undefined ? "all" : await resolveAccounts(account, existingTable(options));
  const result = await withWritableTable(options, options, async ({ name: tableName }) => {
    const job = composeJob(
      { ...config, tableName },
      {
        readKey,
        telemetry: progressTelemetry(),
        settingNames: { baseUrl: baseUrlSetting(options), replaceKey: REPLACE_KEY_FILE },
      },
    );
    return job.run({
      slot,
      trigger: schedule === undefined ? "manual" : "schedule",
      accounts,
      dryRun: options.dryRun ?? false,
    });
  });
  process.stdout.write(`${JSON.stringify(result, null, process.stdout.isTTY ? 2 : 0)}\n`);
  const { complete, alreadyComplete, failed } = result.accounts;
  if (complete === 0 && failed === 0) {
    process.stderr.write(`The slot ${slot} was complete for ${counted(alreadyComplete, "account")}: nothing to do.\n`);
  }
  if (failed > 0) {
    process.stderr.write(`${messageWithFix(runFailedError(result))}\n`);
    process.exitCode = 1;
  }
}

/** Returns the latest slot of the schedule; without a schedule, the current time. @throws InputError */
function slotOf(schedule: Schedule | undefined, now: number): Slot {
  if (schedule === undefined) return slotAt(now);
  const [latest] = slotRule(schedule).upTo(now);
  if (latest !== undefined) return slotAt(latest);
  throw new InputError("usage", [`--schedule: ${schedule.expression} has no slot before ${slotAt(now)}.`]);
}

/** Returns the variables that the stack sets for a schedule. @throws InputError */
function environmentOf({ expression, timezone }: Schedule): Readonly<Record<string, string>> {
  const given = process.env[ENV.latenessLimitSeconds] || String(defaultLatenessSeconds(expression, timezone));
  const period = schedulePeriodSeconds(expression, timezone);
  if (Number(given) > period) {
    throw new InputError("usage", [
      `${ENV.latenessLimitSeconds}: is ${given}. Expected at most ${period}, the shortest period of ${expression}.`,
    ]);
  }
  return {
    [ENV.schedule]: expression,
    [ENV.scheduleTimezone]: timezone,
    [ENV.latenessLimitSeconds]: given,
  };
}

function assertUsage(options: Options): void {
  const { account, all, owner, type, table, stack, data, schedule, timezone } = options;
  const problems: string[] = [];
  if (account === undefined && !all) problems.push("Give --account with one or more account ids, or --all.");
  if (account !== undefined && all) problems.push("Use either --account or --all.");
  if (!all && (owner !== undefined || type !== undefined)) problems.push("--owner and --type require --all.");
  const folder = dataFolder(data);
  if (table === undefined && stack === undefined && existsSync(demoMarketIn(folder))) {
    problems.push(
      `${folder} contains demo data, which would be included in your totals. Delete the folder, or move it if it contains your own data. Or select another folder with --data.`,
    );
  }
  if (timezone !== undefined && schedule === undefined) problems.push("--timezone requires --schedule.");
  problems.push(...problemsOf(options));
  if (problems.length > 0) throw new InputError("usage", problems);
}
