import { addDecimals } from "./decimal.ts";

/** The output of a command. */
export interface Answer {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
}

/** A snapshot as `export` shows it. */
export interface SeenSnapshot {
  readonly accountId: string;
  readonly slot: string;
  readonly trigger: string;
  readonly consistency: string;
  /** In milliseconds since 1970, by the function's clock. */
  readonly capturedAt: number;
  readonly completedAt: number;
  /** By asset, then by denomination. */
  readonly balances: ReadonlyMap<string, ReadonlyMap<string, { readonly available: string; readonly total: string }>>;
}

/** Reads the output of `export --format json`, and adds what its control record gets wrong to `problems`. */
export function readExport(stdout: string, problems: string[]): SeenSnapshot[] {
  const records = parseLines(stdout);
  const rows = records.filter(({ record }) => record === "amount");
  const control = records.at(-1);
  const snapshots = new Map<string, SeenSnapshot & { balances: Map<string, Map<string, never>> }>();
  const sums = new Map<string, string>();
  for (const row of rows) {
    const key = `${row.accountId} ${row.slot}`;
    const { accountId, slot, trigger, consistency, asset, denomination, available, total } = row;
    const times = { capturedAt: Date.parse(row.capturedAt), completedAt: Date.parse(row.completedAt) };
    const snapshot = snapshots.get(key) ?? { accountId, slot, trigger, consistency, ...times, balances: new Map() };
    snapshots.set(key, snapshot);
    const amounts = snapshot.balances.get(asset) ?? new Map();
    snapshot.balances.set(asset, amounts.set(denomination, { available, total }));
    if (asset === denomination) sums.set(asset, addDecimals(sums.get(asset) ?? "0", total));
  }
  const expected = { rows: rows.length, snapshots: snapshots.size };
  if (control?.rows !== expected.rows || control.snapshots !== expected.snapshots) {
    problems.push(`export: the control record is ${JSON.stringify(control)}, the rows are ${JSON.stringify(expected)}`);
  }
  for (const [asset, sum] of sums) {
    if (addDecimals(control?.sums[asset] ?? "0", `-${sum}`) !== "0") {
      problems.push(`export: the control sum of ${asset} is ${control?.sums[asset]}, the rows add up to ${sum}`);
    }
  }
  return [...snapshots.values()];
}

/** Returns the objects of JSON lines. */
// biome-ignore lint/suspicious/noExplicitAny: every command has rows of its own, and the oracle shares no types with them.
export function parseLines(stdout: string): any[] {
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
}
