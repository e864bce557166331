import { existsSync } from "node:fs";
import { Command, Option } from "commander";
import { InputError } from "../../core/domain/errors.ts";
import { type RunResult, runFailedError } from "../../core/domain/run-result.ts";
import { slotAt } from "../../core/domain/slot.ts";
import { composeJob } from "../../core/job.ts";
import { ENV } from "../../core/names/environment.ts";
import { DEMO_MARKET, LOCAL_FOLDER } from "../../local/dynamodb/embedded-dynamodb.ts";
import { type ApiOptions, configureJob, problemsOf, withApiOptions } from "../shared/job-options.ts";
import { readKeyFile } from "../shared/option-file.ts";
import { progressTelemetry } from "../shared/progress.ts";
import { type TableOptions, withTable, withTableOption } from "../shared/table-option.ts";

interface Options extends TableOptions, ApiOptions {
  readonly keyFile: string;
  readonly account: readonly string[];
  readonly all?: true;
  readonly owner?: string;
  readonly type?: string;
  readonly dryRun?: true;
}

/** `snapshot`: the job without AWS Lambda, for a shell or a cron line. */
export function snapshotCommand(): Command {
  const command = new Command("snapshot")
    .description("takes a snapshot of accounts now; exit code 0 if all are complete, 1 if some failed")
    .requiredOption("--key-file <path>", "the JSON file of the CDP API key, as the portal gives it")
    .option("--account <id...>", "the accounts", [])
    .option("--all", "every account that the key may see")
    .option("--owner <filter>", "with --all: entity, customer or their ids, comma-separated")
    .addOption(new Option("--type <type>", "with --all: accounts of this type").choices(["prime", "business", "cdp"]))
    .option("--dry-run", "walk and report, write nothing")
    .action(takeSnapshot);
  return withTableOption(withApiOptions(command));
}

async function takeSnapshot(options: Options): Promise<void> {
  assertUse(options);
  const keyText = readKeyFile(options.keyFile);
  const { owner, type } = options;
  const config = configureJob(options, { [ENV.accountsOwner]: owner, [ENV.accountsType]: type });
  const report = await withTable(options, async (tableName) => {
    const job = composeJob({ ...config, tableName }, { readKey: async () => keyText, telemetry: progressTelemetry() });
    return job.run({
      slot: slotAt(Date.now()),
      trigger: "manual",
      accounts: options.account.length > 0 ? [...new Set(options.account)] : "all",
      dryRun: options.dryRun ?? false,
    });
  });
  process.stdout.write(`${JSON.stringify(report, null, process.stdout.isTTY ? 2 : 0)}\n`);
  tellEnd(report);
}

function tellEnd(report: RunResult): void {
  if (report.accounts.failed > 0) {
    process.stderr.write(`${runFailedError(report).message}\n`);
    process.exitCode = 1;
  }
}

function assertUse(options: Options): void {
  const { account, all, owner, type, table, stack } = options;
  const problems: string[] = [];
  if (account.length === 0 && !all) problems.push("Give --account with one or more account ids, or --all.");
  if (account.length > 0 && all) problems.push("--account and --all exclude each other: give one of them.");
  if (!all && (owner !== undefined || type !== undefined)) problems.push("--owner and --type go with --all.");
  if (table === undefined && stack === undefined && existsSync(DEMO_MARKET)) {
    problems.push(
      `${LOCAL_FOLDER}/ has the accounts of the demo, with which yours would be added up. Remove the folder, or move it away if there is anything of yours in it.`,
    );
  }
  problems.push(...problemsOf(options));
  if (problems.length > 0) throw new InputError("usage", problems);
}
