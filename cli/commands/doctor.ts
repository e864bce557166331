import { Command, Option } from "commander";
import type { JobConfig } from "../../core/config.ts";
import { InputError } from "../../core/domain/errors.ts";
import { ENV } from "../../core/names/environment.ts";
import { dataFolder, hasDatabase } from "../../local/data-folder.ts";
import { LOCAL_TABLE } from "../../local/dynamodb/embedded-dynamodb.ts";
import type { ApiConnection } from "../doctor/api-client.ts";
import type { CheckResults, Prerequisite } from "../doctor/check-result.ts";
import { DOCTOR_FORMATS, type DoctorFormat, printResults } from "../doctor/print.ts";
import type { CheckRequest } from "../doctor/run-checks.ts";
import {
  type ApiOptions,
  baseUrlSetting,
  configureJob,
  givenApi,
  problemsOf,
  withApiOptions,
} from "../shared/job-options.ts";
import { defaultFormat, type OutputTarget, print, reportFailure, standardError } from "../shared/output.ts";
import { startProgress } from "../shared/progress.ts";
import { resolveAccounts } from "../shared/resolve-accounts.ts";
import { type TableOptions, tableProblems, withDataOption, withTable } from "../shared/table-option.ts";

interface Options extends ApiOptions, TableOptions {
  readonly account: readonly string[];
  readonly keyFile?: string;
  readonly secret?: string;
  readonly key?: string;
  readonly format?: DoctorFormat;
  readonly probe?: true;
}

export function doctorCommand(): Command {
  const command = new Command("doctor")
    .option("--stack <name>", "a deployed stack: its secret, API, table, schedule and alarms")
    .option("--key <name>", "only this API key, and its accounts: its name in the configuration (default: all keys)")
    .option("--key-file <path>", "the JSON file of a CDP API key")
    .option("--secret <id>", "a secret in Secrets Manager that contains a key file")
    .option("--table <name>", "a DynamoDB table, in the AWS SDK's region and profile")
    .addOption(
      new Option(
        "--account <account...>",
        "check only these accounts: ids, or names or prefixes of known ones",
      ).default([], "all accounts"),
    )
    .addOption(
      new Option(
        "--format <format>",
        "output format (default: table on a terminal, else json with one object per result)",
      ).choices(DOCTOR_FORMATS),
    )
    .option(
      "--probe",
      "also asks the API what its documentation leaves open, and prints a record without ids, amounts, names and keys " +
        "on stdout, for a bug report; the results of the checks then go to stderr",
    )
    .action(runDoctor);
  return withDataOption(withApiOptions(command));
}

async function runDoctor(options: Options, command: Command): Promise<void> {
  assertUsage(options);
  const config = configureJob(options, { [ENV.configurationFile]: undefined });
  const targets = await targetsOf(options, config);
  const isEmbedded = usesEmbeddedTable(options);
  const hasTable = isEmbedded || options.table !== undefined || options.stack !== undefined;
  const accounts = await resolveAccounts(options.account, hasTable ? options : undefined);
  const request = { ...targets, accounts, config };
  if (isEmbedded) {
    const table = { name: LOCAL_TABLE, folder: dataFolder(options.data) };
    await withTable(options, () => runAndPrint({ ...request, table }, options, command));
  } else await runAndPrint(request, options, command);
}

async function runAndPrint(request: CheckRequest, options: Options, command: Command): Promise<void> {
  const progress = startProgress(() => "the API and AWS");
  try {
    if (options.probe) await printChecksAndProbe(request, options, command.parent?.version() ?? "");
    else await printChecks(request, options.format ?? (defaultFormat() as DoctorFormat));
  } finally {
    progress.stop();
  }
}

/** Prints the results of all checks, and returns how to ask the API more questions. */
async function printChecks(
  request: CheckRequest,
  format: DoctorFormat,
  target?: OutputTarget,
): Promise<Prerequisite<ApiConnection>> {
  // Loaded only here, because it would make every other command start a tenth slower.
  const { runChecks } = await import("../doctor/run-checks.ts");
  let connection: Prerequisite<ApiConnection> = { missingReason: "the checks did not end" };
  async function* results(): CheckResults {
    connection = yield* runChecks(request);
  }
  await printResults(results(), format, target);
  return connection;
}

/** Prints only the record on stdout, because the results of the checks contain ids. */
async function printChecksAndProbe(request: CheckRequest, options: Options, version: string): Promise<void> {
  const connection = await printChecks(request, options.format ?? "table", standardError);
  if (connection.value === undefined) return reportFailure(`No record of the API: ${connection.missingReason}.`);
  const { recordProbe } = await import("../doctor/probe/record.ts");
  await print(await recordProbe(connection.value, request.accounts, version));
}

async function targetsOf(options: Options, config: JobConfig): Promise<Omit<CheckRequest, "accounts" | "config">> {
  const { stack, keyFile, secret, table, key } = options;
  // Loaded on demand: commands that only read must not load the key.
  const { readKeyFile } = await import("../shared/key-file.ts");
  return {
    ...{ stack, keyName: key },
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
  if (options.probe && [stack, keyFile, secret].every((option) => option === undefined)) {
    problems.push("--probe requires --key-file, --secret or --stack.");
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
