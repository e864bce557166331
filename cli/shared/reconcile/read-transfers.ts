import type { JobConfig } from "../../../core/config.ts";
import { ApiError, InputError, messageWithFix } from "../../../core/domain/errors.ts";
import { slotAt } from "../../../core/domain/slot.ts";
import type { Transfer, TransferRead, TransferSet } from "../../../core/domain/transfer.ts";
import type { SnapshotPair } from "../../../core/history/changes.ts";
import { REPLACE_KEY_FILE } from "../job-options.ts";
import { printNote } from "../output.ts";
import type { KeyGroup, KeyPlace } from "./key-groups.ts";
import { knownFrom, neededSince } from "./needed-transfers.ts";

/** How to ask the API. */
export interface AskSettings {
  readonly config: JobConfig;
  /** What sets the API's base URL, for messages. */
  readonly baseUrlSetting: string;
  /** Returns the text of the key's file. */
  readonly readKeyFile: (path: string) => Promise<string>;
}

/** What the API returned for one key. */
interface Answer {
  readonly read: TransferRead;
  readonly transfers: readonly Transfer[];
}

/**
 * Asks the API for the transfers of accounts, with each of their keys.
 * @throws InputError if the closing balances are too new; errors of the API and of the key, except a missing permission
 */
export async function askForTransfers(
  groups: readonly KeyGroup[],
  pairs: readonly SnapshotPair[],
  settings: AskSettings,
): Promise<TransferSet> {
  assertKnown(pairs);
  const updatedAfter = neededSince(pairs);
  const open = await opener(settings);
  const answers: Answer[] = [];
  for (const group of groups) answers.push(await answerFor(group, updatedAfter, open));
  const asked = new Set(pairs.map(({ earlier }) => earlier.accountId));
  const isOfAccount = ({ source, target }: Transfer) =>
    [source, target].some((party) => party.kind === "account" && asked.has(party.accountId));
  const found = answers.flatMap(({ transfers }) => transfers).filter(isOfAccount);
  return { reads: answers.map(({ read }) => read), transfers: newestVersions(found) };
}

/** A transfer that concerns the closing balances can be completed up to a minute after them. */
function assertKnown(pairs: readonly SnapshotPair[]): void {
  const from = knownFrom(pairs);
  const now = slotAt(Date.now());
  if (now >= from) return;
  throw new InputError("usage", [
    `The closing balances are too new: the transfers that concern them are known from ${from} on, and it is now ${now}. Wait until then, or give an earlier --to.`,
  ]);
}

type Open = (place: KeyPlace) => {
  read(query: {
    updatedAfter: number;
    accountId?: string | undefined;
  }): Promise<{ transfers: Transfer[]; readAt: number }>;
};

async function opener({ config, baseUrlSetting, readKeyFile }: AskSettings): Promise<Open> {
  // Loaded on demand: with a file of transfers, neither the API client nor the key is loaded.
  const { keyTextOfSecret, openLimiter, openTransfers, originOfSecret } = await import("../../../core/transfers.ts");
  const limiter = openLimiter(config);
  const common = { baseUrl: baseUrlSetting };
  // The reading ends after its last page, and the user can interrupt it.
  const never = new AbortController().signal;
  return (place) => {
    const source =
      "file" in place
        ? openTransfers(config, {
            readKey: () => readKeyFile(place.file),
            limiter,
            settingNames: { ...common, replaceKey: REPLACE_KEY_FILE },
          })
        : openTransfers(config, {
            readKey: () => keyTextOfSecret(place.secret),
            origin: originOfSecret(place.secret),
            limiter,
            settingNames: { ...common, replaceKey: "store the new one in the secret" },
          });
    return { read: (query) => source.read(query, never) };
  };
}

async function answerFor({ key, accountIds, place }: KeyGroup, updatedAfter: string, open: Open): Promise<Answer> {
  const read = { key, accountIds, updatedAfter };
  const notAsked = () => ({ read: { ...read, readAt: slotAt(Date.now()), denied: true }, transfers: [] });
  if (place === undefined) return notAsked();
  const [accountId, ...others] = accountIds;
  const query = { updatedAfter: Date.parse(updatedAfter), ...(others.length === 0 && { accountId }) };
  try {
    const { transfers, readAt } = await open(place).read(query);
    return { read: { ...read, readAt: slotAt(readAt), denied: false }, transfers };
  } catch (thrown) {
    // A 403 that is not in the API's format is of a proxy or firewall, and says nothing about the key.
    if (!(thrown instanceof ApiError) || thrown.code !== "api_forbidden") throw thrown;
    printNote(messageWithFix(thrown));
    return notAsked();
  }
}

/** Returns each transfer once: two keys can see one, at different times. */
function newestVersions(transfers: readonly Transfer[]): Transfer[] {
  const newest = new Map<string, Transfer>();
  const updated = ({ updatedAt }: Transfer) => (updatedAt === undefined ? 0 : Date.parse(updatedAt));
  for (const transfer of transfers) {
    const other = newest.get(transfer.transferId);
    if (other === undefined || updated(transfer) >= updated(other)) newest.set(transfer.transferId, transfer);
  }
  return [...newest.values()];
}
