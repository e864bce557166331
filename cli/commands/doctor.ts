import { existsSync } from "node:fs";
import { join } from "node:path";
import { Command, Option } from "commander";
import type { Config } from "../../core/config.ts";
import { InputError } from "../../core/domain/errors.ts";
import { LOCAL_FOLDER, LOCAL_TABLE } from "../../local/dynamodb.ts";
import { DOCTOR_FORMATS, type DoctorFormat, printFindings } from "../doctor/print.ts";
import type { CheckRequest } from "../doctor/run-checks.ts";
import { readKeyFile } from "../shared/file-options.ts";
import { type ApiOptions, configureJob, givenApi, problemsOf, withApiOptions } from "../shared/job-options.ts";
import { defaultFormat } from "../shared/output.ts";
import { startProgress } from "../shared/progress.ts";
import { withTable } from "../shared/table-option.ts";

interface Options extends ApiOptions {
  readonly stack?: string;
  readonly keyFile?: string;
  readonly secret?: string;
  readonly table?: string;
  readonly account: readonly string[];
  readonly format?: DoctorFormat;
}

/** `doctor`: goes along the way of the data and says what is wrong, and what there is to do. */
export function doctorCommand(): Command {
  const command = new Command("doctor")
    .description(
      "looks at every step of the way of the data and says what to do about what is wrong; it changes nothing; " +
        "exit code 0 if nothing failed, 1 if something did",
    )
    .option("--stack <name>", "a deployed stack: its secret, API, table, schedule and alarms")
    .option("--key-file <path>", "the JSON file of a CDP API key")
    .option("--secret <id>", "a secret in Secrets Manager with such a file")
    .option("--table <name>", "a DynamoDB table, by the AWS SDK's own region, profile and endpoint")
    .option("--account <id...>", "these accounts only (default: all that the key sees and the table knows)", [])
    .addOption(
      new Option("--format <format>", "default: table on a terminal, else json, one object a step").choices(
        DOCTOR_FORMATS,
      ),
    )
    .action(runDoctor);
  return withApiOptions(command);
}

async function runDoctor(options: Options): Promise<void> {
  assertUse(options);
  const config = configureJob(options);
  const asked = { ...partsOf(options, config), accounts: [...new Set(options.account)], config };
  if (isEmbedded(options)) {
    const table = { name: LOCAL_TABLE, embedded: true };
    await withTable({}, () => report({ ...asked, table }, options));
  } else await report(asked, options);
}

async function report(asked: CheckRequest, { format }: Options): Promise<void> {
  // Loaded only here: it would be a tenth of every other command's start.
  const { runChecks } = await import("../doctor/run-checks.ts");
  const progress = startProgress(() => "the API and AWS");
  try {
    const counts = await printFindings(runChecks(asked), format ?? (defaultFormat() as DoctorFormat));
    if (counts.failed > 0) process.exitCode = 1;
  } finally {
    progress.stop();
  }
}

function partsOf(options: Options, config: Config): Omit<CheckRequest, "accounts" | "config"> {
  const { stack, keyFile, secret, table } = options;
  return {
    stack,
    ...(keyFile !== undefined && { key: { file: keyFile, text: readKeyFile(keyFile) } }),
    ...(secret !== undefined && { key: { secret } }),
    ...(table !== undefined && { table: { name: table, embedded: false } }),
    ...(givenApi(options) !== undefined && { apiBaseUrl: config.apiBaseUrl }),
  };
}

/** Nothing of AWS was asked for, and there is a table here. None is made: the doctor changes nothing. */
function isEmbedded({ stack, secret, table }: Options): boolean {
  const elsewhere = stack !== undefined || secret !== undefined || table !== undefined;
  return !elsewhere && existsSync(join(LOCAL_FOLDER, "dynamodb"));
}

function assertUse(options: Options): void {
  const { stack, keyFile, secret, table } = options;
  const problems: string[] = [];
  const exclude = (one: unknown, other: unknown, names: string) => {
    if (one !== undefined && other !== undefined) problems.push(`${names} exclude each other: give one of them.`);
  };
  exclude(keyFile, secret, "--key-file and --secret");
  exclude(stack, table, "--stack and --table");
  problems.push(...problemsOf(options));
  if (keyFile === undefined && secret === undefined && table === undefined && stack === undefined) {
    if (!isEmbedded(options)) {
      problems.push(
        `There is nothing to look at: give --stack, or --key-file or --secret, or --table. (${LOCAL_FOLDER}/ has no table.)`,
      );
    }
  }
  if (problems.length > 0) throw new InputError("usage", problems);
}
