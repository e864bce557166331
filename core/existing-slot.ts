import type { Schedule } from "./domain/history-source.ts";
import { type Slot, slotAt } from "./domain/slot.ts";
import type { RunRequest } from "./snapshot/run.ts";

/**
 * Returns the request for a slot that the schedule has. An event for any other time becomes a manual run for the current
 * time, with a warning: recorded as a slot, it would look like one that the schedule does not miss.
 * @param schedule `undefined`: unknown, so every slot may exist
 * @param now milliseconds since 1970
 */
export async function forExistingSlot(
  request: RunRequest,
  schedule: Schedule | undefined,
  now: number,
): Promise<RunRequest> {
  if (request.trigger === "manual" || schedule === undefined) return request;
  const nearest = await slotsAround(schedule, request.slot);
  if (nearest === undefined || nearest.includes(request.slot)) return request;
  const warning =
    `The schedule ${schedule.expression} (${schedule.timezone}) has no slot ${request.slot}. This run is a manual one, for ` +
    `the current time. To take a slot of the schedule, pass one as scheduledTime. The nearest: ${nearest.join(", ")}.`;
  return { ...request, slot: slotAt(now), trigger: "manual", warning };
}

/** Returns the last slot at or before a time, and the next one; `undefined` if the schedule cannot be understood. */
async function slotsAround(schedule: Schedule, time: Slot): Promise<Slot[] | undefined> {
  try {
    // Loaded on demand, because only an event with scheduledTime needs it.
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
