import { distance } from "fastest-levenshtein";
import pMap from "p-map";
import { InputError } from "../../core/domain/errors.ts";
import type { Snapshot } from "../../core/domain/snapshot.ts";
import { printable } from "../../core/domain/untrusted-text.ts";
import type { History } from "../../core/history/history.ts";

// Only the table knows which assets and denominations exist. A typo must not look like "nothing held".

export const DEFAULT_DENOMINATION = "usd";

const MAX_SUGGESTIONS = 3;

const READ_CONCURRENCY = 16;

/** Returns the asset's symbol as it is stored. @throws InputError for an asset that no snapshot in the table contains */
export async function resolveAsset(history: History, given: string): Promise<string> {
  const cataloged = [...(await history.assets()).keys()];
  const found = findSymbol("--asset", given, cataloged);
  if (found !== undefined) return found;
  // The catalog may lack assets that are held: it can be damaged, and it has a limit.
  const newest = await pMap(history.accountIds, (id) => history.latest(id), { concurrency: READ_CONCURRENCY });
  const known = [...new Set([...cataloged, ...newest.flatMap((snapshot) => [...(snapshot?.balances.keys() ?? [])])])];
  return findSymbol("--asset", given, known) ?? throwUnknown("asset", given, known);
}

/**
 * Returns the denomination's symbol as it is stored. A denomination is known if the newest or the oldest snapshot of any
 * account has a value in it, or if it is a fiat currency that was ever held. The default denomination is always known, and
 * is not looked up: that saves a request per account. Warns on stderr if the newest snapshots of the selected accounts have
 * no values in the denomination.
 * @throws InputError for an unknown denomination
 */
export async function resolveDenomination(
  history: History,
  selected: readonly string[],
  given: string,
): Promise<string> {
  if (given === DEFAULT_DENOMINATION) return given;
  const readNewest = (id: string) => history.latest(id);
  const newest = new Set<string>();
  // One account is nearly always enough, if the symbol is written as it is stored.
  for (const ids of [selected.slice(0, 1), selected.slice(1)]) {
    for (const symbol of await denominationsOf(ids, readNewest)) newest.add(symbol);
    if (newest.has(given)) return given;
  }
  const others = history.accountIds.filter((id) => !selected.includes(id));
  const valued = new Set([
    ...newest,
    ...(await denominationsOf(others, readNewest)),
    ...(await denominationsOf(history.accountIds, (id) => history.oldest(id))),
  ]);
  const fiat = [...(await history.assets()).values()].flatMap(({ symbol, type }) => (type === "fiat" ? symbol : []));
  const known = [...new Set([DEFAULT_DENOMINATION, ...valued, ...fiat])];
  const found = findSymbol("--denomination", given, known);
  // Empty accounts have no values in any denomination, so nothing is known about this one.
  if (found === undefined) return valued.size === 0 ? given : throwUnknown("denomination", given, known);
  if (newest.size > 0 && !newest.has(found)) {
    const message = `the newest snapshots have no values in ${found}.${didYouMean(found, [...newest])}`;
    process.stderr.write(`--denomination: ${printable(message)}\n`);
  }
  return found;
}

async function denominationsOf(
  accountIds: readonly string[],
  read: (accountId: string) => Promise<Snapshot | undefined>,
): Promise<string[]> {
  const snapshots = await pMap(accountIds, read, { concurrency: READ_CONCURRENCY });
  return snapshots.flatMap((snapshot) => [...(snapshot?.totals.keys() ?? [])]);
}

/**
 * Returns the known symbol that is equal to the given one, or else the only one that differs from it in case alone.
 * @throws InputError if several symbols differ from it in case alone
 */
function findSymbol(option: string, given: string, known: readonly string[]): string | undefined {
  if (known.includes(given)) return given;
  const found = known.filter((symbol) => symbol.toLowerCase() === given.toLowerCase()).sort();
  if (found.length > 1) {
    throw new InputError("usage", [
      `${option}: ${given} is ambiguous, because ${listed(found, "and")} differ only in case. Give one of them exactly.`,
    ]);
  }
  return found[0];
}

function throwUnknown(what: "asset" | "denomination", given: string, known: readonly string[]): never {
  throw new InputError("usage", [`--${what}: unknown ${what} ${given}.${didYouMean(given, known)}`]);
}

/** Returns a sentence with the known names closest to a name: ` Did you mean btc, eth or usd?`; empty if none is known. */
export function didYouMean(name: string, known: readonly string[]): string {
  const distanceTo = (other: string) => distance(name.toLowerCase(), other.toLowerCase());
  const closest = [...known].sort((a, b) => distanceTo(a) - distanceTo(b)).slice(0, MAX_SUGGESTIONS);
  return closest.length === 0 ? "" : ` Did you mean ${listed(closest, "or")}?`;
}

/** Returns names as text: `btc, eth or usd`. */
export function listed(names: readonly string[], conjunction: "and" | "or"): string {
  const [last = "", ...others] = [...names].reverse();
  return others.length === 0 ? last : `${others.reverse().join(", ")} ${conjunction} ${last}`;
}
