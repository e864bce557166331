import { type Command, Option } from "commander";
import type { JobConfig } from "../../core/config.ts";
import type { SlotRange } from "../../core/domain/history-source.ts";
import type { TransferSet } from "../../core/domain/transfer.ts";
import { ENV } from "../../core/names/environment.ts";
import { OUTPUTS } from "../../core/names/outputs.ts";
import { FEE_READINGS, type FeeReading } from "../../core/reconcile/reconciliation.ts";
import { type Clock, readClock } from "../shared/date-time.ts";
import { type HistoryOptions, historyCommand, withHistory } from "../shared/history-command.ts";
import { baseUrlSetting, configureJob, givenApi } from "../shared/job-options.ts";
import { FORMATS, type Format, type OutputTarget, type RowFormat, reportFailure, rowFormat } from "../shared/output.ts";
import { formatOf, withOutput } from "../shared/output-file.ts";
import { readRange } from "../shared/range-options.ts";
import { keyGroups } from "../shared/reconcile/key-groups.ts";
import { labelsAt } from "../shared/reconcile/period-ends.ts";
import { askForTransfers } from "../shared/reconcile/read-transfers.ts";
import { reconcilePeriod, type TransfersFor, transfersOfFile } from "../shared/reconcile/reconcile-period.ts";
import { type TransferOptions, transferProblems, withTransferOptions } from "../shared/reconcile/transfer-options.ts";
import { transfersFileText } from "../shared/reconcile/transfers-file.ts";
import { writeReconciliation } from "../shared/reconcile/write-reconciliation.ts";
import { tableProblems } from "../shared/table-option.ts";
import { UsageProblems } from "../shared/usage-problems.ts";

interface Options extends HistoryOptions, TransferOptions {
  readonly from?: string;
  readonly to?: string;
  readonly by?: "asset";
  readonly detail?: true;
  readonly fees?: FeeReading;
  readonly format?: Format;
}

/** Creates the command. Its exit code is 0 only if every line is explained, or can be by undetermined transfers. */
export function reconcileCommand(): Command {
  const command = historyCommand(
    "reconcile",
    FORMATS,
    "the ending of --out, else table on a terminal, else json with one object",
  )
    .option("--from <time>", "start of the period; a date means the start of that day (required)")
    .option("--to <time>", "end of the period; a date means the end of that day (default: now)")
    .addOption(new Option("--by <what>", "sums over all accounts, for each asset").choices(["asset"]))
    .option("--detail", "list the transfers behind each line; JSON always has them")
    .addOption(
      new Option(
        "--fees <reading>",
        "whether source amounts include fees (default: the reading that leaves less unexplained)",
      ).choices(FEE_READINGS),
    )
    .option(
      "--out <file>",
      "the output file, replaced when complete; its ending .csv or .json selects the format; - is stdout",
    )
    .action(reconcileBalances);
  return withTransferOptions(command);
}

async function reconcileBalances(given: Options): Promise<void> {
  const { clock, range, printing, transfersFor } = await checkOptions(given);
  const { out, saveTransfers, transfers, keyFile } = given;
  const inputs = { "--transfers": inputOf(transfers), "--key-file": inputOf(keyFile) };
  await withOutput(out, inputs, (target) =>
    withHistory(
      given,
      async (context) => {
        // A date can end in the future, of which nothing is known.
        const period = { from: range.from, to: Math.min(range.to, context.now) };
        const reconciled = async () => reconcilePeriod(context, period, transfersFor, given.fees);
        // The file is complete before the first output: a reader that closes the pipe (`| head`) ends the command.
        const { set: _, ...result } =
          saveTransfers === undefined
            ? await reconciled()
            : await saving(saveTransfers, { ...inputs, "--out": inputOf(out) }, reconciled);
        const view = { label: labelsAt(context, period.to), timezone: context.timezone };
        const choices = { byAsset: given.by !== undefined, detail: given.detail === true };
        await writeReconciliation(target, { ...result, ...view, ...choices }, context, printing);
      },
      clock,
    ),
  );
}

function inputOf(path: string | undefined): string[] {
  return path === undefined ? [] : [path];
}

/** Thrown to keep an earlier file of transfers. */
class NothingRead extends Error {}

/**
 * Writes the transfers of a reconciliation to a file, which is checked before. Returns the reconciliation. If no transfers could
 * be read, the file stays as it was, and the exit code is 1.
 */
async function saving<T extends { readonly set: TransferSet }>(
  path: string,
  inputs: Readonly<Record<string, readonly string[]>>,
  work: () => Promise<T>,
): Promise<T> {
  let result: T | undefined;
  const workAndSave = async (target: OutputTarget) => {
    result = await work();
    if (result.set.reads.every(({ denied }) => denied)) throw new NothingRead();
    await target.write(transfersFileText(result.set));
    return result;
  };
  try {
    return await withOutput(path, inputs, workAndSave, "--save-transfers");
  } catch (thrown) {
    if (!(thrown instanceof NothingRead) || result === undefined) throw thrown;
    reportFailure(`--save-transfers: ${path} was not written, because no transfers could be read.`);
    return result;
  }
}

/** Returns what the options select. @throws InputError with every problem; KeyError */
async function checkOptions(given: Options) {
  const problems = new UsageProblems();
  const clock = problems.attempt(() => readClock(given));
  const range = clock && problems.attempt(() => readRange(given, clock));
  if (given.from === undefined) {
    problems.add("A reconciliation needs a period. Add --from, such as --from 2026-10-01, and --to.");
  }
  if (given.by !== undefined && given.detail) {
    problems.add("--detail lists the transfers of each account. Use either --detail or --by asset.");
  }
  problems.add(...tableProblems(given), ...transferProblems(given));
  const printing = problems.attempt(() => rowFormat(formatOf(given, FORMATS), given.wide));
  const { transfers: path } = given;
  const transfersFor =
    path === undefined ? await transfersOfApi(given, problems) : problems.attempt(() => transfersOfFile(path));
  problems.assertNone();
  return {
    clock: clock as Clock,
    range: range as SlotRange,
    printing: printing as RowFormat,
    transfersFor: transfersFor as TransfersFor,
  };
}

/** Checks the options of the API and the key. Returns how to ask for transfers. */
async function transfersOfApi(given: Options, problems: UsageProblems): Promise<TransfersFor> {
  const ownEnv = { [ENV.configurationFile]: undefined };
  const config = problems.attempt(() => configureJob(given, ownEnv)) as JobConfig;
  const { keyFile } = given;
  // Loaded on demand: with a file of transfers, the key is not needed.
  const { assertKey, readKeyFile } = await import("../shared/key-file.ts");
  // Read only once, because the file may be a pipe.
  const text = keyFile === undefined ? "" : (problems.attempt(() => readKeyFile(keyFile)) ?? "");
  const readKey = async (path: string) => {
    assertKey(text, path);
    return text;
  };
  return async ({ history, stack }, pairs) => {
    if (pairs.length === 0) return { reads: [], transfers: [] };
    const ids = pairs.map(({ earlier }) => earlier.accountId);
    const groups = keyGroups(history, ids, given, stack);
    const url = givenApi(given) === undefined ? stack?.outputs.get(OUTPUTS.apiBaseUrl) : undefined;
    const [chosen, setting] =
      url === undefined
        ? [config, baseUrlSetting(given)]
        : [configureJob(given, { ...ownEnv, [ENV.apiBaseUrl]: url }), `the stack's output ${OUTPUTS.apiBaseUrl}`];
    return askForTransfers(groups, pairs, { config: chosen, baseUrlSetting: setting, readKeyFile: readKey });
  };
}
