import { READER_CLIENT_OPTIONS } from "./aws/client-options.ts";
import type { ReportDamage } from "./table/catalog-content.ts";
import { ChainReader } from "./table/chain-reader.ts";
import { HistoryReader } from "./table/history-reader.ts";
import { Table } from "./table/table.ts";

// For commands that only read. This module must load neither the API client nor the key.

export type { ChainReader } from "./table/chain-reader.ts";
export type { HistoryReader } from "./table/history-reader.ts";

/** @param report receives each item of the catalog that cannot be read; the history goes on without it */
export function openHistory(tableName: string, report: ReportDamage): HistoryReader {
  return new HistoryReader(Table.open(tableName, READER_CLIENT_OPTIONS), report);
}

/** Opens the hash chains in a table, and the snapshots that they cover. */
export function openChains(tableName: string, options = READER_CLIENT_OPTIONS): ChainReader {
  return new ChainReader(Table.open(tableName, options));
}
