import type { HistoryRecord, HistorySource, SlotRange } from "../domain/history-source.ts";
import type { Snapshot } from "../domain/snapshot.ts";

/** A record without its balances: what the slots of the schedule need of it. */
export type SlotRecord =
  | Extract<HistoryRecord, { status: "failed" }>
  | {
      readonly status: "complete";
      readonly slot: HistoryRecord["slot"];
      readonly snapshot: Pick<Snapshot, "accountId" | "slot" | "trigger" | "completedAt">;
    };

/** Reads the records of a range, ascending: for slots, which need no balances. */
export type ReadRecords = (source: HistorySource, accountId: string, range: SlotRange) => AsyncIterable<SlotRecord>;

/** Keeps the records of an account that a series reads, without balances, so that its gaps do not read them again. */
export class SeenRecords {
  #seen: { readonly range: SlotRange; readonly records: SlotRecord[] } | undefined;

  /** Yields the records of a range from a source, and keeps them. */
  async *read(source: HistorySource, accountId: string, range: SlotRange): AsyncGenerator<HistoryRecord> {
    const records: SlotRecord[] = [];
    for await (const record of source.records(accountId, range)) {
      records.push(record.status === "failed" ? record : withoutBalances(record));
      yield record;
    }
    this.#seen = { range, records };
  }

  /** Yields the records of a range, ascending. Reads only those after the range that it has seen, or all of them. */
  readonly recall: ReadRecords = (source, accountId, range) => this.#recalled(source, accountId, range);

  async *#recalled(source: HistorySource, accountId: string, { from, to }: SlotRange): AsyncGenerator<SlotRecord> {
    const seen = this.#seen !== undefined && this.#seen.range.from <= from ? this.#seen : undefined;
    for (const record of seen?.records ?? []) {
      const slot = Date.parse(record.slot);
      if (slot >= from && slot <= to) yield record;
    }
    const rest = { from: Math.max(from, (seen?.range.to ?? from - 1) + 1), to };
    if (rest.from <= to) yield* source.records(accountId, rest);
  }
}

function withoutBalances({ status, slot, snapshot }: Extract<HistoryRecord, { status: "complete" }>): SlotRecord {
  const { accountId, trigger, completedAt } = snapshot;
  return { status, slot, snapshot: { accountId, slot, trigger, completedAt } };
}
