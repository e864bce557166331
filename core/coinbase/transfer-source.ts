import type { Moment } from "../domain/ports.ts";
import type { Transfer } from "../domain/transfer.ts";
import type { CdpClient } from "./client.ts";
import { type List, readList } from "./list-reader.ts";
import { PageSize } from "./page-size.ts";
import { decodeTransfersPage } from "./transfer-schema.ts";

/** Which transfers to read. */
export interface TransferQuery {
  /** Transfers that were last updated before this instant are left out. Milliseconds since 1970. */
  readonly updatedAfter: number;
  /** Only the transfers from or to this account. */
  readonly accountId?: string | undefined;
}

/** The transfers that a query found, each once, in its newest version. */
export interface FoundTransfers {
  readonly transfers: Transfer[];
  /** When the last request was sent, by our clock. Later updates are unknown. Milliseconds since 1970. */
  readonly readAt: number;
}

/** The most that is kept in memory. A transfer has about 1 KB in the API's format. */
const MAX_TRANSFERS = 250_000;
/** That many at the API's own page size of 20. */
const MAX_PAGES = MAX_TRANSFERS / 20;
const MAX_BYTES = 512 * 1024 * 1024;
/** The most by which the API's clock, which stamps updates, is assumed to be behind ours. */
const CLOCK_TOLERANCE_MS = 60_000;
/** How often the whole list is read at most. */
const MAX_PASSES = 3;

/** Reads transfers from the CDP API. */
export class TransferSource {
  readonly #client: CdpClient;
  readonly #pageSize: PageSize;

  /** @param pageSize the page size to try first; `undefined`: the default of `PageSize` */
  constructor(client: CdpClient, pageSize: number | undefined) {
    this.#client = client;
    this.#pageSize = new PageSize(pageSize);
  }

  /**
   * Reads every page. A transfer that is updated meanwhile can move to a page that was read already, so what was updated since
   * then is read once more. It can also move another transfer to such a page. It is then listed twice, so the list is read again.
   * @throws ApiError `api_forbidden` without the permission `transfers:read`; other JobErrors
   */
  async read({ updatedAfter, accountId }: TransferQuery, deadline: AbortSignal): Promise<FoundTransfers> {
    const found = new Map<string, Transfer>();
    const readSince = async (since: number) => {
      const { items, sent } = await readList(this.#client, this.#list(since, accountId), deadline);
      const ids = new Set<string>();
      for (const transfer of items) {
        found.set(transfer.transferId, transfer);
        ids.add(transfer.transferId);
      }
      return { firstSent: sent[0] as Moment, lastSent: sent.at(-1) as Moment, isSettled: ids.size === items.length };
    };
    let pass = await readSince(updatedAfter);
    for (let passes = 1; !pass.isSettled && passes < MAX_PASSES; passes++) pass = await readSince(updatedAfter);
    const { lastSent } = await readSince(Math.max(updatedAfter, pass.firstSent.at - CLOCK_TOLERANCE_MS));
    return { transfers: [...found.values()], readAt: lastSent.at };
  }

  #list(updatedAfter: number, accountId: string | undefined): List<Transfer> {
    const query = { updatedAfter: new Date(updatedAfter).toISOString(), ...(accountId !== undefined && { accountId }) };
    return {
      ...{ path: "/v2/transfers", query, decode: decodeTransfersPage, pageSize: this.#pageSize },
      keyOf: ({ transferId }) => transferId,
      ...{ maxItems: MAX_TRANSFERS, maxPages: MAX_PAGES, maxBytes: MAX_BYTES },
      tooLargeFix: "Ask for a shorter period, or for fewer accounts.",
    };
  }
}
