import { ApiError, toJobError } from "../../core/domain/errors.ts";

/** A failed API request as a check reports it. */
export interface ApiFailure {
  readonly message: string;
  readonly suggestedFix: string;
}

const OUTAGE = "The API or the network is failing: see status.coinbase.com, and run the doctor again later.";

const FIXES_BY_STATUS: Readonly<Record<number, string>> = {
  403: "Give the key the permission accounts:read@entity in the CDP portal.",
  404: "Check the account id. If the account is closed, remove it from the configuration. If not, use a key that may see it.",
  409: "The account is not ready yet: run the doctor again later.",
  429: "Other clients use up the API's limit of 600 reads in ten seconds. If that persists, lower readsPerTenSeconds.",
};

/** Returns what happened to an API request and how to fix it. A 401 needs a longer analysis: see `api-access.ts`. */
export function apiFailure(thrown: unknown): ApiFailure {
  return { message: toJobError(thrown).message, suggestedFix: suggestedFixFor(thrown) };
}

function suggestedFixFor(thrown: unknown): string {
  if (!(thrown instanceof ApiError))
    return "Run the doctor again. If the failure persists, report it with this message.";
  if (thrown.code === "api_endpoint_unavailable") {
    return "Coinbase has disabled this endpoint, possibly for a long time: see status.coinbase.com.";
  }
  if (thrown.status >= 500 || thrown.status === 0) return OUTAGE;
  return (
    FIXES_BY_STATUS[thrown.status] ?? "Report this message to Coinbase, with the correlation id, or to this project."
  );
}
