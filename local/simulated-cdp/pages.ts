import { ApiError } from "./response.ts";

/** A place in a list. */
interface Place {
  /** Which list, its filters included: a token of one list is foreign to another. */
  list: string;
  /** How many entries come before. */
  offset: number;
  /** Which page of the walk, from 1. */
  page: number;
}

/** How a page may be made to misbehave; see the faults of the same names. */
export interface PageTwists {
  reorder?: boolean;
  repeatToken?: boolean;
  emptyToken?: boolean;
}

/** What is asked of a list. */
export interface PageRequest {
  /** The list's identity, its filters included. */
  list: string;
  query: Record<string, string>;
  maxPageSize: number;
  twists: PageTwists;
}

/** The size of a page if none is asked for, from the parameter `PageSize` of the OpenAPI document. */
const DEFAULT_PAGE_SIZE = 20;

/**
 * Cuts the page that is asked for out of a list that is in order. The token is a mere offset: a list whose order
 * changed in between shows an entry twice or not at all, as (it is inferred) the API does.
 */
export function cutPage<T>(entries: readonly T[], request: PageRequest): { entries: T[]; nextPageToken?: string } {
  const { list, query, maxPageSize, twists } = request;
  const { pageSize, pageToken: asked } = query;
  const size = readPageSize(pageSize, maxPageSize);
  const place = asked === undefined ? { list, offset: 0, page: 1 } : readPageToken(asked);
  if (place?.list !== list) throw new ApiError(400, "Invalid page token.");

  const ordered = twists.reorder ? entries.toReversed() : entries;
  const end = place.offset + size;
  const next = end < entries.length ? writePageToken({ list, offset: end, page: place.page + 1 }) : undefined;
  const nextPageToken = twists.repeatToken
    ? // A first page was asked for without a token: it gives the one that all the later pages will repeat.
      (asked ?? next ?? writePageToken(place))
    : (next ?? (twists.emptyToken ? "" : undefined));
  return {
    entries: ordered.slice(place.offset, end),
    ...(nextPageToken !== undefined && { nextPageToken }),
  };
}

/** What a token says, or undefined if it is none of ours. */
export function readPageToken(token: string): Place | undefined {
  try {
    const { list, offset, page } = JSON.parse(Buffer.from(token, "base64").toString()) as Place;
    const place = { list, offset, page };
    // Only what we would write ourselves is ours: anything that was mangled on the way differs.
    return writePageToken(place) === token ? place : undefined;
  } catch {
    return undefined;
  }
}

/** Standard base64, as in the API's examples: its +, / and = must be escaped in a query string. */
function writePageToken(place: Place): string {
  return Buffer.from(JSON.stringify(place)).toString("base64");
}

function readPageSize(text: string | undefined, max: number): number {
  if (text === undefined) return Math.min(DEFAULT_PAGE_SIZE, max);
  const size = Number(text);
  if (!/^\d+$/.test(text) || size < 1 || size > max) {
    throw new ApiError(400, `Invalid query parameters: pageSize must be an integer from 1 to ${max}.`);
  }
  return size;
}
