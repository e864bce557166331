import { readFileSync } from "node:fs";
import { slotAt } from "../../../core/domain/slot.ts";
import type { Head } from "../../../core/integrity/entry.ts";
import { type IntegrityFinding, SUGGESTED_FIXES } from "../../../core/integrity/integrity-finding.ts";
import { verifyAccount } from "../../../core/integrity/verify.ts";
import { ChainReader } from "../../../core/table/chain-reader.ts";
import { Table } from "../../../core/table/table.ts";
import { verifyIndependently, type Wrong } from "../../support/independent-verifier.ts";
import { beforeAll, describe, expect, it } from "../../support/jest.ts";
import { appended, entriesOf, eventsOf, type Items, nth, put, remove, snapshotsOf } from "../../support/tampering.ts";
import { TAMPERINGS } from "../../support/tamperings.ts";
import { TAMPERINGS_OF_PARTS } from "../../support/tamperings-of-parts.ts";
import { type MemoryTable, newAccount, tableOf, watch } from "../table/embedded.ts";
import {
  findIn,
  HOUR,
  hour,
  NOW,
  newStore,
  START,
  verifyAt,
  type Written,
  writeHours,
  writeLargeAccount,
  writeTwoAccountsTo,
} from "./history.ts";

let two: Written<MemoryTable>;
let large: Written<MemoryTable>;
beforeAll(async () => {
  [two, large] = await Promise.all([writeTwoAccountsTo(tableOf([])), writeLargeAccount()]);
});

/** Returns what the independent verifier finds if the table held the given items. */
function findIndependently(items: Items, heads: readonly Head[]): Promise<Wrong[]> {
  const { client, name } = tableOf(items);
  return verifyIndependently(client, name, [...heads], START + NOW * HOUR);
}

/** Returns whether both name the same place. A finding about several snapshots names only the first. */
function agree({ accountId, code, slot, sequence }: IntegrityFinding, wrong: Wrong): boolean {
  if (accountId !== wrong.accountId) return false;
  if (code === "not_chained" || code === "chained_late") return String(wrong.place) >= (slot ?? "");
  return [slot, sequence].includes(wrong.place as never) || (code === "entry_unreadable" && sequence === null);
}

/** Returns a finding as a short text: its code, and the number of the entry or of the snapshot. */
function summaryOf(items: Items, { accountId, code, slot, sequence }: IntegrityFinding): string {
  const ordinal = snapshotsOf(items, accountId).findIndex((item) => item["slot"]?.S === slot) + 1;
  return `${code} ${sequence ?? (ordinal || "-")}`;
}

describe("an intact history", () => {
  it("has no findings, with and without heads", async () => {
    for (const written of [two, large]) {
      expect(written.heads).toHaveLength(written.ids.length);
      for (const heads of [[], written.heads]) {
        expect(await findIn(written.intact, heads)).toEqual([]);
        expect(await findIndependently(written.intact, heads)).toEqual([]);
      }
    }
  });

  it("may contain a slot twice with the same digest, and end with a snapshot that is not chained yet", async () => {
    const { intact, accounts } = two;
    const again = appended(entriesOf(intact, accounts.one), nth(snapshotsOf(intact, accounts.one), 2));
    const killed = nth(entriesOf(intact, accounts.other), 6);
    const items = remove(put(intact, again), killed);

    expect(await findIn(items)).toMatchObject([{ code: "not_chained_yet", severity: "warning" }]);
    expect(await findIndependently(items, [])).toEqual([]);
  });
});

describe("the findings, if", () => {
  it.each([
    ...TAMPERINGS.map((tampering) => [tampering.name, tampering, () => two] as const),
    ...TAMPERINGS_OF_PARTS.map((tampering) => [tampering.name, tampering, () => large] as const),
  ])("%s, are as documented and agree with the independent verifier", async (_, tampering, writtenTo) => {
    const written = writtenTo();
    const items = tampering.tamper(written.intact, written.accounts);
    const { found, anchored } = tampering;

    for (const [heads, expected] of [
      [[], found],
      [written.heads, [...found, ...anchored]],
    ] as const) {
      const all = await findIn(items, heads);
      const independent = await findIndependently(items, heads);

      expect(all.map((one) => summaryOf(items, one)).sort()).toEqual([...expected].sort());
      for (const { accountId, code, message } of all) {
        expect(accountId).toBe(written.ids[0]);
        expect(message).toContain(`. ${SUGGESTED_FIXES[code]}`);
      }
      const findings = all.filter(({ severity }) => severity === "finding");
      expect(independent.length > 0).toBe(findings.length > 0);
      expect(independent.filter((wrong) => !findings.some((one) => agree(one, wrong)))).toEqual([]);
    }
  });

  it("are never empty, and cover every code", () => {
    const all = [...TAMPERINGS, ...TAMPERINGS_OF_PARTS];
    const found = all.flatMap(({ found, anchored }) => [...found, ...anchored]);
    const codes = found.map((one) => one.split(" ")[0]);

    expect(all.filter(({ found, anchored }) => found.length + anchored.length === 0)).toEqual([]);
    // test/integration/catalog-damage.test.ts covers the catalog, which concerns no account.
    expect([...new Set(codes), "catalog_unreadable"].sort()).toEqual(Object.keys(SUGGESTED_FIXES).sort());
  });
});

/** The head of each hour of the first account. */
function everyHead(): Head[] {
  const { intact, accounts } = two;
  const heads = entriesOf(intact, accounts.one).map(({ slot, forSlot, hash }, at) => ({
    ...{ accountId: accounts.one, sequence: Number(slot?.S), slot: forSlot?.S ?? "", hash: hash?.S ?? "" },
    at: hour(at + 1),
  }));
  expect(heads).toHaveLength(6);
  return heads;
}

