import { decodeTransfersPage } from "../../core/coinbase/transfer-schema.ts";
import { ApiError } from "../../core/domain/errors.ts";
import { type ApiAccess, apiFailure } from "./api-access.ts";
import { NO_DEADLINE } from "./api-client.ts";
import { type CheckResults, passed, skipped, warning } from "./check-result.ts";

const NEEDED_BY = "which only balances reconcile needs";

/** Reads one transfer. A key without the permission does not fail the check, because the job reads no transfers. */
export async function* checkTransfers({ client }: ApiAccess): CheckResults {
  try {
    await client.get("/v2/transfers", { pageSize: "1" }, decodeTransfersPage, NO_DEADLINE);
    yield passed("transfers", `the key may read transfers, ${NEEDED_BY}`);
  } catch (thrown) {
    // A 403 that is not in the API's format is of a proxy or firewall, and says nothing about the key.
    if (thrown instanceof ApiError && thrown.code === "api_forbidden") {
      yield* skipped(["transfers"], `the key lacks transfers:read, ${NEEDED_BY}`);
      return;
    }
    const { message, suggestedFix } = apiFailure(thrown);
    yield warning("transfers", `cannot check: ${message}`, suggestedFix);
  }
}
