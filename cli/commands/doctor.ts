import { existsSync } from "node:fs";
import { join } from "node:path";
import { Command, Option } from "commander";
import type { JobConfig } from "../../core/config.ts";
import { InputError } from "../../core/domain/errors.ts";
import { LOCAL_FOLDER, LOCAL_TABLE } from "../../local/dynamodb/embedded-dynamodb.ts";
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
import { defaultFormat } from "../shared/output.ts";
import { startProgress } from "../shared/progress.ts";
import { type TableOptions, withTable } from "../shared/table-option.ts";

interface Options extends ApiOptions, TableOptions {
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
      new Option("--account <id...>", "check only these accounts, by their whole ids").default([], "all accounts"),
    )
    .addOption(
      new Option(
        "--format <format>",
        "default: table on a terminal, otherwise json with one object per result",
      ).choices(DOCTOR_FORMATS),
    )
    .action(runDoctor);
  return withApiOptions(command);
}

async function runDoctor(options: Options): Promise<void> {
  assertUsage(options);
  const config = configureJob(options);
  const request = { ...(await targetsOf(options, config)), accounts: [...new Set(options.account)], config };
  if (usesEmbeddedTable(options)) {
    const table = { name: LOCAL_TABLE, embedded: true };
    await withTable({}, () => printChecks({ ...request, table }, options));
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
    ...(table !== undefined && { table: { name: table, embedded: false } }),
    ...(givenApi(options) !== undefined && {
      apiBaseUrl: config.apiBaseUrl,
      apiOption: baseUrlSetting(options),
    }),
  };
}

/** Returns whether to check the embedded table, which the doctor never creates. */
function usesEmbeddedTable({ stack, secret, table }: Options): boolean {
  const usesAws = stack !== undefined || secret !== undefined || table !== undefined;
  return !usesAws && existsSync(join(LOCAL_FOLDER, "dynamodb"));
}

function assertUsage(options: Options): void {
  const { stack, keyFile, secret, table } = options;
  const problems: string[] = [];
  if (keyFile !== undefined && secret !== undefined) problems.push("Use either --key-file or --secret.");
  if (stack !== undefined && table !== undefined) problems.push("Use either --table or --stack.");
  problems.push(...problemsOf(options));
  if (givenApi(options) !== undefined && [stack, keyFile, secret].every((option) => option === undefined)) {
    problems.push(
      "--api and --sandbox require --key-file, --secret or --stack: without a key, the API is not checked.",
    );
  }
  const hasTarget = [stack, keyFile, secret, table].some((option) => option !== undefined);
  if (!hasTarget && !usesEmbeddedTable(options)) {
    problems.push(
      `Nothing to check: give --stack, --key-file, --secret or --table. (${LOCAL_FOLDER}/ does not contain a table.)`,
    );
  }
  if (problems.length > 0) throw new InputError("usage", problems);
}
