import { JOB_CLIENT_OPTIONS } from "./aws/client-options.ts";
import { tableClient } from "./aws/table-client.ts";
import type { TableConfig } from "./config.ts";
import { TableSnapshotStore } from "./table/snapshot-store.ts";
import { Table } from "./table/table.ts";

/** Opens what the job writes in a table. */
export function openStore({ tableName, retentionDays }: TableConfig): TableSnapshotStore {
  return new TableSnapshotStore(new Table(tableClient(JOB_CLIENT_OPTIONS), tableName), retentionDays);
}
