import { JOB_CLIENT_OPTIONS } from "./aws/client-options.ts";
import type { TableConfig } from "./config.ts";
import type { ReportDamage } from "./table/catalog-content.ts";
import { CatalogShare } from "./table/catalog-share.ts";
import { TableSnapshotStore } from "./table/snapshot-store.ts";
import { Table } from "./table/table.ts";

/** Opens what a run writes in a table. @param report receives what is wrong with the catalog, which costs no snapshot */
export type OpenStore = (report?: ReportDamage) => TableSnapshotStore;

/** Returns a function that opens stores, which share their connections and their reads of the catalog. */
export function storesIn({ tableName, retentionDays }: TableConfig): OpenStore {
  const [table, share] = [Table.open(tableName, JOB_CLIENT_OPTIONS), new CatalogShare()];
  return (report) => new TableSnapshotStore(table, retentionDays, report, share);
}

/** Opens what the job writes in a table. @param report as in `OpenStore` */
export function openStore(config: TableConfig, report?: ReportDamage): TableSnapshotStore {
  return storesIn(config)(report);
}
