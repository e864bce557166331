import { resolve } from "node:path";
import type { Command } from "commander";
import { type ApiOptions, problemsOf, withApiOptions } from "../job-options.ts";
import { isStdout } from "../output-file.ts";
import type { TableOptions } from "../table-option.ts";

/** The options that say where transfers come from. */
export interface TransferOptions extends ApiOptions, TableOptions {
  readonly keyFile?: string;
  readonly secret?: string;
  readonly transfers?: string;
  readonly saveTransfers?: string;
  readonly out?: string;
}

export const TRANSFERS_HELP = "a file of transfers, which reconcile --save-transfers wrote";

/** Adds the options that say where transfers come from. */
export function withTransferOptions(command: Command): Command {
  return withApiOptions(
    command
      .option("--key-file <path>", "ask the API for transfers with the key in this JSON file")
      .option("--secret <id>", "ask with the key in this secret (default: the secrets of --stack)")
      .option("--transfers <file>", `${TRANSFERS_HELP}, instead of the API`)
      .option("--save-transfers <file>", "write the transfers that were read to this file, replaced when complete"),
  );
}

/** Returns what is wrong with the options, one sentence each. */
export function transferProblems(options: TransferOptions): string[] {
  const { keyFile, secret, transfers, saveTransfers, stack, table, out } = options;
  const namesOf = (given: Readonly<Record<string, unknown>>) =>
    Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  const problems = problemsOf(options);
  const sources = namesOf({ "--key-file": keyFile, "--secret": secret, "--transfers": transfers });
  if (sources.length > 1) problems.push(`Use either ${sources.join(" or ")}.`);
  if (sources.length === 0 && stack === undefined) {
    problems.push(
      "No source of transfers is given. Add --key-file, --secret or --stack to ask the API, or --transfers with a file of --save-transfers.",
    );
  }
  if (secret !== undefined && stack === undefined && table === undefined) {
    problems.push(
      "--secret requires --table or --stack: with the embedded table, AWS is not used. Or give --key-file.",
    );
  }
  const unused = namesOf({ "--api": options.api, "--sandbox": options.sandbox, "--save-transfers": saveTransfers });
  if (transfers !== undefined && unused.length > 0) {
    problems.push(`With --transfers, the API is not asked. Leave ${unused.join(" and ")} out.`);
  }
  if (saveTransfers !== undefined && isStdout(saveTransfers)) {
    problems.push("--save-transfers: stdout has the reconciliation. Expected the path of a file.");
  }
  if (saveTransfers !== undefined && out !== undefined && resolve(saveTransfers) === resolve(out)) {
    problems.push(`--save-transfers: ${saveTransfers} is also the file of --out. Choose another file.`);
  }
  return problems;
}
