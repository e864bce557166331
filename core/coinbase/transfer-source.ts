import type { Moment } from "../domain/ports.ts";
import { CLOCK_TOLERANCE_MS } from "../domain/slot.ts";
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
   * Reads every page, then what was updated since the first request: such a transfer can have moved to a page that was read
   * before. It can also have moved another one to the next page, where that one is listed again. A list with repeated
   * transfers is therefore read again.
   * @throws ApiError `api_forbidden` without the permission `transfers:read`; other JobErrors
   */
  async read({ updatedAfter, accountId }: TransferQuery, deadline: AbortSignal): Promise<FoundTransfers> {
    const found = new Map<string, Transfer>();
    const readSince = async (since: number) => {
      const { items, sent } = await readList(this.#client, this.#list(since, accountId), deadline);
      for (const transfer of items) found.set(transfer.transferId, transfer);
      const hasRepeated = new Set(items.map(({ transferId }) => transferId)).size < items.length;
      return { firstSent: sent[0] as Moment, lastSent: sent.at(-1) as Moment, hasRepeated };
    };
    let pass = await readSince(updatedAfter);
    for (let passes = 1; pass.hasRepeated && passes < MAX_PASSES; passes++) pass = await readSince(updatedAfter);
    // The API's clock, which states the time of an update, can be behind ours.
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
