import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { TableStore } from "../../core/table/snapshot-store.ts";
import { Table } from "../../core/table/table.ts";
import { LOCAL_TABLE } from "../../local/dynamodb/embedded-dynamodb.ts";
import { type FactsWorld, startFactsWorld } from "../support/facts-world.ts";
import { snapshotWith } from "../unit/domain/snapshots.ts";

const EMPTY = "account_af2937b0-9846-4fe7-bfe9-ccc22d935111";
const WITH_BITCOIN = "account_af2937b0-9846-4fe7-bfe9-ccc22d935112";
const BITCOIN = { btc: { btc: ["1", "1"], usd: ["90000", "90000"], eur: ["80000", "80000"] } } as const;
const WARNING = "--denomination: the newest snapshots have no values in EUR. Did you mean eur or usd?\n";

let world: FactsWorld;
beforeAll(async () => {
  world = await startFactsWorld({ accounts: [], schedules: [], from: 0, to: 0 });
  const store = new TableStore(new Table(world.client, LOCAL_TABLE));
  const slot = new Date(Date.now() - 60_000).toISOString();
  await store.save(snapshotWith({}, { accountId: EMPTY, slot }), []);
  await store.save(snapshotWith(BITCOIN, { accountId: WITH_BITCOIN, slot }), []);
});
afterAll(() => world.close());

describe("--denomination", () => {
  it.each([
    ["latest warns if no asset has a value in it", ["latest", "--denomination", "EUR"], WARNING],
    ["totals warns if no asset has a value in it", ["totals", "--denomination", "EUR"], WARNING],
    ["chart warns if no asset has a value in it", ["chart", "--denomination", "EUR"], WARNING],
    ["totals does not warn for an empty account", ["totals", "--denomination", "EUR", "--account", EMPTY], ""],
    ["latest does not warn if an asset has a value in it", ["latest", "--denomination", "eur"], ""],
    ["latest does not warn for the default", ["latest", "--denomination", "usd"], ""],
  ])("%s", async (_, args, warning) => {
    const { code, stdout, stderr } = await world.balances(...args);

    expect({ code, isEmpty: stdout === "" }).toEqual({ code: 0, isEmpty: false });
    expect(stderr.replace(/account_.* has no holdings .*\n/, "")).toBe(warning);
  });
});
