// The format of files of transfers, for commands that do not ask the API. This module must load neither the API client nor the key.

export { decodeTransfers, wireTransfer } from "./coinbase/transfer-schema.ts";
