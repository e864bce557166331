import { distance } from "fastest-levenshtein";
import { InputError } from "../../core/domain/errors.ts";
import { asOf, END_OF_TIME } from "../../core/history/as-of.ts";
import type { OpenHistory } from "./history-command.ts";

// Accounts, assets and denominations are known by the table alone: a slip of the pen must not look like "held nothing".

/** What `--denomination` is by default. */
export const DEFAULT_DENOMINATION = "usd";

/** The accounts that were asked for, each once; all where none was. @throws InputError for those that the table does not know */
export function selectAccounts(asked: readonly string[], known: readonly string[]): readonly string[] {
  if (known.length === 0) {
    throw new InputError("usage", [
      "The table has no snapshots yet. Take one with the command snapshot, or try the demo: npm start.",
    ]);
  }
  const unknown = asked.filter((id) => !known.includes(id));
  if (unknown.length > 0) {
    throw new InputError(
      "usage",
      unknown.map(
        (id) => `--account: the table does not know ${id}. The nearest that it knows: ${nearestTo(id, known)}.`,
      ),
    );
  }
  return asked.length === 0 ? known : [...new Set(asked)];
}

/** @throws InputError for an asset that no snapshot of the table ever held: a slip of the pen looks like "absent" */
export async function assertAsset({ reader }: OpenHistory, asset: string): Promise<void> {
  const known = [...(await reader.assets()).keys()];
  if (known.includes(asset)) return;
  throw new InputError("usage", [
    `--asset: no snapshot ever held ${asset}. The nearest that were held: ${nearestTo(asset, known)}.`,
  ]);
}

/**
 * Says on stderr that the newest snapshots have no values in a denomination: one that there is none of (`USD`) looks like
 * assets without a price. What most ask for is not looked up.
 */
export async function warnAboutUnknownDenomination(
  { reader, accountIds }: OpenHistory,
  denomination: string,
): Promise<void> {
  if (denomination === DEFAULT_DENOMINATION) return;
  const known = new Set<string>();
  for (const accountId of accountIds) {
    const newest = await asOf(reader, accountId, END_OF_TIME, 0);
    for (const symbol of newest?.totals.keys() ?? []) known.add(symbol);
    if (known.has(denomination)) return;
  }
  // Accounts that hold nothing have no values in any.
  if (known.size === 0) return;
  process.stderr.write(
    `--denomination: the newest snapshots have no values in ${denomination}; the nearest that they have: ${nearestTo(denomination, [...known])}.\n`,
  );
}

function nearestTo(id: string, known: readonly string[]): string {
  const distanceTo = (name: string) => distance(id.toLowerCase(), name.toLowerCase());
  const byDistance = [...known].sort((a, b) => distanceTo(a) - distanceTo(b));
  return byDistance.slice(0, 3).join(", ");
}
