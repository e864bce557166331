import { Command } from "commander";
import pMap from "p-map";
import { hasNotEnded } from "../../core/domain/account-activity.ts";
import { InputError } from "../../core/domain/errors.ts";
import { slotAt } from "../../core/domain/slot.ts";
import { printable } from "../../core/domain/untrusted-text.ts";
import { History } from "../../core/history/history.ts";
import { openHistory } from "../../core/readers.ts";
import { labelOf } from "../shared/account-names.ts";
import { counted } from "../shared/counted.ts";
import { print, reportDamage, reportFailure } from "../shared/output.ts";
import { knownAccounts, selectAccounts } from "../shared/select-accounts.ts";
import { type TableOptions, withTable, withTableOption } from "../shared/table-option.ts";

const REASON = "It was retired with balances accounts retire.";

const CONCURRENCY = 16;

interface Options extends TableOptions {
  readonly key?: string;
}

/** Creates `accounts retire`, the only command that ends accounts. */
export function retireCommand(): Command {
  const command = new Command("retire")
    .description("ends an account from now on: its absence is no gap, and later totals do not include it")
    .argument("[id]", "the account's name or id; a unique prefix is enough")
    .option("--key <key>", "end all accounts that this API key served, because it is gone")
    .action((id: string | undefined, options: Options, { parent }: Command) => {
      assertNoOptionsOf(parent);
      return withTable(options, async (table) => {
        const history = await History.load(openHistory(table.name, reportDamage), Date.now());
        if (history.accountIds.length === 0) throw await table.noSnapshots();
        return retire(history, readSelection(id, options), table.name);
      });
    });
  return withTableOption(command);
}

/** An option before `retire` would be ignored, so that `--table` would select another table. */
function assertNoOptionsOf(accounts: Command | null): void {
  const given = accounts?.options.find((option) => accounts.getOptionValueSource(option.attributeName()) === "cli");
  if (given !== undefined) throw new InputError("usage", [`${given.long}: give it after retire, if retire has it.`]);
}

/** An account, or all accounts of a key. */
type Selection = { readonly id: string; readonly key?: undefined } | { readonly key: string };

function readSelection(id: string | undefined, { key }: Options): Selection {
  if (id !== undefined && key === undefined) return { id };
  if (id === undefined && key !== undefined) return { key };
  throw new InputError("usage", [
    id === undefined
      ? "accounts retire: no account is given. Give its name or id, or all accounts of a key with --key."
      : "accounts retire: use either the account's name or id, or --key.",
  ]);
}

async function retire(history: History, selection: Selection, tableName: string): Promise<void> {
  const known = knownAccounts(history.activities);
  if (selection.key !== undefined) {
    const { accountIds } = selectAccounts({ key: [selection.key] }, known);
    return retireAllOf(selection.key, history, accountIds, tableName);
  }
  const rules = { field: "id", one: "retire ends" };
  const [accountId = ""] = selectAccounts({ account: [selection.id] }, known, rules).accountIds;
  const label = labelOf(history, accountId);
  const activity = history.activity(accountId);
  const { until, reason } = activity.periods.at(-1) ?? {};
  if (!hasNotEnded(activity)) {
    const when = until === undefined ? ". It never had a complete snapshot." : ` at ${until}: ${reason}`;
    await print(`${label} already ended${when}\n`);
    return;
  }
  const { at, failure } = await endNow([accountId], tableName);
  if (failure !== undefined) throw failure;
  await print(
    `${label} ended at ${at}. Its snapshots stay in the history. If it is still configured, remove it: ` +
      "its next complete snapshot would start it again.\n",
  );
}

async function retireAllOf(
  key: string,
  history: History,
  accountIds: readonly string[],
  tableName: string,
): Promise<void> {
  const name = printable(key);
  const current = accountIds.filter((id) => hasNotEnded(history.activity(id)));
  if (current.length === 0) {
    await print(`All accounts of the key ${name} have already ended.\n`);
    return;
  }
  const { at, ended, failure } = await endNow(current, tableName);
  const labelsOf = (ids: readonly string[]) => ids.map((id) => `\n  ${labelOf(history, id)}`).join("");
  if (ended.length > 0) {
    await print(
      `${counted(ended.length, "account")} of the key ${name} ended at ${at}:${labelsOf(ended)}\n` +
        "The snapshots stay in the history. If the key is still configured, remove it: the next complete snapshot of an " +
        "account would start it again.\n",
    );
  }
  if (failure === undefined) return;
  const hasEnded = new Set(ended);
  const left = current.filter((id) => !hasEnded.has(id));
  reportFailure(
    `${counted(left.length, "account")} of the key ${name} may not have ended. Give the same command again.${labelsOf(left)}`,
  );
  throw failure;
}

interface Ended {
  /** In the format of a slot. */
  readonly at: string;
  readonly ended: readonly string[];
  /** Why the other accounts may not have ended. */
  readonly failure?: unknown;
}

/** Ends accounts, until one fails. */
async function endNow(accountIds: readonly string[], tableName: string): Promise<Ended> {
  // Loaded on demand: commands that only read must not load what writes.
  const { openStore } = await import("../../core/writers.ts");
  const store = openStore({ tableName, retentionDays: undefined });
  const at = slotAt(Date.now());
  const ended = new Set<string>();
  let failure: unknown;
  const end = async (accountId: string) => {
    if (failure !== undefined) return;
    try {
      await store.registerEnd(accountId, at, at, REASON);
      ended.add(accountId);
    } catch (thrown) {
      failure ??= thrown;
    }
  };
  await pMap(accountIds, end, { concurrency: CONCURRENCY });
  return { at, ended: accountIds.filter((id) => ended.has(id)), failure };
}