describe("heads that were kept elsewhere", () => {
  it("show the first and the last matching head of a rewritten history, in one finding", async () => {
    const rewritten = TAMPERINGS.find(({ name }) => name.includes("all later entries recalculated"));

    const intact = await findIn(two.intact, everyHead());
    const found = await findIn(rewritten?.tamper(two.intact, two.accounts) ?? [], everyHead());

    expect(intact).toEqual([]);
    expect(found).toMatchObject([{ code: "anchor_differs", sequence: 3, slot: hour(2) }]);
    expect(found[0]?.message).toContain(`Entry 3 differs from the head that was kept at ${hour(3)}`);
    expect(found[0]?.message).toContain(`3 later heads differ too. The head of entry 2, kept at ${hour(2)}, matches.`);
  });

  it("show whether the end of a chain, one entry or the whole chain is missing", async () => {
    const cut = (number: number) =>
      entriesOf(two.intact, two.accounts.one).filter(({ slot }) => Number(slot?.S) >= number);

    const atEnd = await findIn(remove(two.intact, ...cut(3)), everyHead());
    const within = await findIn(remove(two.intact, ...cut(3).slice(0, 1)), everyHead());
    const whole = await findIn(remove(two.intact, ...cut(1)), everyHead());

    const missing = [atEnd, within, whole].map((found) => found.find(({ code }) => code === "anchor_missing"));
    expect(missing).toMatchObject([{ sequence: 3 }, { sequence: 3 }, { sequence: 1 }]);
    expect(missing[0]?.message).toContain(
      "the chain ends with entry 2: its end was deleted. 3 later heads differ too.",
    );
    expect(missing[1]?.message).toContain("the chain does not have this entry. The head of entry 2");
    expect(missing[2]?.message).toContain(
      "the chain has no entries. 5 later heads differ too. No older head was given.",
    );
  });
});

describe("with a retention", () => {
  it("distinguishes an expired snapshot from a removed one", async () => {
    const accountId = newAccount();
    const { table } = two;
    await writeHours(newStore(table, 1), accountId, [0, 1, 2, 30]);
    const items = table.items();
    const expired = tableOf(remove(items, ...snapshotsOf(items, accountId).slice(0, 3)));

    const tooEarly = await verifyAt(expired, accountId, 25);
    const inTime = await verifyAt(expired, accountId, 26);

    // At hour 25, the snapshots of hours 0 and 1 may be deleted, the snapshot of hour 2 may not.
    expect(tooEarly).toMatchObject({
      expired: 2,
      findings: [{ code: "snapshot_removed", slot: hour(2), sequence: 3 }],
    });
    expect(tooEarly.findings[0]?.message).toContain("It should exist until 2026-11-02T02:00:00.000Z.");
    expect(inTime).toMatchObject({ snapshots: 1, entries: 4, expired: 3, findings: [] });
  });

  it("finds an expiry that was brought forward, postponed or removed", async () => {
    const accountId = newAccount();
    const { table } = two;
    await writeHours(newStore(table, 30), accountId, [0, 1, 2, 3]);
    const items = table.items();
    const [first, second, third] = snapshotsOf(items, accountId);
    const { expiresAt: _, ...withoutExpiry } = third ?? {};
    const changed = put(
      items,
      { ...first, expiresAt: { N: String(START / 1000) } },
      { ...second, expiresAt: { N: String(START / 1000 + 40 * 24 * 3600) } },
      withoutExpiry,
    );

    const { findings } = await verifyAt(tableOf(changed), accountId, 4);

    expect(findings).toMatchObject([1, 2, 3].map((sequence) => ({ code: "expiry_changed", sequence })));
  });
});

describe("when an account counts", () => {
  const early = { S: "2020-01-01T00:00:00.000Z" };
  const newest = slotAt(START + NOW * HOUR - 1);

  it.each<[string, string, string]>([
    ["a start that states another time", "", "The account starts at 2020-01-01T00:00:00.000Z, but"],
    ["an end that applies before its slot", `${newest} end`, "but already at 2020-01-01"],
  ])("is compared with the history, which finds %s", async (_, event, message) => {
    const [accountId = ""] = two.ids;
    const [start = {}] = eventsOf(two.intact, accountId);
    const sort = event === "" ? start["slot"] : { S: `${accountId} ${event}` };
    const changed = put(two.intact, { ...start, slot: sort ?? { S: "" }, at: early });

    const findings = await findIn(changed);

    expect(findings).toMatchObject([{ code: "account_differs", accountId, message: expect.stringContaining(message) }]);
    const wrong = await findIndependently(changed, []);
    expect(wrong.map(({ place }) => place)).toEqual(findings.map(({ slot }) => slot));
  });
});

describe("the independent verifier", () => {
  it("has less than 170 lines and imports nothing of the project", () => {
    const source = readFileSync(new URL("../../support/independent-verifier.ts", import.meta.url), "utf8");
    const imported = [...source.matchAll(/from "([^"]+)"/g)].map(([, from]) => from);

    expect(source.split("\n").length).toBeLessThan(170);
    expect(imported).toEqual(["node:crypto", "@aws-sdk/client-dynamodb"]);
  });
});

describe("a table that cannot be read", () => {
  it("is an error, not a finding, during each query: for entries, snapshots and parts", async () => {
    for (const query of [1, 2, 3]) {
      const client = large.table.anotherClient();
      const sent = watch(client, (_, at) => at === query);

      const reader = new ChainReader(new Table(client, large.table.name));
      const facts = { activity: undefined, schedules: [], anchors: [], now: 0 };
      const verified = verifyAccount(reader, large.accounts.large, facts);

      await expect(verified).rejects.toMatchObject({ code: "table_unavailable" });
      expect(sent).toHaveLength(query);
    }
  });
});
