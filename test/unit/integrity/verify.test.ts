import { DeleteItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { Head } from "../../../core/integrity/entry.ts";
import { type IntegrityFinding, SUGGESTED_FIXES } from "../../../core/integrity/integrity-finding.ts";
import { verifyAccount } from "../../../core/integrity/verify.ts";
import { ChainReader } from "../../../core/table/chain-reader.ts";
import { Table } from "../../../core/table/table.ts";
import {
  appended,
  entriesOf,
  type Items,
  nth,
  put,
  type RawItem,
  remove,
  snapshotsOf,
  type Tampering,
} from "../../support/tampering.ts";
import { TAMPERINGS, TAMPERINGS_OF_PARTS } from "../../support/tamperings.ts";
import { newAccount, watch } from "../table/embedded.ts";
import {
  findIn,
  hour,
  NOW,
  newStore,
  START,
  verifyAt,
  type Written,
  writeHours,
  writeLargeAccount,
  writeTwoAccounts,
} from "./history.ts";

let two: Written;
let large: Written;
beforeAll(async () => {
  [two, large] = await Promise.all([writeTwoAccounts(), writeLargeAccount()]);
});
afterAll(() => Promise.all([two.table.close(), large.table.close()]));

/** A finding in short: its code, and the number of the entry or of the snapshot. */
function inShort(items: Items, { accountId, code, slot, sequence }: IntegrityFinding): string {
  const ordinal = snapshotsOf(items, accountId).findIndex((item) => item["slot"]?.S === slot) + 1;
  return `${code} ${sequence ?? (ordinal || "-")}`;
}

describe("an honest history", () => {
  it("has nothing to be found, by itself and against the heads that were kept", async () => {
    for (const written of [two, large]) {
      expect(written.heads).toHaveLength(written.ids.length);
      expect(await findIn(written, written.honest)).toEqual([]);
      expect(await findIn(written, written.honest, written.heads)).toEqual([]);
    }
  });

  it("is told in figures", async () => {
    const { table, accounts, heads } = two;

    expect(await verifyAt(table, accounts.one, NOW)).toEqual({
      accountId: accounts.one,
      snapshots: 6,
      entries: 6,
      expired: 0,
      head: { sequence: 6, slot: hour(5), hash: heads[0]?.hash },
      findings: [],
    });
  });

  it("may have a slot entered twice with the same digest, which says nothing new", async () => {
    const { honest, accounts } = two;
    const again = appended(entriesOf(honest, accounts.one), nth(snapshotsOf(honest, accounts.one), 2));

    expect(await findIn(two, put(honest, again), two.heads)).toEqual([]);
  });

  it("has nothing to be found in it by heads of any time", async () => {
    expect(await findIn(two, two.honest, everyHead())).toEqual([]);
  });
});

describe("what is found when", () => {
  it.each(TAMPERINGS.map((tampering) => [tampering.name, tampering] as const))("%s", async (_, tampering) => {
    await expectFound(two, tampering);
  });

  it.each(TAMPERINGS_OF_PARTS.map((tampering) => [tampering.name, tampering] as const))("%s", async (_, tampering) => {
    await expectFound(large, tampering);
  });

  async function expectFound(written: Written, { tamper, found, anchored = [] }: Tampering): Promise<void> {
    const items = tamper(written.honest, written.accounts);

    const byChain = await findIn(written, items);
    const byHeads = await findIn(written, items, written.heads);

    expect(byChain.map((finding) => inShort(items, finding)).sort()).toEqual([...found].sort());
    expect(byHeads.map((finding) => inShort(items, finding)).sort()).toEqual([...found, ...anchored].sort());
    expect(new Set(byHeads.map(({ accountId }) => accountId))).toEqual(new Set([written.ids[0]]));
    for (const { message } of byHeads) expect(message).toMatch(/^.{20,}[.?] .{20,}\.$/);
  }

  it("is never nothing, and every code is found by one of them", () => {
    const all = [...TAMPERINGS, ...TAMPERINGS_OF_PARTS];
    const found = all.flatMap(({ found, anchored = [] }) => [...found, ...anchored]);
    const codes = found.map((one) => one.split(" ")[0]);

    expect(all.filter(({ found, anchored = [] }) => found.length + anchored.length === 0)).toEqual([]);
    expect([...new Set(codes)].sort()).toEqual(Object.keys(SUGGESTED_FIXES).sort());
  });
});

/** The head of each hour of the first account. */
function everyHead(): Head[] {
  const { honest, accounts } = two;
  const heads = entriesOf(honest, accounts.one).map(({ slot, forSlot, hash }, at) => ({
    ...{ accountId: accounts.one, sequence: Number(slot?.S), slot: forSlot?.S ?? "", hash: hash?.S ?? "" },
    at: hour(at + 1),
  }));
  expect(heads).toHaveLength(6);
  return heads;
}

describe("heads that were kept", () => {
  it("tell since when another history is told, and are told once", async () => {
    const rewritten = TAMPERINGS.find(({ name }) => name.includes("whole chain since made to fit"));

    const found = await findIn(two, rewritten?.tamper(two.honest, two.accounts) ?? [], everyHead());

    expect(found).toMatchObject([{ code: "anchor_differs", sequence: 3, slot: hour(2) }]);
    expect(found[0]?.message).toContain(`Entry 3 is not the one of which a head was kept at ${hour(3)}`);
    expect(found[0]?.message).toContain(`So it is with 3 more. The one of entry 2, kept at ${hour(2)}, agrees.`);
  });

  it("tell that the end is missing, and of an entry in the middle that it is", async () => {
    const cut = (number: number) =>
      entriesOf(two.honest, two.accounts.one).filter(({ slot }) => Number(slot?.S) >= number);

    const atEnd = await findIn(two, remove(two.honest, ...cut(3)), everyHead());
    const within = await findIn(two, remove(two.honest, ...cut(3).slice(0, 1)), everyHead());
    const whole = await findIn(two, remove(two.honest, ...cut(1)), everyHead());

    const told = [atEnd, within, whole].map((found) => found.find(({ code }) => code === "anchor_missing"));
    expect(told).toMatchObject([{ sequence: 3 }, { sequence: 3 }, { sequence: 1 }]);
    expect(told[0]?.message).toContain(
      "the chain ends with entry 2: what came after was cut off. So it is with 3 more.",
    );
    expect(told[1]?.message).toContain("the chain does not have it. The one of entry 2");
    expect(told[2]?.message).toContain("the chain has no entry at all. So it is with 5 more. No older head was given.");
  });
});

describe("with a retention", () => {
  it("tells a snapshot that expired from one that was removed", async () => {
    const accountId = newAccount();
    const { table } = two;
    const store = newStore(table, 1);
    await writeHours(store, accountId, [0, 1, 2, 30]);
    const items: RawItem[] = await table.itemsUnder(accountId);
    for (const item of items.slice(0, 3)) {
      const { account, slot } = item;
      if (account && slot) {
        await table.client.send(new DeleteItemCommand({ TableName: table.name, Key: { account, slot } }));
      }
    }

    const tooEarly = await verifyAt(table, accountId, 25);
    const inTime = await verifyAt(table, accountId, 26);

    // Those of midnight and of one o'clock were free to go a day after, that of two o'clock was not.
    expect(tooEarly).toMatchObject({
      expired: 2,
      findings: [{ code: "snapshot_removed", slot: hour(2), sequence: 3 }],
    });
    expect(tooEarly.findings[0]?.message).toContain("It was to be kept until 2026-11-02T02:00:00.000Z.");
    expect(inTime).toMatchObject({ snapshots: 1, entries: 4, expired: 3, findings: [] });
  });

  it("finds an expiry that was brought forward, put off or taken away", async () => {
    const accountId = newAccount();
    const { table } = two;
    await writeHours(newStore(table, 30), accountId, [0, 1, 2, 3]);
    const [first, second, third] = await table.itemsUnder(accountId);
    const { expiresAt: _, ...forEver } = third ?? {};
    await table.put({ ...first, expiresAt: { N: String(START / 1000) } });
    await table.put({ ...second, expiresAt: { N: String(START / 1000 + 40 * 24 * 3600) } });
    await table.put(forEver);

    const { findings } = await verifyAt(table, accountId, 4);

    expect(findings).toMatchObject([1, 2, 3].map((sequence) => ({ code: "expiry_changed", sequence })));
  });
});

describe("a table that cannot be read", () => {
  it("is no finding, but an error", async () => {
    const reader = new ChainReader(new Table(two.table.client, "none"));

    await expect(reader.entries("account_").next()).rejects.toMatchObject({ code: "table_unavailable" });
    await expect(reader.snapshots("account_").next()).rejects.toMatchObject({ code: "table_unavailable" });
  });

  it("is none in the midst of it either: of the entries, of the snapshots, of a snapshot's parts", async () => {
    for (const query of [1, 2, 3]) {
      const client = large.table.anotherClient();
      const sent = watch(client, (_, at) => at === query);

      const verified = verifyAccount(new ChainReader(new Table(client, large.table.name)), large.accounts.large, [], 0);

      await expect(verified).rejects.toMatchObject({ code: "table_unavailable" });
      expect(sent).toHaveLength(query);
    }
  });
});
