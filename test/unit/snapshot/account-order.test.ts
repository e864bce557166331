import fc from "fast-check";
import { type Slot, slotAt } from "../../../core/domain/slot.ts";
import { inTurn } from "../../../core/snapshot/account-order.ts";
import { fuzz } from "../../fuzz/fuzz.ts";
import { describe, expect, it } from "../../support/jest.ts";

const HOUR_MS = 3_600_000;
const START = Date.parse("2026-11-23T00:00:00.000Z");
const idOf = (at: number) => `account_${String(at).padStart(5, "0")}`;
const accountsOf = (count: number) => Array.from({ length: count }, (_, at) => ({ accountId: idOf(at) }));
const idsIn = (accounts: readonly { accountId: string }[], slot: Slot, period = HOUR_MS) =>
  inTurn(accounts, { request: { slot, periodMs: period }, settings: { latenessLimitMs: HOUR_MS } }, []).map(
    ({ accountId }) => accountId,
  );

describe("the order of the accounts of a run", () => {
  it("is the same whenever the slot is run, and in whatever order the API lists the accounts", () => {
    const accounts = accountsOf(7);

    const first = idsIn(accounts, slotAt(START));

    expect(idsIn(accounts.toReversed(), slotAt(START))).toEqual(first);
    expect(first.toSorted()).toEqual(accounts.map(({ accountId }) => accountId));
    expect(idsIn([], slotAt(START))).toEqual([]);
  });

  const overloaded = fc.record({
    count: fc.integer({ min: 1, max: 500 }),
    reachedShare: fc.double({ min: 0.05, max: 1, noNaN: true }),
    periodMs: fc.integer({ min: 1, max: 2_000 }).map((minutes) => minutes * 60_000),
    first: fc.integer({ min: 0, max: 1e6 }),
  });
  fuzz(
    "reaches every account within three times the slots that it needs at least, if each run reaches a part",
    100,
    overloaded,
    ({ count, reachedShare, periodMs, first }) => {
      const accounts = accountsOf(count);
      const reached = Math.max(1, Math.ceil(count * reachedShare));
      const slots = Math.ceil((3 * count) / reached);

      const seen = new Set<string>();
      for (let n = 0; n < slots; n++) {
        for (const id of idsIn(accounts, slotAt((first + n) * periodMs), periodMs).slice(0, reached)) seen.add(id);
      }

      expect(seen.size).toBe(count);
    },
  );
});
