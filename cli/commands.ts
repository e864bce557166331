import type { Command } from "commander";

export type RunProgram = (args: readonly string[]) => Promise<void>;

/** A command as `balances --help` lists it. */
export interface CommandEntry {
  readonly name: string;
  readonly description: string;
  /**
   * Creates the command. Its module is loaded on demand, because it brings others that no other command needs.
   * @param runProgram runs another command line
   */
  readonly load: (runProgram: RunProgram) => Promise<Command>;
}

/** The commands, in the order of `balances --help`. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: "demo",
    description: "runs the deployed function for a few slots against a simulated CDP API, and shows the result",
    load: async (runProgram) => (await import("./commands/demo.ts")).demoCommand(runProgram),
  },
  {
    name: "snapshot",
    description: "takes a snapshot of accounts, now or for a slot of a schedule; exit code 1 if an account failed",
    load: async () => (await import("./commands/snapshot.ts")).snapshotCommand(),
  },
  {
    name: "accounts",
    description:
      "lists all accounts: whether they count, first and last snapshot, age, number of gaps, last error of pending ones",
    load: async () => (await import("./commands/accounts.ts")).accountsCommand(),
  },
  {
    name: "latest",
    description: "shows the newest complete snapshot of each account that has not ended",
    load: async () => (await import("./commands/latest.ts")).latestCommand(),
  },
  {
    name: "as-of",
    description: "shows the holdings at a given time, from the last snapshot completed before it",
    load: async () => (await import("./commands/as-of.ts")).asOfCommand(),
  },
  {
    name: "history",
    description: "shows one asset over time: held, absent, unsettled or a gap",
    load: async () => (await import("./commands/history.ts")).assetHistoryCommand(),
  },
  {
    name: "totals",
    description: "shows the value of each account, and of all accounts that count, at each step",
    load: async () => (await import("./commands/totals.ts")).totalsCommand(),
  },
  {
    name: "changes",
    description: "shows what changed between two times, by asset: opened, closed, up or down",
    load: async () => (await import("./commands/changes.ts")).changesCommand(),
  },
  {
    name: "reconcile",
    description: "explains the changes between two times by transfers; exit code 1 if something is unexplained",
    load: async () => (await import("./commands/reconcile.ts")).reconcileCommand(),
  },
  {
    name: "gaps",
    description: "shows the scheduled slots without a complete snapshot, and failed manual runs, and why",
    load: async () => (await import("./commands/gaps.ts")).gapsCommand(),
  },
  {
    name: "export",
    description: "writes every amount of every complete snapshot in a range, then control totals",
    load: async () => (await import("./commands/export.ts")).exportCommand(),
  },
  {
    name: "chart",
    description: "draws a line chart in the terminal: the quantity of an asset, or the total",
    load: async () => (await import("./commands/chart.ts")).chartCommand(),
  },
  {
    name: "report",
    description: "writes a self-contained HTML report",
    load: async () => (await import("./commands/report.ts")).reportCommand(),
  },
  {
    name: "statement",
    description:
      "states the balances at both ends of a month, quarter or year, and what changed, as one page for the file",
    load: async () => (await import("./commands/statement.ts")).statementCommand(),
  },
  {
    name: "verify",
    description: "checks whether snapshots were altered, deleted, inserted or reordered; exit code 1 if so",
    load: async () => (await import("./commands/verify.ts")).verifyCommand(),
  },
  {
    name: "doctor",
    description:
      "checks everything from the API key to the alarms and suggests fixes; changes nothing; " +
      "exit code 0 if no check failed, 1 otherwise",
    load: async () => (await import("./commands/doctor.ts")).doctorCommand(),
  },
  {
    name: "completion",
    description: "prints a script that makes a shell complete commands, options and their values",
    load: async () => (await import("./commands/completion.ts")).completionCommand(),
  },
];
