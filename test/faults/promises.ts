import { expect } from "@jest/globals";
import { CLOCK_TOLERANCE_MS, type Slot, slotAt } from "../../core/domain/slot.ts";
import type { Snapshot } from "../../core/domain/snapshot.ts";
import { ENV } from "../../core/names/environment.ts";
import type { SimulatedAccount } from "../../local/simulated-cdp/server.ts";
import { heldBy, heldIn } from "../support/accounts.ts";
import type { Fault } from "./fault.ts";
import type { Sight } from "./sight.ts";
import type { Item, World } from "./world.ts";

// What has to be true of every fault, whatever it is.

/** No run takes longer than the function may. */
export function assertItEnds({ invocations, lab }: World): void {
  for (const { tookMs } of invocations) expect(tookMs).toBeLessThanOrEqual(lab.deployment.timeoutMs);
}

/** Each slot of whoever was struck ended as it was said to end, and the invocations said so. */
export function assertEnding({ ends, incomplete }: Fault, world: World, sights: readonly Sight[]): void {
  for (const sight of sights) {
    if (ends.how === "whole" || ends.how === "mended") {
      if (incomplete) assertNothingInvented(world, sight);
      else assertWhole(world, sight.accountId, sight.slot, sight.snapshot);
      if (sight.refusals.length === 0) expect(sight.asOf).toBe(lastCaptured(sights, sight));
    } else assertGap(sight, ends.how === "gap" ? ends.code : undefined);
  }
  const { invocations } = world;
  const failed = invocations.filter(({ error }) => error !== undefined);
  if (ends.how === "nothing") expect(invocations).toEqual([]);
  else if (ends.how === "whole") expect(failed.map(({ error }) => error?.message)).toEqual([]);
  else {
    expect(failed.length).toBeGreaterThan(0);
    expect(invocations.at(-1)?.error !== undefined).toBe(ends.how !== "mended");
    for (const { error, logs } of failed) {
      expect(`${error?.code}: ${error?.message}`).toContain(ends.code);
      expect(JSON.stringify(logs)).toContain(`"${ends.code}"`);
    }
  }
}

/** As of the end of the hour that is whichever was captured last until then, slots in order or not. */
function lastCaptured(sights: readonly Sight[], { accountId, slot }: Sight): Slot | undefined {
  const end = slotAt(Date.parse(slot) + 3_600_000);
  const captures = sights.flatMap(({ snapshot }) =>
    snapshot?.accountId === accountId && snapshot.capturedAt < end ? [snapshot] : [],
  );
  return captures.sort((a, b) => (a.capturedAt < b.capturedAt ? 1 : -1))[0]?.slot;
}

/** It is what the API held, all of it, but for what the snapshot itself says that it does not know. */
export function assertWhole(world: World, accountId: string, slot: Slot, snapshot: Snapshot | undefined): void {
  expect(snapshot).toMatchObject({ accountId, slot });
  const held = heldBy(accountOf(world, accountId));
  for (const symbol of snapshot?.unsettled ?? []) delete held[symbol];
  expect(heldIn(snapshot)).toEqual(held);
  const late = Date.parse(snapshot?.capturedAt ?? "") - Date.parse(slot);
  expect(late).toBeGreaterThanOrEqual(-CLOCK_TOLERANCE_MS);
  expect(late).toBeLessThanOrEqual(Number(world.lab.deployment.env[ENV.latenessLimitSeconds]) * 1000);
}

/** It says itself that something is missing, and what it has is what the API held. */
function assertNothingInvented(world: World, { accountId, snapshot }: Sight): void {
  expect(snapshot?.consistency).toBe("reordered");
  expect(heldBy(accountOf(world, accountId))).toMatchObject(heldIn(snapshot) ?? {});
}

function accountOf({ accounts }: World, accountId: string): SimulatedAccount {
  return accounts.find((one) => one.accountId === accountId) as SimulatedAccount;
}

/** @param code that the record has; `undefined`: there is no record */
function assertGap({ accountId, slot, snapshot, attempt, asOf }: Sight, code: string | undefined): void {
  expect(snapshot).toBeUndefined();
  expect(attempt?.code).toBe(code);
  if (attempt !== undefined) {
    expect(attempt).toMatchObject({ accountId, slot });
    expect(attempt.message.length).toBeGreaterThan(20);
    expect(attempt.code).not.toBe("internal_error");
  }
  // What was held before is never shown as what was held then.
  expect(asOf).not.toBe(slot);
}

/** Nothing that was complete is ever written again. */
export function assertKept(before: readonly Item[], after: readonly Item[]): void {
  expect(after).toEqual(expect.arrayContaining(before.filter(isComplete)));
}

function isComplete(item: Item): boolean {
  return (item["status"] as { S?: string } | undefined)?.S === "complete";
}
