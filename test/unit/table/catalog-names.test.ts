import type { AccountDescription } from "../../../core/domain/account-activity.ts";
import { Catalog } from "../../../core/table/catalog.ts";
import { Table } from "../../../core/table/table.ts";
import { describe, expect, it } from "../../support/jest.ts";
import { snapshotWith } from "../domain/snapshots.ts";
import { type MemoryTable, newAccount, newStore, type RawItem, tableOf } from "./embedded.ts";

const at = (day: number, time = "10:00:00.000") => `2026-11-${day}T${time}Z`;
const TREASURY = { name: "Treasury", type: "prime", owner: "entity_1" };

/** Returns a table whose catalog has the start of an account on the 20th, and its descriptions on later days. */
async function startTable(...later: readonly (readonly [at: string, Omit<AccountDescription, "accountId">])[]) {
  const accountId = newAccount();
  const table = tableOf([]);
  await newStore(table).save(snapshotWith({}, { accountId, slot: at(20) }), [], { accountId, ...TREASURY });
  for (const [now, given] of later) await newStore(table).registerDescription({ accountId, ...given }, now);
  return { accountId, table };
}

const sortKeysOf = (table: MemoryTable) =>
  table.items().flatMap(({ account, slot }) => (account?.S === "catalog" && slot?.S ? slot.S : []));
const namesOf = async (table: MemoryTable, accountId: string) =>
  (await newStore(table).accounts()).get(accountId)?.descriptions?.map(({ name }) => name);

describe("the description of an account", () => {
  it("is registered with its instant if it is new, and then only", async () => {
    const { accountId, table } = await startTable(
      [at(21), TREASURY],
      [at(22), { ...TREASURY, name: "Vault" }],
      [at(23), { ...TREASURY, name: "Vault" }],
    );

    expect(sortKeysOf(table)).toEqual([`${accountId} ${at(20)} start`, `${accountId} ${at(22)} described`]);
    expect((await newStore(table).accounts()).get(accountId)?.descriptions).toEqual([
      expect.objectContaining(TREASURY),
      { ...TREASURY, name: "Vault", from: Date.parse(at(22)) },
    ]);
  });

  it.each([
    ["keeps a name that is unknown now", { type: "cdp" }, ["Treasury", "Treasury"]],
    ["has no new version if all of it is unknown now", {}, ["Treasury"]],
    ["loses a name that the account has no longer", { name: "" }, ["Treasury", undefined]],
  ])("%s", async (_, given, names) => {
    const { accountId, table } = await startTable([at(21), given]);

    expect(await namesOf(table, accountId)).toEqual(names);
  });

  it("is complete when the account starts again, although the list did not say everything", async () => {
    const { accountId, table } = await startTable();
    await newStore(table).registerEnd(accountId, at(21), at(21), "Closed.");

    await newStore(table).save(snapshotWith({}, { accountId, slot: at(22) }), [], { accountId, type: "prime" });

    expect(await namesOf(table, accountId)).toEqual(["Treasury"]);
  });

  it("is not registered for an account that the table does not know", async () => {
    const { table } = await startTable();
    const before = table.items();

    await newStore(table).registerDescription({ accountId: newAccount(), ...TREASURY }, at(21));

    expect(table.items()).toEqual(before);
  });

  it("is registered once, although a clock that was ahead registered another one for a later time", async () => {
    const renamed = { ...TREASURY, name: "Vault" };
    const { accountId, table } = await startTable(
      [at(29), { ...TREASURY, name: "Ahead" }],
      [at(22), renamed],
      [at(23), renamed],
    );

    expect(await namesOf(table, accountId)).toEqual(["Treasury", "Vault", "Ahead"]);
  });
});

describe("the refresh of descriptions", () => {
  it("is due once in a UTC day, in whichever process", async () => {
    const table = tableOf([]);
    const [warm, due] = [newStore(table), [] as boolean[]];
    for (const now of [at(20, "23:59:59.999"), at(21, "00:00:00.000"), at(21, "23:59:59.999"), at(23)]) {
      await warm.accounts();
      due.push(await warm.startNamesRefresh(now), await newStore(table).startNamesRefresh(now));
    }

    expect(due).toEqual([true, false, true, false, false, false, true, false]);
    expect(table.items()).toEqual([{ account: { S: "catalog" }, slot: { S: "names" }, refreshedAt: { S: at(23) } }]);
  });

  it("is due after one whose clock was ahead", async () => {
    const table = tableOf([]);
    await newStore(table).startNamesRefresh("2099-01-01T00:00:00.000Z");

    expect(await newStore(table).startNamesRefresh(at(20))).toBe(true);
  });

  it("is due if its item cannot be read, which is reported and replaced", async () => {
    const corrupt: RawItem = { account: { S: "catalog" }, slot: { S: "names" }, refreshedAt: { S: "yesterday" } };
    const table = tableOf([corrupt]);
    const reported: string[] = [];
    const catalog = new Catalog(new Table(table.client, table.name), ({ message }) => reported.push(message));
    await catalog.refresh();

    const isDue = await catalog.startNamesRefresh(at(20));

    expect(isDue).toBe(true);
    expect(reported).toEqual([
      "Item catalog / names: attribute refreshedAt is missing or malformed. The item is skipped.",
    ]);
    expect(table.items()).toMatchObject([{ refreshedAt: { S: at(20) } }]);
  });
});
