import { JOB_CLIENT_OPTIONS } from "./aws/client-options.ts";
import { tableClient } from "./aws/table-client.ts";
import { TableSnapshotStore } from "./table/snapshot-store.ts";
import { Table } from "./table/table.ts";

/**
 * Opens what the job writes in a table.
 * @param retentionDays DynamoDB may delete snapshots and failed attempts this many days after their slot
 */
export function openStore(tableName: string, retentionDays?: number): TableSnapshotStore {
  return new TableSnapshotStore(new Table(tableClient(JOB_CLIENT_OPTIONS), tableName), retentionDays);
}
