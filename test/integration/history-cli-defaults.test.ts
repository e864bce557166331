import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { TableStore } from "../../core/table/snapshot-store.ts";
import { Table } from "../../core/table/table.ts";
import { LOCAL_TABLE } from "../../local/dynamodb/embedded-dynamodb.ts";
import { type FactsWorld, startFactsWorld } from "../support/facts-world.ts";
import { jsonRows } from "../support/history-cli.ts";
import { type Facts, HOUR, MINUTE, makeFacts } from "../support/history-facts.ts";
import { instant, lastCapturedIn } from "../support/history-naive.ts";

// Default ranges and steps, on a history that is too young for them or has no schedule.

const FROM = Date.parse("2026-11-01T00:00:00Z");
let world: FactsWorld;

function useWorld(facts: Facts, now: number): void {
  beforeAll(async () => {
    world = await startFactsWorld(facts, now);
  });
  afterAll(() => world.close());
}

describe("a minute after the first slot", () => {
  const facts = makeFacts({ seed: 1, from: FROM, hours: 1, assets: [2], kind: "typical" });
  useWorld(facts, FROM + MINUTE);

  it.each([
    { command: ["accounts"], rows: 1 },
    { command: ["latest"], rows: 2 },
    { command: ["history", "--asset", "btc", "--every", "1d"], rows: 1 },
    { command: ["totals"], rows: 1 },
    { command: ["gaps"], rows: 0 },
  ])("$command.0 shows the first snapshot and no gap", async ({ command, rows }) => {
    const ended = await world.balances(...command);

    expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code: 0, stderr: "" });
    expect(jsonRows(ended)).toHaveLength(rows);
    expect(ended.stdout).not.toMatch(/"gap"|"total":null/);
  });

  it.each([[[]], [["--from", "2026-11-01", "--every", "1h"]]])(
    "report %j has one step, which is now",
    async (options) => {
      const out = join(world.home, "report.html");

      const { code } = await world.balances("report", "--out", out, ...options);

      const page = readFileSync(out, "utf8");
      expect([code, /"steps":\[[^\]]*\]/.exec(page)?.[0]]).toEqual([0, `"steps":["${instant(FROM + MINUTE)}"]`]);
    },
  );

  it("chart starts at the first record", async () => {
    const { stdout } = await world.balances("chart");

    expect(stdout).toContain("2026-11-01T00:00:00.000Z to 2026-11-01T00:01:00.000Z");
  });
});

describe("a failed attempt with a suggested fix", () => {
  const facts = makeFacts({ seed: 1, from: FROM, hours: 1, assets: [2], kind: "typical" });
  useWorld(facts, FROM + 2 * HOUR);

  it("is listed by gaps with its message and the fix", async () => {
    const accountId = facts.accounts[0]?.accountId ?? "";
    const slot = instant(FROM + HOUR);
    const attempt = { code: "api_forbidden", message: "HTTP 403.", suggestedFix: "Give the key the permission." };
    await new TableStore(new Table(world.client, LOCAL_TABLE)).recordFailure({
      ...{ accountId, slot, trigger: "schedule", attempts: 1, lastTriedAt: slot },
      ...attempt,
    });

    const ended = await world.balances("gaps");

    expect(jsonRows(ended)).toMatchObject([{ slot, message: "HTTP 403. Give the key the permission." }]);
  });
});

describe("manual runs every three hours, without a schedule", () => {
  const hourly = makeFacts({ seed: 1, from: FROM, hours: 96, assets: [2], kind: "typical" });
  const accounts = hourly.accounts.map((account) => ({
    ...account,
    records: account.records.filter(({ slot }) => (slot - FROM) % (3 * HOUR) === 0),
  }));
  useWorld({ ...hourly, accounts, schedules: [] }, FROM + 96 * HOUR);

  it("report has a step for each snapshot, and no gaps", async () => {
    const out = join(world.home, "report.html");

    await world.balances("report", "--out", out);

    const page = readFileSync(out, "utf8");
    const steps = Array.from({ length: 32 }, (_, at) => instant(FROM + 3 * HOUR * (at + 1)));
    expect(page).toContain(`"steps":${JSON.stringify(steps)}`);
    expect(/"snapshots":\[[^\]]*null/.test(page)).toBe(false);
  });

  it("chart draws a column per step, with marks for steps without a snapshot", async () => {
    const to = FROM + 80 * HOUR;

    const { stdout } = await world.balances("chart", "--asset", "btc", "--from", instant(FROM), "--to", instant(to));

    const amounts = Array.from({ length: 80 }, (_, at) => {
      const fact = lastCapturedIn(accounts[0]?.records ?? [], FROM + at * HOUR, FROM + (at + 1) * HOUR);
      return fact?.holdings.get("btc")?.total;
    });
    const known = amounts.filter((amount) => amount !== undefined);
    const lines = stdout.split("\n");
    const [axis = "", marks = ""] = lines.slice(-5);
    expect(lines[0]).toBe(`${accounts[0]?.accountId}: btc, ${instant(FROM)} to ${instant(to)}`);
    expect(lines.at(-3)).toContain(`first ${known[0]}, last ${known.at(-1)};`);
    expect(amounts.map((_, at) => marks[axis.indexOf("└") + 1 + at] === "·")).toEqual(
      amounts.map((amount) => amount === undefined),
    );
    expect(stdout.split("●")).toHaveLength(known.length + 1);
  });

  it("gaps asks for a schedule", async () => {
    const { code, stderr } = await world.balances("gaps");

    expect([code, stderr]).toEqual([2, expect.stringContaining("--schedule 'rate(1 hour)'")]);
  });
});
