import { SlotError } from "./errors.ts";

/** The instant a run is for, in UTC, always written `2026-11-23T10:00:00.000Z`: such strings sort as time does. */
export type Slot = string;

/** What started the run: the schedule (or an operator who names one of its times), or a person, for now. */
export type Trigger = "schedule" | "manual";

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z$/;

/** The schedule's clock and ours may differ by so much: a balance can be captured so long before its slot. */
export const CLOCK_TOLERANCE_MS = 60_000;

/** An instant in UTC (`2026-11-23T10:00:00Z`, with or without milliseconds) as a slot; `undefined` for anything else. */
export function parseSlot(text: string): Slot | undefined {
  if (!INSTANT.test(text)) return undefined;
  const parsed = new Date(text);
  // `Date` turns 30 February into 2 March: an instant that does not come back as it went in does not exist.
  if (Number.isNaN(parsed.getTime()) || !parsed.toISOString().startsWith(text.slice(0, 19))) return undefined;
  return parsed.toISOString();
}

/** The slot of the instant `ms` (milliseconds since 1970). */
export function slotAt(ms: number): Slot {
  return new Date(ms).toISOString();
}

/**
 * Refuses a slot whose balances can no longer, or not yet, be read: the API tells what is held now.
 * @param now milliseconds since 1970
 * @throws SlotError `slot_too_late` or `slot_in_future`
 */
export function assertServable(slot: Slot, now: number, latenessLimitMs: number): void {
  const late = now - Date.parse(slot);
  if (late > latenessLimitMs) {
    throw new SlotError(
      "slot_too_late",
      `The slot ${slot} is ${span(late)} old and the lateness limit is ${span(latenessLimitMs)}: ` +
        "the current balances may differ from the balances at that time. The slot stays a gap.",
      { suggestedFix: "To record the current balances, start the job without scheduledTime." },
    );
  }
  if (late < -CLOCK_TOLERANCE_MS) {
    throw new SlotError("slot_in_future", `The slot ${slot} is ${span(-late)} ahead of the clock (${slotAt(now)}).`, {
      suggestedFix: "Pass a scheduledTime that is not in the future, or omit it to record the current balances.",
    });
  }
}

/** Rounded up, so that what is over a limit never reads as the limit. */
function span(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  const parts = [`${Math.floor(seconds / 3600)} h`, `${Math.floor(seconds / 60) % 60} min`, `${seconds % 60} s`];
  return parts.filter((part) => !part.startsWith("0 ")).join(" ") || "0 s";
}
