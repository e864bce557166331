import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "@jest/globals";
import {
  type EmbeddedDynamo,
  embeddedEnvironment,
  LOCAL_TABLE,
  startEmbeddedDynamo,
} from "../../local/dynamodb/embedded-dynamodb.ts";
import { type Ended, jsonRows, runBalances, startBalances } from "../support/history-cli.ts";
import { accountIdOf, makeFacts } from "../support/history-facts.ts";
import { patientClient, writeFacts } from "../support/history-table.ts";

// The command line in a separate process. test/integration/history-cli* tests each command in its own process.

// One slot, long ago: every hour since then is a gap.
const facts = makeFacts({ seed: 1, from: Date.parse("2024-01-01T00:00:00Z"), hours: 1, assets: [31] });
const home = mkdtempSync(join(tmpdir(), "history-cli-"));

let dynamo: EmbeddedDynamo;
beforeAll(async () => {
  dynamo = await startEmbeddedDynamo();
  const client = patientClient(dynamo.url);
  await writeFacts(client, LOCAL_TABLE, facts);
  client.destroy();
});
afterAll(async () => {
  await dynamo.close();
  rmSync(home, { recursive: true });
});

/** Runs a command on the table, in a separate process. */
function balances(args: readonly string[], closeAfter?: number): Promise<Ended> {
  return startBalances([...args, "--table", LOCAL_TABLE], home, embeddedEnvironment(dynamo), closeAfter);
}

it("prints JSON lines into a pipe, the same as in this process", async () => {
  const args = ["latest", "--verbose"];
  const [ended, here] = await Promise.all([
    balances(args),
    runBalances([...args, "--table", LOCAL_TABLE], home, embeddedEnvironment(dynamo)),
  ]);

  expect(ended).toMatchObject({ code: 0, stdout: here.stdout, stderr: here.stderr });
  expect(jsonRows(ended)).toHaveLength(30);
  expect(jsonRows(ended)[0]).toMatchObject({ accountId: accountIdOf(0) });
});

it("ends with 1 for gaps, even if the pipe was closed", async () => {
  const ended = await balances(["gaps"], 1);

  expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code: 1, stderr: "" });
  expect(JSON.parse(ended.stdout.split("\n")[0] ?? "")).toMatchObject({ slot: "2024-01-01T01:00:00.000Z" });
  // All gaps together would be much longer.
  expect(ended.stdout.length).toBeLessThan(1_000_000);
});

it("ends with 2 for a usage error, with nothing on stdout", async () => {
  const { code, stdout, stderr } = await balances(["as-of", "--at", "2025-02-30", "--format", "csv"]);

  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toMatch(/^--at: "2025-02-30" is not a valid date or time\. Expected a date \(2025-12-31\)/);
});
