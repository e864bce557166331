import { newestFirst } from "./order.ts";
import { cutPage, type PageRequest } from "./pages.ts";
import type { RequestTarget } from "./request-target.ts";
import { ApiError, type ApiResponse, jsonResponse } from "./response.ts";
import type { WireTransfer } from "./wire.ts";

interface TransfersContext extends Pick<PageRequest, "maxPageSize" | "modifiers"> {
  target: RequestTarget;
  transfers: () => readonly WireTransfer[];
}

/** The parameters of the list, from the operation `listTransfers` of the API's OpenAPI document. */
interface Filter {
  /** The values that the API accepts. Default: any. */
  isValid?: (value: string) => boolean;
  accepts: (transfer: WireTransfer, value: string) => boolean;
}

const STATUSES = ["quoted", "processing", "completed", "failed"];
const TRANSFER_ID = /^transfer_[a-f0-9-]{36}$/;
/** Source: RFC 3339, 5.6, which the format `date-time` of OpenAPI means. */
const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i;
/** From the schema `Email`. */
const EMAIL = /^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}/-]+@[a-zA-Z0-9-]+(?:\.[a-zA-Z0-9-]+)*$/;

const isDateTime = (value: string) => DATE_TIME.test(value) && Number.isFinite(Date.parse(value));
const isAccountId = (value: string) => /^account_[a-f0-9-]{36}$/.test(value);
const isAddress = (value: string) => value.length >= 1 && value.length <= 128;
const isEmail = (value: string) => value.length <= 254 && EMAIL.test(value);

const FILTERS: Readonly<Record<string, Filter>> = {
  status: { isValid: (value) => STATUSES.includes(value), accepts: ({ status }, value) => status === value },
  accountId: { isValid: isAccountId, accepts: concerns },
  sourceAccountId: { isValid: isAccountId, accepts: ({ source }, value) => source.accountId === value },
  targetAccountId: { isValid: isAccountId, accepts: ({ target }, value) => target.accountId === value },
  createdAfter: { isValid: isDateTime, accepts: ({ createdAt }, value) => Date.parse(createdAt) >= Date.parse(value) },
  createdBefore: { isValid: isDateTime, accepts: ({ createdAt }, value) => Date.parse(createdAt) <= Date.parse(value) },
  updatedAfter: { isValid: isDateTime, accepts: ({ updatedAt }, value) => Date.parse(updatedAt) >= Date.parse(value) },
  updatedBefore: { isValid: isDateTime, accepts: ({ updatedAt }, value) => Date.parse(updatedAt) <= Date.parse(value) },
  sourceAsset: { accepts: ({ sourceAsset }, value) => sourceAsset === value },
  targetAsset: { accepts: ({ targetAsset }, value) => targetAsset === value },
  sourceAddress: { isValid: isAddress, accepts: ({ source }, value) => source.address === value },
  targetAddress: { isValid: isAddress, accepts: ({ target }, value) => target.address === value },
  targetEmail: { isValid: isEmail, accepts: ({ target }, value) => target.email === value },
  transferId: { isValid: (value) => TRANSFER_ID.test(value), accepts: ({ transferId }, value) => transferId === value },
};

/** Returns whether an account is the source or the target of a transfer. */
export function concerns({ source, target }: WireTransfer, accountId: string): boolean {
  return source.accountId === accountId || target.accountId === accountId;
}

/** Answers `GET /v2/transfers`. @throws ApiError if the request is invalid */
export function listTransfers({ target, transfers, maxPageSize, modifiers }: TransfersContext): ApiResponse {
  const { path, query } = target;
  const given = Object.keys(FILTERS).flatMap((name) => {
    const value = query[name];
    return value === undefined ? [] : [{ name, value, ...(FILTERS[name] as Filter) }];
  });
  const invalid = given.filter(({ value, isValid }) => isValid?.(value) === false).map(({ name }) => name);
  if (invalid.length > 0) throw new ApiError(400, `Invalid query parameters: ${invalid.join(", ")}.`);
  const { accountId, sourceAccountId, targetAccountId, transferId } = query;
  if (accountId !== undefined && (sourceAccountId ?? targetAccountId) !== undefined) {
    throw new ApiError(400, "accountId cannot be combined with sourceAccountId or targetAccountId.");
  }
  const matching = transfers().filter((one) => given.every(({ accepts, value }) => accepts(one, value)));
  // The document says that a lookup by id bypasses pagination.
  if (transferId !== undefined) return jsonResponse(200, { transfers: matching });
  const list = JSON.stringify([path, ...given.map(({ name, value }) => [name, value])]);
  const sorted = newestFirst(matching, (one) => one.transferId);
  const { entries, ...next } = cutPage(sorted, { list, query, maxPageSize, modifiers });
  return jsonResponse(200, { transfers: entries, ...next });
}

/** Answers `GET /v2/transfers/{transferId}`. @throws ApiError if the id is invalid or unknown */
export function getTransfer({ target: { transferId = "" }, transfers }: TransfersContext): ApiResponse {
  if (!TRANSFER_ID.test(transferId)) throw new ApiError(400, "Invalid transfer ID.");
  const found = transfers().find((one) => one.transferId === transferId);
  if (found === undefined) throw new ApiError(404, "Transfer not found.");
  return jsonResponse(200, found);
}
