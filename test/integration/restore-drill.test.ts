import { readFileSync } from "node:fs";
import { PutItemCommand, paginateScan } from "@aws-sdk/client-dynamodb";
import { createTable, LOCAL_TABLE } from "../../local/dynamodb/embedded-dynamodb.ts";
import { type EmbeddedFactsWorld, startEmbeddedFactsWorld } from "../support/facts-world.ts";
import { csvRows, runBalances } from "../support/history-cli.ts";
import { accountIdOf, HOUR, MINUTE, makeFacts } from "../support/history-facts.ts";
import { instant } from "../support/history-naive.ts";
import { afterAll, beforeAll, expect, it } from "../support/jest.ts";
import { snapshotWith } from "../unit/domain/snapshots.ts";

// The comparison of two tables in docs/runbook.md, with the documented command.

const FROM = Date.parse("2026-11-23T06:00:00Z");
const RESTORED = "restored";
const NEWEST = "2026-11-23T10:00:00.000Z";
const NEW_ACCOUNT = "account_af2937b0-9846-4fe7-bfe9-ccc22d935111";

let world: EmbeddedFactsWorld;
beforeAll(async () => {
  world = await startEmbeddedFactsWorld(makeFacts({ seed: 5, from: FROM, hours: 3, assets: [4, 2, 3] }));
  await createTable(world.client, RESTORED);
  for await (const { Items = [] } of paginateScan({ client: world.client }, { TableName: LOCAL_TABLE })) {
    for (const Item of Items) await world.client.send(new PutItemCommand({ TableName: RESTORED, Item }));
  }
  // What runs after the time of the restore have added: a slot, a new account, and the end of another.
  const store = world.newStore();
  const held = { btc: { btc: ["9", "9"], usd: ["9", "9"] } } as const;
  for (const accountId of [accountIdOf(0), NEW_ACCOUNT]) {
    const times = { capturedAt: NEWEST, completedAt: NEWEST };
    await store.save({ ...snapshotWith(held, { accountId, slot: NEWEST }), ...times }, []);
  }
  await store.registerEnd(accountIdOf(1), NEWEST, NEWEST, "It was closed.");
});
afterAll(() => world.close());

/** Runs a documented command on both tables, an hour after the newest slot. */
function onBothTables(command: string) {
  const run = (table: string) => {
    const words = command.replace('"$T"', table).split(" ");
    return runBalances(words, world.home, world.env, Date.parse(NEWEST) + HOUR);
  };
  return Promise.all([run(LOCAL_TABLE), run(RESTORED)]);
}

it("the restore drill compares both tables at one moment, so that a slot in between makes no difference", async () => {
  const runbook = readFileSync(new URL("../../docs/runbook.md", import.meta.url), "utf8");
  const [, command = ""] = /for T in .*; do npm run -s balances -- (as-of .*) > /.exec(runbook) ?? [];
  const at = instant(FROM + 2 * HOUR + 30 * MINUTE);

  const [live, restored] = await onBothTables(command.replace('"$AT"', at));

  expect(live).toMatchObject({ code: 0, stderr: "" });
  expect(restored).toEqual(live);
  expect(new Set(csvRows(live).rows.map(({ accountId }) => accountId)).size).toBe(3);
  const [latest, latestRestored] = await onBothTables('latest --table "$T" --format csv');
  expect(latest.stdout).not.toBe(latestRestored.stdout);
});
