import type { HistorySource } from "../domain/history.ts";

const MAX_SLOTS = 100;

/**
 * Returns the median time between the newest complete slots of an account, up to a given time, in milliseconds;
 * 0 for fewer than two slots.
 */
export async function medianIntervalMs(source: HistorySource, accountId: string, to: number): Promise<number> {
  const slots: number[] = [];
  for await (const { status, slot } of source.recordsBack(accountId, to)) {
    if (status === "complete") slots.push(Date.parse(slot));
    if (slots.length > MAX_SLOTS) break;
  }
  const intervals = slots.slice(1).map((slot, at) => (slots[at] ?? slot) - slot);
  return intervals.sort((a, b) => a - b)[intervals.length >> 1] ?? 0;
}
