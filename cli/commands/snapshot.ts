import { existsSync } from "node:fs";
import { Command, Option } from "commander";
import { InputError, messageWithFix } from "../../core/domain/errors.ts";
import { runFailedError } from "../../core/domain/run-result.ts";
import { slotAt } from "../../core/domain/slot.ts";
import { ENV } from "../../core/names/environment.ts";
import { dataFolder, demoMarketIn } from "../../local/data-folder.ts";
import { resolveAccounts } from "../shared/account-prefixes.ts";
import { type ApiOptions, configureJob, problemsOf, withApiOptions } from "../shared/job-options.ts";
import { progressTelemetry } from "../shared/progress.ts";
import { existingTable, type TableOptions, withTableOption, withWritableTable } from "../shared/table-option.ts";

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
    .option("--account <id...>", "take snapshots of these accounts; unique prefixes are enough for known ones")
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
  const accounts = account === undefined ? "all" : await resolveAccounts(account, existingTable(options));
  const result = await withWritableTable(options, options, async ({ name: tableName }) => {
    const job = composeJob({ ...config, tableName }, { readKey: async () => keyText, telemetry: progressTelemetry() });
    return job.run({
      slot: slotAt(Date.now()),
      trigger: "manual",
      accounts,
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
  const { account, all, owner, type, table, stack, data } = options;
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
  problems.push(...problemsOf(options));
  if (problems.length > 0) throw new InputError("usage", problems);
}
