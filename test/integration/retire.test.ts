import { TableSnapshotStore } from "../../core/table/snapshot-store.ts";
import { Table } from "../../core/table/table.ts";
import { jsonRows, runBalances } from "../support/history-cli.ts";
import { afterEach, beforeEach, expect, it } from "../support/jest.ts";
import { newFolder } from "../support/new-folder.ts";
import { DENIED } from "../support/world/aws.ts";
import { startWorld, type World } from "../support/world/world.ts";
import { snapshotWith } from "../unit/domain/snapshots.ts";

// accounts retire on a table that refuses some of the ends.

const idOf = (n: number) => `account_00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;
const slot = "2026-11-23T10:00:00.000Z";

let world: World;
beforeEach(async () => {
  world = await startWorld({ inMemory: true, accounts: () => [] });
  const store = new TableSnapshotStore(new Table(world.table, world.scope));
  for (const accountId of [1, 2, 3].map(idOf)) {
    await store.save(snapshotWith({}, { accountId, slot }), [], { accountId, key: "emea" });
  }
});
afterEach(() => world.close());

const balances = (...args: string[]) => runBalances([...args, "--table", world.scope], newFolder(), world.env);

/** Lets the ends of these accounts fail. */
function refuseEndOf(...ids: readonly string[]): void {
  world.aws.onCall(world.scope, async ({ action, input }) => {
    const isRefused = action === "dynamodb:PutItem" && ids.some((id) => JSON.stringify(input).includes(id));
    return isRefused ? DENIED : undefined;
  });
}

it("accounts retire --key shows which accounts ended and which did not, and fails", async () => {
  refuseEndOf(idOf(2));

  const ended = await balances("accounts", "retire", "--key", "emea");

  expect(ended.code).toBe(1);
  expect(ended.stdout).toMatch(`2 accounts of the key emea ended at `);
  expect(ended.stdout).toMatch(`:\n  ${idOf(1)}\n  ${idOf(3)}\nThe snapshots stay`);
  expect(ended.stderr).toMatch(
    `1 account of the key emea may not have ended. Give the same command again.\n  ${idOf(2)}\n`,
  );
  expect(ended.stderr).toMatch(/not authorized.*dynamodb:PutItem/s);
  const rows = jsonRows(await balances("accounts"));
  expect(rows.map(({ accountId, state }) => [accountId, state])).toEqual(
    [1, 2, 3].map((n) => [idOf(n), n === 2 ? "active" : "ended"]),
  );
});

it("accounts retire --key ends the accounts, too, that the key gave up and no other key has taken over", async () => {
  const store = new TableSnapshotStore(new Table(world.table, world.scope));
  await store.registerDescription({ accountId: idOf(1), key: "", noKeySince: slot }, "2026-11-23T10:01:00.000Z");

  const ended = await balances("accounts", "retire", "--key", "emea");

  expect(ended.stdout).toMatch("3 accounts of the key emea ended at ");
});

it("accounts retire fails if the account does not end", async () => {
  refuseEndOf(idOf(1));

  const ended = await balances("accounts", "retire", idOf(1));

  expect(ended).toMatchObject({ code: 1, stdout: "", stderr: expect.stringMatching(/not authorized/) });
});
