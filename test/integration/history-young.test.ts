import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { embeddedEnvironment, LOCAL_TABLE, startEmbeddedDynamo } from "../../local/dynamodb/embedded-dynamodb.ts";
import { jsonRows, runBalances } from "../support/history-cli.ts";
import { makeFacts } from "../support/history-facts.ts";
import { completeOf, instant } from "../support/history-naive.ts";
import { patientClient, writeFacts } from "../support/history-table.ts";

// What a person asks in the very minute after the first slot, when no slot is old enough yet to be missed.

const FIRST_SLOT = Date.parse("2026-11-01T00:00:00Z");
const A_MINUTE_LATER = FIRST_SLOT + 60_000;
const facts = makeFacts({ seed: 1, from: FIRST_SLOT, hours: 1, assets: [2], kind: "typical" });
const home = mkdtempSync(join(tmpdir(), "young-"));

let dynamo: Awaited<ReturnType<typeof startEmbeddedDynamo>>;
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

const balances = (...args: string[]) =>
  runBalances([...args, "--table", LOCAL_TABLE], home, embeddedEnvironment(dynamo), A_MINUTE_LATER);

describe("a minute after the first slot", () => {
  it.each([
    { command: ["accounts"], rows: 1 },
    { command: ["latest"], rows: 2 },
    { command: ["history", "--asset", "btc", "--every", "1d"], rows: 1 },
    { command: ["totals"], rows: 1 },
    { command: ["gaps"], rows: 0 },
  ])("$command.0 has its answer", async ({ command, rows }) => {
    const ended = await balances(...command);

    expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code: 0, stderr: "" });
    expect(jsonRows(ended)).toHaveLength(rows);
    expect(ended.stdout).not.toMatch(/"gap"|"total":null/);
  });

  it.each([
    { options: [] },
    { options: ["--from", "2026-11-01"] },
    { options: ["--from", "2026-11-01", "--every", "1h"] },
  ])("report $options has one step, now, with what is held", async ({ options }) => {
    const out = join(home, "report.html");

    const { code } = await balances("report", "--out", out, ...options);

    const page = readFileSync(out, "utf8");
    const [snapshot] = completeOf(facts.accounts[0]?.records ?? []);
    expect([code, /"steps":\[[^\]]*\]/.exec(page)?.[0]]).toEqual([0, `"steps":["${instant(A_MINUTE_LATER)}"]`]);
    expect(page).toContain(snapshot?.holdings.get("btc")?.total);
  });

  it("chart draws from the first record on", async () => {
    const { stdout } = await balances("chart");

    expect(stdout).toContain("2026-11-01T00:00:00.000Z to 2026-11-01T00:01:00.000Z");
  });
});
