import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { IntegrityFinding } from "../../core/integrity/integrity-finding.ts";
import { embeddedEnvironment } from "../../local/dynamodb/embedded-dynamodb.ts";
import { jsonRows, runBalances } from "../support/history-cli.ts";
import { verifyIndependently, type Wrong } from "../support/independent-verifier.ts";
import { appended, entriesOf, type Items, nth, put, snapshotsOf, type Tampering } from "../support/tampering.ts";
import { TAMPERINGS, TAMPERINGS_OF_PARTS } from "../support/tamperings.ts";
import {
  findIn,
  HOUR,
  NOW,
  newStore,
  START,
  snapshotAt,
  type Written,
  withItems,
  writeLargeAccount,
  writeTwoAccounts,
} from "../unit/integrity/history.ts";

// docs/verify.md says that whoever has read it can write a verifier. One was written so; ours is held against it.

let two: Written;
let large: Written;
/** The heads as the command line prints them. */
const printed = new Map<Written, Record<string, unknown>[]>();
beforeAll(async () => {
  [two, large] = await Promise.all([writeTwoAccounts(), writeLargeAccount()]);
  for (const written of [two, large]) {
    const { table } = written;
    const args = ["verify", "--head", "--table", table.name];
    printed.set(written, jsonRows(await runBalances(args, tmpdir(), embeddedEnvironment(table))));
  }
});
afterAll(() => Promise.all([two.table.close(), large.table.close()]));

/** What both find in a table with such items, beside warnings. */
async function findBoth(written: Written, items: Items, withHeads: boolean) {
  const { table, honest } = written;
  const heads = withHeads ? (printed.get(written) ?? []) : [];
  const theirs = await withItems(table, honest, items, () =>
    verifyIndependently(table.client, table.name, heads, START + NOW * HOUR),
  );
  const found = await findIn(written, items, withHeads ? written.heads : []);
  return { ours: found.filter(({ severity }) => severity === "finding"), theirs };
}

/** Both mean the same place; of what has none, or is told at once, no place is named. */
function agree({ accountId, code, slot, sequence }: IntegrityFinding, wrong: Wrong): boolean {
  if (accountId !== wrong.accountId) return false;
  if (code === "not_chained") return String(wrong.place) >= (slot ?? "");
  return [slot, sequence].includes(wrong.place as never) || (code === "entry_unreadable" && sequence === null);
}

describe("a verifier that was written from docs/verify.md alone", () => {
  it("is under a hundred lines, and has nothing of the project in it", () => {
    const text = readFileSync(new URL("../support/independent-verifier.ts", import.meta.url), "utf8");
    const imported = [...text.matchAll(/from "([^"]+)"/g)].map(([, from]) => from);

    expect(text.split("\n").length).toBeLessThan(100);
    expect(imported).toEqual(["node:crypto", "@aws-sdk/client-dynamodb"]);
  });

  it("finds nothing in an honest history, nor do we", async () => {
    for (const written of [two, large]) {
      expect(printed.get(written)).toHaveLength(written.ids.length);
      for (const withHeads of [false, true]) {
        expect(await findBoth(written, written.honest, withHeads)).toEqual({ ours: [], theirs: [] });
      }
    }
  });

  it("passes over a slot that was entered twice with the same digest, as we do", async () => {
    const { honest, accounts } = two;
    const again = appended(entriesOf(honest, accounts.one), nth(snapshotsOf(honest, accounts.one), 2));

    expect(await findBoth(two, put(honest, again), true)).toEqual({ ours: [], theirs: [] });
  });

  it("passes over a snapshot whose run was killed before it was entered, as we do", async () => {
    await newStore(two.table).save(snapshotAt(two.accounts.other, 6), []);
    const unchained = await two.table.items();

    const both = await findBoth(two, unchained, true);

    expect(unchained).toHaveLength(two.honest.length + 1);
    expect(both).toEqual({ ours: [], theirs: [] });
  });

  it.each(TAMPERINGS.map((tampering) => [tampering.name, tampering] as const))(
    "finds what we find, where we find it, when %s",
    (_, tampering) => expectAgreement(two, tampering),
  );

  it.each(TAMPERINGS_OF_PARTS.map((tampering) => [tampering.name, tampering] as const))(
    "finds what we find, where we find it, when %s",
    (_, tampering) => expectAgreement(large, tampering),
  );

  async function expectAgreement(written: Written, { tamper, found }: Tampering): Promise<void> {
    const items = tamper(written.honest, written.accounts);

    const byChain = await findBoth(written, items, false);
    const byHeads = await findBoth(written, items, true);

    const isFound = found.some((one) => !one.startsWith("not_chained_yet"));
    expect([byChain.ours.length > 0, byChain.theirs.length > 0]).toEqual([isFound, isFound]);
    expect([byHeads.ours.length > 0, byHeads.theirs.length > 0]).toEqual([true, true]);
    for (const { ours, theirs } of [byChain, byHeads]) {
      expect(theirs.filter((wrong) => !ours.some((finding) => agree(finding, wrong)))).toEqual([]);
    }
  }
});
