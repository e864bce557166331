import type { Schedule } from "./domain/history-source.ts";
import { type Slot, slotAt } from "./domain/slot.ts";
import type { RunRequest } from "./snapshot/run.ts";

/**
 * Returns the request, as a manual one with a warning if the schedule has no slot at its time: readers would count it as a
 * slot of the schedule.
 * @param schedule `undefined`: unknown, so every slot may exist
 */
export async function forExistingSlot(request: RunRequest, schedule: Schedule | undefined): Promise<RunRequest> {
  if (request.trigger === "manual" || schedule === undefined) return request;
  const nearest = await slotsAround(schedule, request.slot);
  if (nearest === undefined || nearest.includes(request.slot)) return request;
  const warning =
    `The schedule ${schedule.expression} (${schedule.timezone}) has no slot ${request.slot}, so this run is a manual one. ` +
    `The nearest slots: ${nearest.join(", ")}.`;
  return { ...request, trigger: "manual", warning };
}

/** Returns the last slot at or before a time, and the next one; `undefined` if the schedule cannot be understood. */
async function slotsAround(schedule: Schedule, time: Slot): Promise<Slot[] | undefined> {
  try {
    // Loaded on demand, because a manual run does not need it.
    const { slotRule } = await import("./schedule/slot-rule.ts");
    const rule = slotRule(schedule);
    const [last] = rule.upTo(Date.parse(time));
    const [next] = rule.after(Date.parse(time));
    return [last, next].filter((slot) => slot !== undefined).map(slotAt);
  } catch {
    // The stack has validated the schedule, perhaps with newer time zones. A slot is worth more than this check.
    return undefined;
  }
}
