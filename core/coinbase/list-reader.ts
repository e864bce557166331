import type { Moment } from "../domain/ports.ts";
import type { CdpClient } from "./client.ts";
import type { Decoder, Page } from "./decode.ts";
import type { PageSize } from "./page-size.ts";
import { type ListLimits, listTooLarge, pages } from "./pages.ts";

/** A list of the API. */
export interface List<T> extends ListLimits {
  readonly path: string;
  readonly query: Record<string, string>;
  readonly decode: Decoder<Page<T>>;
  readonly pageSize: PageSize;
  readonly keyOf: (item: T) => string;
  /** Of all pages. */
  readonly maxBytes: number;
}

/** Reads a list. Returns also when the request for each page was sent, at least one. @throws JobError */
export async function readList<T>(
  client: CdpClient,
  list: List<T>,
  deadline: AbortSignal,
): Promise<{ items: T[]; sent: Moment[] }> {
  const items: T[] = [];
  const sent: Moment[] = [];
  for await (const page of readPages(client, list, deadline, sent)) items.push(...page);
  return { items, sent };
}

/** Reads the pages of a list on demand. @param sent receives when the request for each page was sent */
export function readPages<T>(
  client: CdpClient,
  list: List<T>,
  deadline: AbortSignal,
  sent: Moment[] = [],
): AsyncGenerator<readonly T[], undefined> {
  const { path, query, decode, keyOf, maxBytes } = list;
  let [pageSize, bytes] = [0, 0];
  const get = async (pageSize: number, paging = {}) => {
    const parameters = { ...query, pageSize: String(pageSize), ...paging };
    const answer = await client.ask(path, parameters, decode, deadline);
    sent.push(answer.sent);
    bytes += answer.bytes;
    if (bytes > maxBytes) throw listTooLarge(`GET ${path}`, `${maxBytes} bytes`, list);
    return answer.value;
  };
  const getPage = async (pageToken: string | undefined): Promise<Page<T>> => {
    if (pageToken !== undefined) return get(pageSize, { pageToken });
    const first = await list.pageSize.firstPage(get);
    pageSize = first.pageSize;
    return first.page;
  };
  return pages(getPage, keyOf, `GET ${path}`, list);
}
