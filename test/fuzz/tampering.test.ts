import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { verifyIndependently } from "../support/independent-verifier.ts";
import { beforeAll, describe, expect } from "../support/jest.ts";
import type { Items } from "../support/tampering.ts";
import { assetOf } from "../unit/domain/snapshots.ts";
import {
  findIn,
  HOUR,
  newStore,
  START,
  snapshotAt,
  take,
  updateAt,
  type Written,
  writeTwoAccountsTo,
} from "../unit/integrity/history.ts";
import { type MemoryTable, tableOf } from "../unit/table/embedded.ts";
import { fuzz } from "./fuzz.ts";
import { HOURS, RANDOM_TAMPERINGS, type RevealedBy, uncatalogued } from "./random-tampering.ts";

// docs/verify.md lists which changes verify reveals, with and without kept heads. These tests make such changes at random, before
// and after further runs of the job, and compare verify with the independent verifier.

let written: Written<MemoryTable>;
beforeAll(async () => {
  written = await writeTwoAccountsTo(tableOf([]));
  const { table, accounts } = written;
  // Saving a complete slot again only registers its assets.
  await newStore(table).save(snapshotAt(accounts.one, HOURS - 1), [assetOf("btc")]);
  written = { ...written, intact: table.items() };
});

/** Runs the job for the hours after the history. Returns the items. A failure to append is a warning, as in the job. */
async function afterRuns(items: Items, count: number): Promise<Items> {
  const table = tableOf(items);
  const { one, other } = written.accounts;
  for (let at = HOURS; at < HOURS + count; at++) {
    await take(newStore(table), snapshotAt(one, at), updateAt(at)).catch(() => {});
    await take(newStore(table, 400), snapshotAt(other, at), updateAt(at)).catch(() => {});
  }
  return table.items();
}

/** Returns whether verify finds anything, without and with heads. Both verifiers must agree. */
async function revealed(items: Items, runs: number): Promise<RevealedBy> {
  const now = HOURS + runs + 1;
  const find = async (heads: Written["heads"]) => {
    const findings = (await findIn(items, heads, now)).filter(({ severity }) => severity === "finding");
    const { client, name } = tableOf(items);
    const wrong = await verifyIndependently(client, name, [...heads], START + now * HOUR);
    expect({ findings: findings.map(({ code }) => code), found: wrong.length > 0 }).toMatchObject({
      found: findings.length > 0,
    });
    return findings.length > 0;
  };
  const [alone, anchored] = [await find([]), await find(written.heads)];
  expect(alone && !anchored).toBe(false);
  return alone ? "table" : anchored ? "head" : "nothing";
}

const runs = fc.integer({ min: 0, max: 3 });

describe("someone who", () => {
  for (const { name, change, cases, revealedBy, later = revealedBy } of RANDOM_TAMPERINGS) {
    fuzz(`${name} is revealed by: ${revealedBy}`, cases, fc.record({ change, runs }), async ({ change, runs }) => {
      const changed = change(written.intact, written.ids);
      fc.pre(!isDeepStrictEqual(new Set(changed), new Set(written.intact)));

      const by = await revealed(await afterRuns(changed, runs), runs);

      const expected = runs === 0 ? revealedBy : later;
      // Several changes can reveal each other.
      expect(name.startsWith("combines") && by === "table" ? "head" : by).toBe(expected);
    });
  }

  fuzz(
    "removes an account from the catalog is revealed by a head, until the job runs again",
    4,
    uncatalogued,
    async (change) => {
      const changed = change(written.intact, written.ids);

      expect(await revealed(changed, 0)).toBe("head");
      expect(await revealed(await afterRuns(changed, 1), 1)).toBe("nothing");
    },
  );

  fuzz("changes nothing is not accused", 10, runs, async (runs) => {
    expect(await revealed(await afterRuns(written.intact, runs), runs)).toBe("nothing");
  });
});
