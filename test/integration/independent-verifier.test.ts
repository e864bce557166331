import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { IntegrityFinding } from "../../core/integrity/integrity-finding.ts";
import { embeddedEnvironment } from "../../local/dynamodb/embedded-dynamodb.ts";
import { jsonRows, runBalances } from "../support/history-cli.ts";
import { verifyIndependently, type Wrong } from "../support/independent-verifier.ts";
import { appended, entriesOf, type Items, nth, put, snapshotsOf } from "../support/tampering.ts";
import { TAMPERINGS } from "../support/tamperings.ts";
import { TAMPERINGS_OF_PARTS } from "../support/tamperings-of-parts.ts";
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

// docs/verify.md specifies the format. This compares our verifier with one that was written from that document only.

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

/** Returns the findings of both verifiers, without warnings. */
async function findBoth(written: Written, items: Items, withHeads: boolean) {
  const { table, intact } = written;
  const heads = withHeads ? (printed.get(written) ?? []) : [];
  const theirs = await withItems(table, intact, items, () =>
    verifyIndependently(table.client, table.name, heads, START + NOW * HOUR),
  );
  const found = await findIn(written, items, withHeads ? written.heads : []);
  return { ours: found.filter(({ severity }) => severity === "finding"), theirs };
}

/** Returns whether both name the same place. A finding about several snapshots names only the first. */
function agree({ accountId, code, slot, sequence }: IntegrityFinding, wrong: Wrong): boolean {
  if (accountId !== wrong.accountId) return false;
  if (code === "not_chained") return String(wrong.place) >= (slot ?? "");
  return [slot, sequence].includes(wrong.place as never) || (code === "entry_unreadable" && sequence === null);
}

describe("a verifier written from docs/verify.md only", () => {
  it("has less than 100 lines and imports nothing of the project", () => {
    const text = readFileSync(new URL("../support/independent-verifier.ts", import.meta.url), "utf8");
    const imported = [...text.matchAll(/from "([^"]+)"/g)].map(([, from]) => from);

    expect(text.split("\n").length).toBeLessThan(100);
    expect(imported).toEqual(["node:crypto", "@aws-sdk/client-dynamodb"]);
  });

  it("finds nothing in an intact history, like ours", async () => {
    for (const written of [two, large]) {
      expect(printed.get(written)).toHaveLength(written.ids.length);
      for (const withHeads of [false, true]) {
        expect(await findBoth(written, written.intact, withHeads)).toEqual({ ours: [], theirs: [] });
      }
    }
  });

  it("accepts a slot that was chained twice with the same digest, like ours", async () => {
    const { intact, accounts } = two;
    const again = appended(entriesOf(intact, accounts.one), nth(snapshotsOf(intact, accounts.one), 2));

    expect(await findBoth(two, put(intact, again), true)).toEqual({ ours: [], theirs: [] });
  });

  it("accepts the snapshot of a run that was killed before it was chained, like ours", async () => {
    await newStore(two.table).save(snapshotAt(two.accounts.other, 6), []);
    const unchained = await two.table.items();

    const both = await findBoth(two, unchained, true);

    expect(unchained).toHaveLength(two.intact.length + 1);
    expect(both).toEqual({ ours: [], theirs: [] });
  });

  it.each([
    ...TAMPERINGS.map((tampering) => [tampering.name, tampering] as const),
    ...TAMPERINGS_OF_PARTS.map((tampering) => [tampering.name, tampering] as const),
  ])("agrees with ours if %s", async (_, tampering) => {
    const { tamper, found } = tampering;
    const written = TAMPERINGS.includes(tampering) ? two : large;
    const items = tamper(written.intact, written.accounts);

    const byChain = await findBoth(written, items, false);
    const byHeads = await findBoth(written, items, true);

    const isFound = found.some((one) => !one.startsWith("not_chained_yet"));
    expect([byChain.ours.length > 0, byChain.theirs.length > 0]).toEqual([isFound, isFound]);
    expect([byHeads.ours.length > 0, byHeads.theirs.length > 0]).toEqual([true, true]);
    for (const { ours, theirs } of [byChain, byHeads]) {
      expect(theirs.filter((wrong) => !ours.some((finding) => agree(finding, wrong)))).toEqual([]);
    }
  });
});
