import { distance } from "fastest-levenshtein";
import { InputError } from "../../core/domain/errors.ts";
import { printable } from "../../core/domain/untrusted-text.ts";
import type { History } from "../../core/history/history.ts";

// Only the table knows which accounts, assets and denominations exist. A typo must not look like "nothing held".

export const DEFAULT_DENOMINATION = "usd";

const MAX_SUGGESTIONS = 3;

/** Returns the selected accounts, each once; all accounts by default. @throws InputError for unknown accounts */
export function selectAccounts(selected: readonly string[] = [], known: readonly string[]): readonly string[] {
  if (known.length === 0) {
    throw new InputError("usage", [
      "The table has no snapshots yet. Take one with the command snapshot, or try the demo: npm start.",
    ]);
  }
  const unknown = selected.filter((id) => !known.includes(id));
  if (unknown.length > 0) {
    throw new InputError(
      "usage",
      unknown.map((id) => `--account: unknown account ${id}. Did you mean ${suggestions(id, known)}?`),
    );
  }
  return selected.length === 0 ? known : [...new Set(selected)];
}

/** @throws InputError for an asset that no snapshot in the table contains */
export async function assertAsset(history: History, asset: string): Promise<void> {
  const known = [...(await history.assets()).keys()];
  if (known.includes(asset)) return;
  throw new InputError("usage", [`--asset: unknown asset ${asset}. Did you mean ${suggestions(asset, known)}?`]);
}

/**
 * Warns on stderr if the newest snapshots have no values in a denomination. The default denomination is not checked,
 * which saves a request per account.
 */
export async function warnAboutUnknownDenomination(
  history: History,
  accountIds: readonly string[],
  denomination: string,
): Promise<void> {
  if (denomination === DEFAULT_DENOMINATION) return;
  const known = new Set<string>();
  for (const accountId of accountIds) {
    const newest = await history.latest(accountId);
    for (const symbol of newest?.totals.keys() ?? []) known.add(symbol);
    if (known.has(denomination)) return;
  }
  // Empty accounts have no values in any denomination.
  if (known.size === 0) return;
  const message = `the newest snapshots have no values in ${denomination}. Did you mean ${suggestions(denomination, [...known])}?`;
  process.stderr.write(`--denomination: ${printable(message)}\n`);
}

/** Returns the known names closest to a name: `btc, eth or usd`. */
function suggestions(name: string, known: readonly string[]): string {
  const distanceTo = (other: string) => distance(name.toLowerCase(), other.toLowerCase());
  const closest = [...known].sort((a, b) => distanceTo(a) - distanceTo(b)).slice(0, MAX_SUGGESTIONS);
  const last = closest.pop() ?? "";
  return closest.length === 0 ? last : `${closest.join(", ")} or ${last}`;
}
