import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { TableStore } from "../../core/table/snapshot-store.ts";
import { Table } from "../../core/table/table.ts";
import {
  type EmbeddedDynamo,
  embeddedEnvironment,
  LOCAL_TABLE,
  startEmbeddedDynamo,
} from "../../local/dynamodb/embedded-dynamodb.ts";
import { runBalances } from "../support/history-cli.ts";
import { patientClient } from "../support/history-table.ts";
import { snapshotWith } from "../unit/domain/snapshots.ts";

const ACCOUNTS = ["1", "2"].map((digit) => `account_af2937b0-9846-4fe7-bfe9-ccc22d93511${digit}`);
const BITCOIN = { btc: { btc: ["1", "1"], usd: ["90000", "90000"], eur: ["80000", "80000"] } } as const;

let dynamo: EmbeddedDynamo;
beforeAll(async () => {
  dynamo = await startEmbeddedDynamo();
  const client = patientClient(dynamo.url);
  const store = new TableStore(new Table(client, LOCAL_TABLE));
  const slot = new Date(Date.now() - 60_000).toISOString();
  // One account holds nothing, and has no values in any denomination.
  for (const [at, accountId] of ACCOUNTS.entries()) {
    await store.save(snapshotWith(at === 0 ? {} : BITCOIN, { accountId, slot }), []);
  }
  client.destroy();
});
afterAll(() => dynamo.close());

describe("--denomination", () => {
  const stderrOf = async (command: string, denomination: string, ...more: string[]) => {
    const args = [command, "--denomination", denomination, "--table", LOCAL_TABLE, ...more];
    const { code, stdout, stderr } = await runBalances(args, ".", embeddedEnvironment(dynamo));
    expect({ code, answered: stdout !== "" }).toEqual({ code: 0, answered: true });
    return stderr.replace(/account_.* holds nothing .*\n/, "");
  };

  it.each(["latest", "totals", "chart"])("in which nothing has a value is told by %s on stderr", async (command) => {
    expect(await stderrOf(command, "EUR")).toBe(
      "--denomination: the newest snapshots have no values in EUR; the nearest that they have: eur, usd.\n",
    );
  });

  it("is no word worth where nothing is held", async () => {
    expect(await stderrOf("totals", "EUR", "--account", ACCOUNTS[0] ?? "")).toBe("");
  });

  it.each(["eur", "usd"])("%s, in which there are values, is no word worth", async (denomination) => {
    expect(await stderrOf("latest", denomination)).toBe("");
  });
});
