import { CLOCK_TOLERANCE_MS, type Slot, slotAt } from "../../core/domain/slot.ts";
import type { Snapshot } from "../../core/domain/snapshot.ts";
import { ENV } from "../../core/names/environment.ts";
import type { SimulatedAccount } from "../../local/simulated-cdp/server.ts";
import { heldBy, heldIn } from "../support/accounts.ts";
import { expect } from "../support/jest.ts";
import type { Item } from "../support/world/world.ts";
import type { Fault } from "./fault.ts";
import type { FaultWorld } from "./fault-world.ts";
import type { SlotView } from "./slot-view.ts";

// What must be true for every fault.

/** Asserts that no run exceeds the function's timeout. */
export function assertInTime({ invocations, fixtures }: FaultWorld): void {
  for (const { tookMs } of invocations) expect(tookMs).toBeLessThanOrEqual(fixtures.deployment.timeoutMs);
}

/** Asserts that each slot of the affected accounts and the invocations ended as expected. */
export function assertEnding({ ends, incomplete }: Fault, world: FaultWorld, views: readonly SlotView[]): void {
  for (const view of views) {
    if (ends.how === "whole" || ends.how === "recovered") {
      if (incomplete) assertSubset(world, view);
      else assertWhole(world, view.accountId, view.slot, view.snapshot);
      if (view.refusals.length === 0) expect(view.asOf).toBe(lastCaptured(views, view));
    } else assertGap(view, ends.how === "gap" ? codeFor(ends.codes, world, view) : undefined);
  }
  const { invocations } = world;
  const failed = invocations.filter(({ error }) => error !== undefined);
  if (ends.how === "nothing") expect(invocations).toEqual([]);
  else if (ends.how === "no key") {
    expect(invocations.map(({ result }) => result?.noKey?.code)).toEqual(invocations.map(() => "key_not_stored"));
  } else if (ends.how === "whole") expect(failed.map(({ error }) => error?.message)).toEqual([]);
  else {
    expect(failed.length).toBeGreaterThan(0);
    expect(invocations.at(-1)?.error !== undefined).toBe(ends.how !== "recovered");
    for (const code of ends.how === "gap" ? ends.codes : [ends.code]) {
      for (const { error, logs } of failed) {
        expect(`${error?.code}: ${error?.message}`).toContain(code);
        expect(JSON.stringify(logs)).toContain(`"${code}"`);
      }
    }
  }
}

/** Returns the code for an account: the n-th for the n-th affected account, or the only one. */
function codeFor(codes: readonly string[], { affected }: FaultWorld, { accountId }: SlotView): string | undefined {
  return codes.length === 1 ? codes[0] : codes[affected.findIndex((account) => account.accountId === accountId)];
}

/** Returns the slot that an as-of query for the end of the hour must return: the last one captured until then. */
function lastCaptured(views: readonly SlotView[], { accountId, slot }: SlotView): Slot | undefined {
  const end = slotAt(Date.parse(slot) + 3_600_000);
  const captures = views.flatMap(({ snapshot }) =>
    snapshot?.accountId === accountId && snapshot.capturedAt < end ? [snapshot] : [],
  );
  return captures.sort((a, b) => (a.capturedAt < b.capturedAt ? 1 : -1))[0]?.slot;
}

/** Asserts that a snapshot equals what the API held, except for assets that it lists as unsettled. */
export function assertWhole(world: FaultWorld, accountId: string, slot: Slot, snapshot: Snapshot | undefined): void {
  expect(snapshot).toMatchObject({ accountId, slot });
  const held = heldBy(accountOf(world, accountId));
  for (const symbol of snapshot?.unsettled ?? []) delete held[symbol];
  expect(heldIn(snapshot)).toEqual(held);
  const late = Date.parse(snapshot?.capturedAt ?? "") - Date.parse(slot);
  expect(late).toBeGreaterThanOrEqual(-CLOCK_TOLERANCE_MS);
  expect(late).toBeLessThanOrEqual(Number(world.fixtures.deployment.env[ENV.latenessLimitSeconds]) * 1000);
}

/** Asserts that a snapshot is marked as incomplete, and that everything in it is what the API held. */
function assertSubset(world: FaultWorld, { accountId, snapshot }: SlotView): void {
  expect(snapshot?.consistency).toBe("uncertain");
  expect(heldBy(accountOf(world, accountId))).toMatchObject(heldIn(snapshot) ?? {});
}

function accountOf({ accounts }: FaultWorld, accountId: string): SimulatedAccount {
  return accounts.find((one) => one.accountId === accountId) as SimulatedAccount;
}

/** @param code the code of the record; `undefined` if there must be no record */
function assertGap({ accountId, slot, snapshot, reason, asOf }: SlotView, code: string | undefined): void {
  expect(snapshot).toBeUndefined();
  const recorded = reason?.code === "not_run" ? undefined : reason;
  expect(recorded?.code).toBe(code);
  if (recorded !== undefined) {
    expect(recorded).toMatchObject({ accountId, slot });
    expect(recorded.message.length).toBeGreaterThan(10);
    expect(recorded.code).not.toBe("internal_error");
  }
  // An earlier snapshot must not be shown as that of this slot.
  expect(asOf).not.toBe(slot);
}

/** Asserts that no complete snapshot was changed. */
export function assertUnchanged(before: readonly Item[], after: readonly Item[]): void {
  expect(after).toEqual(expect.arrayContaining(before.filter(isComplete)));
}

function isComplete(item: Item): boolean {
  return (item["status"] as { S?: string } | undefined)?.S === "complete";
}
