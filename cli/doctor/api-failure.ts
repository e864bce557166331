import { ApiError, toJobError } from "../../core/domain/errors.ts";

/** What happened, without what the error itself says is to be done: an answer of the API's ends with its correlation id. */
export function told(thrown: unknown): string {
  const { message, correlationId } = toJobError(thrown);
  const end = `(correlation id ${correlationId}).`;
  const at = correlationId === undefined ? -1 : message.indexOf(end);
  return (at < 0 ? message : message.slice(0, at + end.length)).replace(/\.$/, "");
}

const AT_FAULT = "The API is at fault, or the way to it: see status.coinbase.com, and look again when it is back.";

const BY_STATUS: Readonly<Record<number, string>> = {
  403: "Give the key the permission accounts:read@entity in the CDP portal.",
  404: "Check the id. If the account is closed, take it out of accounts; if not, the key is of a project that may not see it.",
  409: "The account is not ready yet: look again later.",
  429: "Others use up the API's 600 reads in ten seconds: look again. If it stays so, lower readsPerTenSeconds.",
};

/** What there is to do about an answer of the API's that is none. A 401 is told apart elsewhere. */
export function apiSuggestedFix(thrown: unknown): string {
  if (!(thrown instanceof ApiError)) return "Look again; if it stays so, report it with this line.";
  if (thrown.code === "api_endpoint_unavailable") {
    return "Coinbase has switched this endpoint off, perhaps for long: see status.coinbase.com.";
  }
  if (thrown.status >= 500 || thrown.status === 0) return AT_FAULT;
  return (
    BY_STATUS[thrown.status] ?? "Nothing helps here: report it, with the correlation id, to Coinbase or this project."
  );
}
