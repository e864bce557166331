import { Command } from "commander";
import { hasNotEnded } from "../../core/domain/account-activity.ts";
import { InputError } from "../../core/domain/errors.ts";
import { slotAt } from "../../core/domain/slot.ts";
import { History } from "../../core/history/history.ts";
import { openHistory } from "../../core/readers.ts";
import { labelOf } from "../shared/account-names.ts";
import { print, reportDamage } from "../shared/output.ts";
import { knownAccounts, selectAccounts } from "../shared/select-accounts.ts";
import { type TableOptions, withTable, withTableOption } from "../shared/table-option.ts";

const REASON = "It was retired with balances accounts retire.";

/** Creates `accounts retire`, the only command that ends an account. */
export function retireCommand(): Command {
  const command = new Command("retire")
    .description("ends an account from now on: its absence is no gap, and later totals do not include it")
    .argument("<id>", "the account's name or id; a unique prefix is enough")
    .action((id: string, options: TableOptions, { parent }: Command) => {
      assertNoOptionsOf(parent);
      return retire(id, options);
    });
  return withTableOption(command);
}

/** An option before `retire` would be ignored, so that `--table` would select another table. */
function assertNoOptionsOf(accounts: Command | null): void {
  const given = accounts?.options.find((option) => accounts.getOptionValueSource(option.attributeName()) === "cli");
  if (given !== undefined) throw new InputError("usage", [`${given.long}: give it after retire, if retire has it.`]);
}

async function retire(given: string, options: TableOptions): Promise<void> {
  await withTable(options, async (table) => {
    const now = Date.now();
    const history = await History.load(openHistory(table.name, reportDamage), now);
    if (history.accountIds.length === 0) throw await table.noSnapshots();
    const rules = { field: "id", one: "retire ends" };
    const [accountId = ""] = selectAccounts({ account: [given] }, knownAccounts(history.activities), rules).accountIds;
    const label = labelOf(history, accountId);
    const activity = history.activity(accountId);
    const { until, reason } = activity.periods.at(-1) ?? {};
    if (!hasNotEnded(activity)) {
      const when = until === undefined ? ". It never had a complete snapshot." : ` at ${until}: ${reason}`;
      await print(`${label} already ended${when}\n`);
      return;
    }
    // Loaded on demand: commands that only read must not load what writes.
    const { openStore } = await import("../../core/writers.ts");
    await openStore({ tableName: table.name, retentionDays: undefined }).registerEnd(
      accountId,
      slotAt(now),
      slotAt(now),
      REASON,
    );
    await print(
      `${label} ended at ${slotAt(now)}. Its snapshots stay in the history. If it is still configured, remove it: ` +
        "its next complete snapshot would start it again.\n",
    );
  });
}
