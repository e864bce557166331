import { JOB_CLIENT_OPTIONS } from "./aws/client-options.ts";
import type { TableConfig } from "./config.ts";
import type { ReportDamage } from "./table/catalog-content.ts";
import { TableSnapshotStore } from "./table/snapshot-store.ts";
import { Table } from "./table/table.ts";

/** Opens what the job writes in a table. @param report receives what is wrong with the catalog, which costs no snapshot */
export function openStore({ tableName, retentionDays }: TableConfig, report?: ReportDamage): TableSnapshotStore {
  return new TableSnapshotStore(Table.open(tableName, JOB_CLIENT_OPTIONS), retentionDays, report);
}
