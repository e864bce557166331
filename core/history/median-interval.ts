import type { HistorySource } from "../domain/history-source.ts";

/** The median is taken over at most this many of the newest intervals. */
const MAX_INTERVALS = 100;

/** Returns the median time between an account's newest complete slots, up to a given time; 0 for fewer than two slots. */
export async function medianIntervalMs(source: HistorySource, accountId: string, to: number): Promise<number> {
  const slots: number[] = [];
  for await (const { status, slot } of source.recordsBack(accountId, to)) {
    if (status === "complete") slots.push(Date.parse(slot));
    if (slots.length > MAX_INTERVALS) break;
  }
  const intervals = slots.slice(1).map((slot, at) => (slots[at] ?? slot) - slot);
  return intervals.sort((a, b) => a - b)[intervals.length >> 1] ?? 0;
}
