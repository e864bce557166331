import { existsSync } from "node:fs";
import { Command, Option } from "commander";
import { InputError, messageWithFix } from "../../core/domain/errors.ts";
import { runFailedError } from "../../core/domain/run-result.ts";
import { slotAt } from "../../core/domain/slot.ts";
import { ENV } from "../../core/names/environment.ts";
import { DEMO_MARKET, LOCAL_FOLDER } from "../../local/dynamodb/embedded-dynamodb.ts";
import {
  type ApiOptions,
  baseUrlSetting,
  configureJob,
  problemsOf,
  REPLACE_KEY_FILE,
  withApiOptions,
} from "../shared/job-options.ts";
import { progressTelemetry } from "../shared/progress.ts";
import { type TableOptions, withTable, withTableOption } from "../shared/table-option.ts";

interface Options extends TableOptions, ApiOptions {
  readonly keyFile: string;
  readonly all?: true;
  readonly owner?: string;
  readonly type?: string;
  readonly dryRun?: true;
}

/** Creates `snapshot`, which runs the job without AWS Lambda, from a shell or cron. */
export function snapshotCommand(): Command {
  const command = new Command("snapshot")
    .description("takes a snapshot of accounts now; exit code 1 if an account failed")
    .requiredOption("--key-file <path>", "the CDP API key's JSON file, as downloaded from the CDP portal")
    .option("--account <id...>", "take snapshots of these accounts, by their whole ids")
    .option("--all", "take snapshots of every account that the key can read")
    .option("--owner <filter>", "with --all: only accounts of these owners: entity, customer or ids, comma-separated")
    .addOption(
      new Option("--type <type>", "with --all: only accounts of this type").choices(["prime", "business", "cdp"]),
    )
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
  const keyText = readValidKeyFile(options.keyFile);
  const { account, owner, type } = options;
  const config = configureJob(options, { [ENV.accountsOwner]: owner, [ENV.accountsType]: type });
  const result = await withTable(options, async (tableName) => {
    const job = composeJob(
      { ...config, tableName },
      {
        readKey: async () => keyText,
        telemetry: progressTelemetry(),
        settingNames: { baseUrl: baseUrlSetting(options), replaceKey: REPLACE_KEY_FILE },
      },
    );
    return job.run({
      slot: slotAt(Date.now()),
      trigger: "manual",
      accounts: account === undefined ? "all" : [...new Set(account)],
      dryRun: options.dryRun ?? false,
    });
  });
  process.stdout.write(`${JSON.stringify(result, null, process.stdout.isTTY ? 2 : 0)}\n`);
  if (result.accounts.failed > 0) {
    process.stderr.write(`${messageWithFix(runFailedError(result))}\n`);
    process.exitCode = 1;
  }
}

function assertUsage(options: Options): void {
  const { account, all, owner, type, table, stack } = options;
  const problems: string[] = [];
  if (account === undefined && !all) problems.push("Give --account with one or more account ids, or --all.");
  if (account !== undefined && all) problems.push("Use either --account or --all.");
  if (!all && (owner !== undefined || type !== undefined)) problems.push("--owner and --type require --all.");
  if (table === undefined && stack === undefined && existsSync(DEMO_MARKET)) {
    problems.push(
      `${LOCAL_FOLDER}/ contains demo data, which would be included in your totals. Delete the folder, or move it if it contains your own data.`,
    );
  }
  problems.push(...problemsOf(options));
  if (problems.length > 0) throw new InputError("usage", problems);
}
