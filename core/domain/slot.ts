import { SlotError } from "./errors.ts";

/** The instant a run is for, in UTC, always written `2026-11-23T10:00:00.000Z`: such strings sort as time does. */
export type Slot = string;

/** `schedule`: the event names a scheduled time. `manual`: the slot is the time of the request. */
export type Trigger = "schedule" | "manual";

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z$/;

/**
 * How far the clock of the schedule or of the API may be from ours: a snapshot can be completed this long before its slot, and
 * a transfer can be completed this long before or after the time that the API states.
 */
export const CLOCK_TOLERANCE_MS = 60_000;

/**
 * Returns an instant in UTC (`2026-11-23T10:00:00Z`, optionally with milliseconds) as a slot, or `undefined` if it is
 * not valid.
 */
export function parseSlot(text: string): Slot | undefined {
  if (!INSTANT.test(text)) return undefined;
  const instantMs = Date.parse(text);
  if (Number.isNaN(instantMs)) return undefined;
  const slot = slotAt(instantMs);
  // `Date` turns 30 February into 2 March: an instant that is written differently afterwards does not exist.
  return slot.startsWith(text.slice(0, 19)) ? slot : undefined;
}

/** Whether a text is in the format of a slot. */
export function isSlot(text: string): boolean {
  return parseSlot(text) === text;
}

/** Returns the slot of an instant in milliseconds since 1970. */
export function slotAt(instantMs: number): Slot {
  return new Date(instantMs).toISOString();
}

/**
 * Throws if the balances of a slot can no longer, or not yet, be read: the API reports only current balances.
 * @param now milliseconds since 1970
 * @throws SlotError `slot_too_late` or `slot_in_future`
 */
export function assertServable(slot: Slot, now: number, latenessLimitMs: number): void {
  const ageMs = now - Date.parse(slot);
  if (ageMs > latenessLimitMs) {
    throw new SlotError(
      "slot_too_late",
      `The slot ${slot} is ${span(ageMs)} old and the lateness limit is ${span(latenessLimitMs)}: ` +
        "the current balances may differ from the balances at that time. The slot stays a gap.",
      {
        suggestedFix:
          "To record the current balances, start the job without scheduledTime, or balances snapshot without --schedule.",
      },
    );
  }
  assertNotInFuture(slot, now);
}

/** @throws SlotError `slot_in_future` */
export function assertNotInFuture(slot: Slot, now: number): void {
  if (!isInFuture(slot, now)) return;
  const ahead = span(Date.parse(slot) - now);
  throw new SlotError("slot_in_future", `The slot ${slot} is ${ahead} ahead of the clock (${slotAt(now)}).`, {
    suggestedFix:
      "Pass a scheduledTime that is not in the future, or omit it to record the current balances. " +
      "If the slot is not in the future, this machine's clock is behind.",
  });
}

/** Returns whether a slot is in the future, whichever clock of AWS shows it. @param now milliseconds since 1970 */
export function isInFuture(slot: Slot, now: number): boolean {
  return Date.parse(slot) > now + CLOCK_TOLERANCE_MS;
}

/** Rounds up to seconds, so that an age over a limit never looks equal to the limit. */
function span(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  const parts = [`${Math.floor(seconds / 3600)} h`, `${Math.floor(seconds / 60) % 60} min`, `${seconds % 60} s`];
  return parts.filter((part) => !part.startsWith("0 ")).join(" ") || "0 s";
}
