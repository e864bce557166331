import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { embeddedEnvironment, LOCAL_TABLE, startEmbeddedDynamo } from "../../local/dynamodb/embedded-dynamodb.ts";
import { runBalances } from "../support/history-cli.ts";
import { HOUR, makeFacts } from "../support/history-facts.ts";
import { instant } from "../support/history-naive.ts";
import { patientClient, writeFacts } from "../support/history-table.ts";

// A table that knows no schedule: somebody takes a snapshot every three hours.

const FROM = Date.parse("2026-11-01T00:00:00Z");
const hourly = makeFacts({ seed: 1, from: FROM, hours: 96, assets: [2], kind: "typical" });
const accounts = hourly.accounts.map((account) => ({
  ...account,
  records: account.records.filter(({ slot }) => (slot - FROM) % (3 * HOUR) === 0),
}));
const home = mkdtempSync(join(tmpdir(), "by-hand-"));

let dynamo: Awaited<ReturnType<typeof startEmbeddedDynamo>>;
beforeAll(async () => {
  dynamo = await startEmbeddedDynamo();
  const client = patientClient(dynamo.url);
  await writeFacts(client, LOCAL_TABLE, { ...hourly, accounts, schedules: [] });
  client.destroy();
});
afterAll(async () => {
  await dynamo.close();
  rmSync(home, { recursive: true });
});

const balances = (...args: string[]) =>
  runBalances([...args, "--table", LOCAL_TABLE], home, embeddedEnvironment(dynamo), FROM + 96 * HOUR);

describe("without a schedule", () => {
  it("report has steps as far apart as its snapshots are, and no gaps", async () => {
    const out = join(home, "report.html");

    await balances("report", "--out", out);

    const page = readFileSync(out, "utf8");
    const steps = Array.from({ length: 32 }, (_, at) => instant(FROM + 3 * HOUR * (at + 1)));
    expect(page).toContain(`"steps":${JSON.stringify(steps)}`);
    expect(/"snapshots":\[[^\]]*null/.test(page)).toBe(false);
  });

  it("gaps says what it lacks", async () => {
    const { code, stderr } = await balances("gaps");

    expect([code, stderr]).toEqual([2, expect.stringContaining("--schedule 'rate(1 hour)'")]);
  });
});
