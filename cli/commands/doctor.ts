import { Command, Option } from "commander";
import type { JobConfig } from "../../core/config.ts";
import { InputError } from "../../core/domain/errors.ts";
import { dataFolder, hasDatabase } from "../../local/data-folder.ts";
import { LOCAL_TABLE } from "../../local/dynamodb/embedded-dynamodb.ts";
import { DOCTOR_FORMATS, type DoctorFormat, printResults } from "../doctor/print.ts";
import type { CheckRequest } from "../doctor/run-checks.ts";
import { resolveAccounts } from "../shared/account-prefixes.ts";
import {
  type ApiOptions,
  baseUrlSetting,
  configureJob,
  givenApi,
  problemsOf,
  withApiOptions,
} from "../shared/job-options.ts";
import { defaultFormat } from "../shared/output.ts";
import { startProgress } from "../shared/progress.ts";
import { type TableOptions, tableProblems, withDataOption, withTable } from "../shared/table-option.ts";

interface Options extends ApiOptions, TableOptions {
  readonly account: readonly string[];
  readonly keyFile?: string;
  readonly secret?: string;
  readonly format?: DoctorFormat;
}

export function doctorCommand(): Command {
  const command = new Command("doctor")
    .description(
      "checks everything from the API key to the alarms and suggests fixes; changes nothing; " +
        "exit code 0 if no check failed, 1 otherwise",
    )
    .option("--stack <name>", "a deployed stack: its secret, API, table, schedule and alarms")
    .option("--key-file <path>", "the JSON file of a CDP API key")
    .option("--secret <id>", "a secret in Secrets Manager that contains a key file")
    .option("--table <name>", "a DynamoDB table, in the AWS SDK's region and profile")
    .addOption(
      new Option("--account <id...>", "check only these accounts; unique prefixes are enough for known ones").default(
        [],
        "all accounts",
      ),
    )
    .addOption(
      new Option(
        "--format <format>",
        "output format (default: table on a terminal, else json with one object per result)",
      ).choices(DOCTOR_FORMATS),
    )
    .action(runDoctor);
  return withDataOption(withApiOptions(command));
}

async function runDoctor(options: Options): Promise<void> {
  assertUsage(options);
  const config = configureJob(options);
  const targets = await targetsOf(options, config);
  const isEmbedded = usesEmbeddedTable(options);
  const hasTable = isEmbedded || options.table !== undefined || options.stack !== undefined;
  const accounts = await resolveAccounts(options.account, hasTable ? options : undefined);
  const request = { ...targets, accounts, config };
  if (isEmbedded) {
    const table = { name: LOCAL_TABLE, folder: dataFolder(options.data) };
    await withTable(options, () => printChecks({ ...request, table }, options));
  } else await printChecks(request, options);
}

async function printChecks(request: CheckRequest, { format }: Options): Promise<void> {
  // Loaded only here, because it would make every other command start a tenth slower.
  const { runChecks } = await import("../doctor/run-checks.ts");
  const progress = startProgress(() => "the API and AWS");
  try {
    await printResults(runChecks(request), format ?? (defaultFormat() as DoctorFormat));
  } finally {
    progress.stop();
  }
}

async function targetsOf(options: Options, config: JobConfig): Promise<Omit<CheckRequest, "accounts" | "config">> {
  const { stack, keyFile, secret, table } = options;
  // Loaded on demand: commands that only read must not load the key.
  const { readKeyFile } = await import("../shared/key-file.ts");
  return {
    stack,
    ...(keyFile !== undefined && { key: { file: keyFile, text: readKeyFile(keyFile) } }),
    ...(secret !== undefined && { key: { secret } }),
    ...(table !== undefined && { table: { name: table } }),
    ...(givenApi(options) !== undefined && {
      api: { baseUrl: config.apiBaseUrl, setting: baseUrlSetting(options) },
    }),
  };
}

/** Returns whether to check the embedded table, which the doctor never creates. */
function usesEmbeddedTable({ stack, secret, table, data }: Options): boolean {
  const usesAws = stack !== undefined || secret !== undefined || table !== undefined;
  return data !== undefined || (!usesAws && hasDatabase(dataFolder()));
}

function assertUsage(options: Options): void {
  const { stack, keyFile, secret, table, data } = options;
  const problems: string[] = [];
  if (keyFile !== undefined && secret !== undefined) problems.push("Use either --key-file or --secret.");
  if (secret !== undefined && data !== undefined) {
    problems.push("Use either --secret or --data: with the embedded table, the doctor does not use AWS.");
  }
  problems.push(...tableProblems(options));
  problems.push(...problemsOf(options));
  if (givenApi(options) !== undefined && [stack, keyFile, secret].every((option) => option === undefined)) {
    problems.push(
      "--api and --sandbox require --key-file, --secret or --stack: without a key, the API is not checked.",
    );
  }
  const hasTarget = [stack, keyFile, secret, table].some((option) => option !== undefined);
  if (!hasTarget && !usesEmbeddedTable(options)) {
    problems.push(
      "Nothing to check: give --stack, --key-file, --secret, --table or --data. " +
        `(No snapshots in ${dataFolder()}, the default of --data.)`,
    );
  }
  if (problems.length > 0) throw new InputError("usage", problems);
}
