import type { ValueOptions } from "../history-command.ts";
import { DEFAULT_DENOMINATION } from "../name-checks.ts";
import { shellWord } from "../shell-word.ts";

/** The periods that a statement can have, with what their options expect. */
export const PERIODS = {
  month: "a year and a month, such as 2026-10",
  quarter: "a year and a quarter, such as 2026-Q3",
  year: "a year, such as 2026",
} as const;

export type Period = keyof typeof PERIODS;

export interface StatementOptions extends ValueOptions, Partial<Record<Period, string>> {
  /** The file of the transfers that explain the changes. */
  readonly transfers?: string;
}

/** The words of command lines. */
export interface StatementCommands {
  /** Shows the statement again. */
  readonly repeat: readonly string[];
  /** Verifies the history. */
  readonly verify: readonly string[];
}

/** Returns the commands for a statement. They name selected accounts by their ids: later, a name can be another account's. */
export function commandsOf(options: StatementOptions, accountIds: readonly string[]): StatementCommands {
  const { table, stack, data, timezone, denomination, schedule } = options;
  const option = (name: string, values: string | readonly string[] | undefined, usual?: string) =>
    values === undefined || values === usual ? [] : [`--${name}`, ...[values].flat().map(shellWord)];
  const isSelected = [options.account, options.type, options.owner, options.key].some((given) => given !== undefined);
  const where = [...option("table", table), ...option("stack", stack), ...option("data", data)];
  const period = (Object.keys(PERIODS) as Period[]).flatMap((name) => option(name, options[name]));
  const view = [
    ...option("timezone", timezone, "UTC"),
    ...option("schedule", schedule),
    ...(isSelected ? option("account", accountIds) : []),
    ...option("denomination", denomination, DEFAULT_DENOMINATION),
    ...option("transfers", options.transfers),
  ];
  return {
    repeat: ["balances", "statement", ...period, ...view, ...where],
    verify: ["balances", "verify", ...where],
  };
}
