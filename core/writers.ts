import { JOB_CLIENT_OPTIONS } from "./aws/client-options.ts";
import type { TableConfig } from "./config.ts";
import { TableSnapshotStore } from "./table/snapshot-store.ts";
import { Table } from "./table/table.ts";

/** Opens what the job writes in a table. */
export function openStore({ tableName, retentionDays }: TableConfig): TableSnapshotStore {
  return new TableSnapshotStore(Table.open(tableName, JOB_CLIENT_OPTIONS), retentionDays);
}
