import type { Fault } from "./faults/fault.ts";
import { ApiError } from "./response.ts";

/** The content of a page token: a position in a list. */
export interface Position {
  /** Identifies the list, including its filters. A token is valid only for its own list. */
  list: string;
  /** The number of entries before this position. */
  offset: number;
  /** The page number, from 1. */
  page: number;
}

/** A request for one page of a list. */
export interface PageRequest {
  /** Identifies the list, including its filters. */
  list: string;
  query: Record<string, string>;
  maxPageSize: number;
  /** The kinds of the faults that change the page. */
  modifiers: ReadonlySet<Fault["kind"]>;
}

/** The default page size, from the parameter `PageSize` of the OpenAPI document. */
const DEFAULT_PAGE_SIZE = 20;

/**
 * Returns the requested page of a sorted list. The token is only an offset: if the order changes between two pages,
 * an entry appears twice or not at all. The real API is inferred to behave the same way.
 */
export function cutPage<T>(entries: readonly T[], request: PageRequest): { entries: T[]; nextPageToken?: string } {
  const { list, query, maxPageSize, modifiers } = request;
  const { pageSize, pageToken: requestedToken } = query;
  const size = parsePageSize(pageSize, maxPageSize);
  const position = requestedToken === undefined ? { list, offset: 0, page: 1 } : parsePageToken(requestedToken);
  if (position?.list !== list) throw new ApiError(400, "Invalid page token.");

  const ordered = modifiers.has("reorder") ? entries.toReversed() : entries;
  const end = position.offset + size;
  const next = end < entries.length ? formatPageToken({ list, offset: end, page: position.page + 1 }) : undefined;
  const nextPageToken = modifiers.has("repeat-token")
    ? // The first page has no token to repeat, so it starts the loop with the next page's.
      (requestedToken ?? next ?? formatPageToken(position))
    : (next ?? (modifiers.has("empty-token") ? "" : undefined));
  return { entries: ordered.slice(position.offset, end), ...(nextPageToken !== undefined && { nextPageToken }) };
}

/** Returns the position in a page token, or undefined if this server did not issue the token. */
export function parsePageToken(token: string): Position | undefined {
  try {
    const { list, offset, page } = JSON.parse(Buffer.from(token, "base64").toString()) as Position;
    const position = { list, offset, page };
    // Comparing with the canonical form detects a token that was altered on the way.
    return formatPageToken(position) === token ? position : undefined;
  } catch {
    return undefined;
  }
}

/** Standard base64, as in the API's examples. Its characters +, / and = must be escaped in a query string. */
export function formatPageToken(position: Position): string {
  return Buffer.from(JSON.stringify(position)).toString("base64");
}

function parsePageSize(text: string | undefined, max: number): number {
  if (text === undefined) return Math.min(DEFAULT_PAGE_SIZE, max);
  const size = Number(text);
  if (!/^\d+$/.test(text) || size < 1 || size > max) {
    throw new ApiError(400, `Invalid query parameters: pageSize must be an integer from 1 to ${max}.`);
  }
  return size;
}
