import type { HistoryRecord, SlotRange } from "../domain/history.ts";
import { slotAt } from "../domain/slot.ts";
import { TABLE_KEYS } from "../names/table-keys.ts";
import { stringOf } from "./attributes.ts";
import type { PartitionQuery } from "./query.ts";
import { TableReader } from "./table-reader.ts";

/** Enough for "as of" in all but odd cases: a late slot, a run by hand, and what stands before them. */
const FIRST_LOOK = 3;
/** A range is read in sub-ranges of this length, so many at once: 48 snapshots an hour apart each. */
const SUB_RANGE_MS = 2 * 86_400_000;
const SUB_RANGES_AT_ONCE = 8;

/** Reads an account's records over time. */
export class HistoryReader extends TableReader {
  /** Records by slot, newest first, from a moment back to the beginning; read as far as they are consumed. */
  recordsBack(accountId: string, to: number): AsyncGenerator<HistoryRecord> {
    let look = FIRST_LOOK;
    const pageSize = () => {
      const size = look;
      look = 100;
      return size;
    };
    const sort = { condition: "#sort <= :to", values: { ":to": slotAt(to) } };
    return this.#records({ partition: accountId, sort, descending: true, pageSize });
  }

  /** Records by slot, oldest first; streamed, and read in several sub-ranges at once. */
  async *records(accountId: string, { from, to }: SlotRange): AsyncGenerator<HistoryRecord> {
    const ahead: Promise<HistoryRecord[]>[] = [];
    let empty = 0;
    // Years without a record, before the first one or after the last, are not asked for two days at a time.
    let next = (await this.#firstSlot(accountId, from, to)) ?? to + 1;
    while (next <= to || ahead.length > 0) {
      while (next <= to && ahead.length < SUB_RANGES_AT_ONCE) {
        const until = Math.min(next + SUB_RANGE_MS - 1, to);
        const read = this.#subRange(accountId, next, until);
        // Whoever stops consuming never looks at those read ahead: their failure is no one's.
        read.catch(() => {});
        ahead.push(read);
        next = until + 1;
      }
      const records = (await ahead.shift()) ?? [];
      yield* records;
      empty = records.length === 0 ? empty + 1 : 0;
      if (empty === SUB_RANGES_AT_ONCE && next <= to) next = (await this.#firstSlot(accountId, next, to)) ?? to + 1;
    }
  }

  async #firstSlot(accountId: string, from: number, to: number): Promise<number | undefined> {
    // DynamoDB refuses a range that ends before it starts.
    if (from > to) return undefined;
    for await (const { item } of this.recordItems({ ...slotsBetween(accountId, from, to), pageSize: () => 1 })) {
      return Date.parse(stringOf(item, TABLE_KEYS.sort));
    }
    return undefined;
  }

  async #subRange(accountId: string, from: number, to: number): Promise<HistoryRecord[]> {
    const records: HistoryRecord[] = [];
    for await (const record of this.#records(slotsBetween(accountId, from, to))) records.push(record);
    return records;
  }

  async *#records(query: PartitionQuery): AsyncGenerator<HistoryRecord> {
    for await (const record of this.recordItems(query)) {
      if (record.status === "failed") yield { status: "failed", slot: record.attempt.slot, attempt: record.attempt };
      else yield { status: "complete", slot: record.summary.slot, snapshot: await this.snapshotOf(record) };
    }
  }
}

function slotsBetween(accountId: string, from: number, to: number): PartitionQuery {
  const values = { ":from": slotAt(from), ":to": slotAt(to) };
  return { partition: accountId, sort: { condition: "#sort BETWEEN :from AND :to", values } };
}
