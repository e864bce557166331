import { existsSync } from "node:fs";
import { Command, Option } from "commander";
import type { JobConfig } from "../../core/config.ts";
import { InputError, messageWithFix } from "../../core/domain/errors.ts";
import type { Schedule } from "../../core/domain/history-source.ts";
import { runFailedError } from "../../core/domain/run-result.ts";
import { slotAt } from "../../core/domain/slot.ts";
import { printable } from "../../core/domain/untrusted-text.ts";
import { ENV } from "../../core/names/environment.ts";
import { KEY_NAME } from "../../core/names/patterns.ts";
import { defaultLatenessSeconds, schedulePeriodSeconds } from "../../core/schedule/schedule-period.ts";
import { slotRule } from "../../core/schedule/slot-rule.ts";
import { dataFolder, demoMarketIn } from "../../local/data-folder.ts";
import { counted } from "../shared/counted.ts";
import {
  type ApiOptions,
  baseUrlSetting,
  configureJob,
  problemsOf,
  REPLACE_KEY_FILE,
  withApiOptions,
} from "../shared/job-options.ts";
import { assertKeyOfRun } from "../shared/key-names.ts";
import { namedResult } from "../shared/named-result.ts";
import { progressTelemetry } from "../shared/progress.ts";
import { resolveAccounts } from "../shared/resolve-accounts.ts";
import { readSchedule } from "../shared/schedule-option.ts";
import {
  existingTable,
  type TableOptions,
  tableProblems,
  withTableOption,
  withWritableTable,
} from "../shared/table-option.ts";
import { UsageProblems } from "../shared/usage-problems.ts";

interface Options extends TableOptions, ApiOptions {
  readonly keyFile: string;
  readonly all?: true;
  readonly owner?: string;
  readonly type?: string;
  readonly key?: string;
  readonly newKey?: true;
  readonly dryRun?: true;
  readonly schedule?: string;
  readonly timezone?: string;
}

/** Creates `snapshot`, which runs the job without AWS Lambda, from a shell or cron. */
export function snapshotCommand(): Command {
  const command = new Command("snapshot")
    .requiredOption("--key-file <path>", "the CDP API key's JSON file, as downloaded from the CDP portal")
    .option("--account <account...>", "take snapshots of these accounts: ids, or names or prefixes of known ones")
    .option("--all", "take snapshots of every account that the key can read")
    .option("--owner <filter>", "with --all: only accounts of these owners: entity, customer or ids, comma-separated")
    .addOption(
      new Option("--type <type>", "with --all: only accounts of this type").choices(["prime", "business", "cdp"]),
    )
    .option("--key <name>", "the name of the key, if several keys have snapshots in the table")
    .option("--new-key", "with --key: the name is new in the table")
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
  // Loaded on demand: commands that only read must not load the key, the API client and the signer.
  const [{ composeJob }, { assertKey, readKeyFile }] = await Promise.all([
    import("../../core/job.ts"),
    import("../shared/key-file.ts"),
  ]);
  let keyText: string | undefined;
  // Read only once, because the file may be a pipe.
  const readKeyText = () => {
    keyText ??= readKeyFile(options.keyFile);
    return keyText;
  };
  const readKey = async () => {
    assertKey(readKeyText(), options.keyFile);
    return readKeyText();
  };
  const { slot, trigger, config, table, needsKey } = checkOptions(options, readKeyText);
  const { key } = options;
  if (needsKey) await readKey();
  const accounts = options.account === undefined ? "all" : await resolveAccounts(options.account, table);
  const result = await withWritableTable(options, async (selected) => {
    await assertKeyOfRun(selected, options, accounts);
    const tableName = selected.name;
    const job = composeJob(
      { ...config, tableName, ...(key !== undefined && { key }) },
      {
        readKey,
        telemetry: progressTelemetry(),
        settingNames: { baseUrl: baseUrlSetting(options), replaceKey: REPLACE_KEY_FILE },
      },
    );
    // A manual run starts only now, perhaps after a wait for the folder.
    const started = slot ?? slotAt(Date.now());
    const result = await job.run({ slot: started, trigger, accounts, dryRun: options.dryRun ?? false });
    return namedResult(result, tableName);
  });
  process.stdout.write(`${JSON.stringify(result, null, process.stdout.isTTY ? 2 : 0)}\n`);
  const { complete, alreadyComplete, failed } = result.accounts;
  if (complete === 0 && failed === 0) {
    process.stderr.write(
      `The slot ${result.slot} was complete for ${counted(alreadyComplete, "account")}: nothing to do.\n`,
    );
  }
  if (failed > 0) {
    process.stderr.write(`${messageWithFix(runFailedError(result))}\n`);
    process.exitCode = 1;
  }
}

/**
 * Returns what the options select. Runs all checks, to report every problem at once.
 * @throws InputError with every problem
 */
function checkOptions(options: Options, readKeyText: () => string) {
  const problems = new UsageProblems();
  problems.add(...usageProblems(options));
  const table = problems.attempt(() => existingTable(options));
  const run = problems.attempt(() => runFor(options));
  const filters = { [ENV.accountsOwner]: options.owner, [ENV.accountsType]: options.type };
  const config = problems.attempt(() => configureJob(options, { ...filters, ...run?.variables }));
  // A run for a slot that fails without a key is recorded in the table. Any other one ends before it creates anything.
  const needsKey = options.schedule === undefined || table === undefined;
  if (needsKey) problems.attempt(readKeyText);
  problems.assertNone();
  return { ...(run as NonNullable<typeof run>), config: config as JobConfig, table, needsKey };
}

/**
 * Returns the slot to take, what starts the run, and the variables that depend on the schedule: with `--schedule` its latest
 * slot, else `undefined`, the start of the run.
 * @throws InputError
 */
function runFor({ schedule: expression, timezone = "UTC" }: Options) {
  if (expression === undefined) return { slot: undefined, trigger: "manual", variables: {} } as const;
  const now = Date.now();
  const schedule = readSchedule(expression, timezone, schedulePeriodSeconds);
  const [latest] = slotRule(schedule).upTo(now);
  if (latest === undefined) {
    throw new InputError("usage", [`--schedule: ${expression} has no slot before ${slotAt(now)}.`]);
  }
  return { slot: slotAt(latest), trigger: "schedule", variables: environmentOf(schedule) } as const;
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

/** Returns what is wrong with the options, except the values of `--schedule` and `--key-file`. */
function usageProblems(options: Options): string[] {
  const { account, all, owner, type, key, newKey, table, stack, data, schedule, timezone } = options;
  const problems: string[] = [];
  if (account === undefined && !all) problems.push("Give --account with one or more account ids, or --all.");
  if (account !== undefined && all) problems.push("Use either --account or --all.");
  if (!all && (owner !== undefined || type !== undefined)) problems.push("--owner and --type require --all.");
  if (key !== undefined && !KEY_NAME.test(key)) {
    const expected = "Expected up to 20 small letters, digits and hyphens, the first one a letter.";
    problems.push(`--key: "${printable(key)}" is not a valid name of a key. ${expected}`);
  }
  const folder = dataFolder(data);
  if (table === undefined && stack === undefined && existsSync(demoMarketIn(folder))) {
    problems.push(
      `${folder} contains demo data, which would be included in your totals. Delete the folder, or move it if it contains your own data. Or select another folder with --data.`,
    );
  }
  if (newKey && key === undefined) problems.push("--new-key requires --key.");
  if (timezone !== undefined && schedule === undefined) problems.push("--timezone requires --schedule.");
  problems.push(...tableProblems(options), ...problemsOf(options));
  return problems;
}
