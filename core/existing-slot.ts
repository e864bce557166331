import type { Schedule } from "./domain/history-source.ts";
import { type Slot, slotAt } from "./domain/slot.ts";
import type { RunRequest } from "./snapshot/run.ts";

/**
 * Returns the request with the period of its slot. If the schedule has no slot at its time, returns it as a manual one with a
 * warning, because readers would count it as a slot of the schedule.
 * @param schedule `undefined`: unknown, so every slot may exist
 */
export async function forExistingSlot(request: RunRequest, schedule: Schedule | undefined): Promise<RunRequest> {
  if (request.trigger === "manual" || schedule === undefined) return request;
  const slots = await slotsAround(schedule, request.slot);
  if (slots === undefined) return request;
  const { previous, last, next } = slots;
  if (last !== undefined && slotAt(last) === request.slot) {
    return previous === undefined ? request : { ...request, periodMs: last - previous };
  }
  const nearest = [last, next].filter((slot) => slot !== undefined).map(slotAt);
  const warning =
    `The schedule ${schedule.expression} (${schedule.timezone}) has no slot ${request.slot}, so this run is a manual one. ` +
    `The nearest slots: ${nearest.join(", ")}.`;
  return { ...request, trigger: "manual", warning };
}

/**
 * Returns the time since which each schedule has had a slot and the time to take it.
 * @param now milliseconds since 1970
 * @returns `undefined` if there are no schedules, or if one has had no two slots or cannot be understood
 */
export async function servedSince(schedules: readonly Schedule[], now: number): Promise<Slot | undefined> {
  const around = await Promise.all(schedules.map((schedule) => slotsAround(schedule, slotAt(now))));
  const times = around.map((slots) => slots?.previous ?? Number.NaN);
  const first = Math.min(...times);
  return Number.isFinite(first) ? slotAt(first) : undefined;
}

/** Returns the last two slots at or before a time, and the next one; `undefined` if the schedule cannot be understood. */
async function slotsAround(schedule: Schedule, time: Slot) {
  try {
    // Loaded on demand, because a manual run does not need it.
    const { slotRule } = await import("./schedule/slot-rule.ts");
    const rule = slotRule(schedule);
    const [last, previous] = rule.upTo(Date.parse(time));
    const [next] = rule.after(Date.parse(time));
    return { previous, last, next };
  } catch {
    // The stack has validated the schedule, perhaps with newer time zones. A slot is worth more than this check.
    return undefined;
  }
}
