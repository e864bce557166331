import { Command, Option } from "commander";
import { composeJob } from "../../lambda/composition.ts";
import { ACCOUNT_ID, type Config, readConfig } from "../../lambda/config.ts";
import { InputError } from "../../lambda/domain/errors.ts";
import { type Report, runFailed } from "../../lambda/domain/report.ts";
import { ENV } from "../../lambda/environment.ts";
import { LOCAL_TABLE } from "../../local/dynamodb.ts";
import { readKeyFile } from "../option-file.ts";
import { progressTelemetry } from "../progress.ts";
import { withTable, withTableOption } from "../table-option.ts";

const SANDBOX = "https://sandbox.cdp.coinbase.com/platform";

interface Options {
  readonly keyFile: string;
  readonly account: readonly string[];
  readonly all?: true;
  readonly owner?: string;
  readonly type?: string;
  readonly api?: string;
  readonly sandbox?: true;
  readonly dryRun?: true;
  readonly table?: string;
  readonly stack?: string;
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
    .option("--api <url>", "the API's base URL (default: production)")
    .option("--sandbox", `the API's sandbox, ${SANDBOX}`)
    .option("--dry-run", "walk and report, write nothing")
    .action(takeSnapshot);
  return withTableOption(command);
}

async function takeSnapshot(options: Options): Promise<void> {
  assertUse(options);
  const keyText = readKeyFile(options.keyFile);
  const config = configure(options);
  const report = await withTable(options, async (tableName) => {
    const job = composeJob({ ...config, tableName }, async () => keyText, { telemetry: progressTelemetry() });
    return job.run({
      ...(options.account.length > 0 && { accounts: options.account }),
      ...(options.dryRun && { dryRun: true }),
    });
  });
  process.stdout.write(`${JSON.stringify(report, null, process.stdout.isTTY ? 2 : 0)}\n`);
  tellEnd(report);
}

/** The job's configuration, of which the command line sets a part; the rest can be had as in the function. */
function configure(options: Options): Config {
  try {
    return readConfig(
      {
        ...process.env,
        [ENV.tableName]: LOCAL_TABLE,
        [ENV.apiBaseUrl]: options.sandbox ? SANDBOX : options.api,
        [ENV.accountsFile]: undefined,
        [ENV.accountsOwner]: options.owner,
        [ENV.accountsType]: options.type,
      },
      { keyElsewhere: true },
    );
  } catch (thrown) {
    if (!(thrown instanceof InputError)) throw thrown;
    throw new InputError(
      "usage",
      thrown.problems.map((problem) => problem.replace(ENV.apiBaseUrl, "--api")),
    );
  }
}

function tellEnd(report: Report): void {
  if (report.accounts.failed > 0) {
    process.stderr.write(`${runFailed(report).message}\n`);
    process.exitCode = 1;
  }
}

function assertUse({ account, all, owner, type, api, sandbox }: Options): void {
  const problems: string[] = [];
  if (account.length === 0 && !all) problems.push("Give --account with one or more account ids, or --all.");
  for (const id of account) {
    if (!ACCOUNT_ID.test(id))
      problems.push(`--account: "${id}" is no account id. Give one like account_af2937b0-9846-….`);
  }
  if (account.length > 0 && all) problems.push("--account and --all exclude each other: give one of them.");
  if (!all && (owner !== undefined || type !== undefined)) problems.push("--owner and --type go with --all.");
  if (api !== undefined && sandbox) problems.push("--api and --sandbox exclude each other: give one of them.");
  if (problems.length > 0) throw new InputError("usage", problems);
}
