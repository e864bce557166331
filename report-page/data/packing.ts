import type { ReportData } from "./report-data.ts";

/** A run-length encoded column: a number is how many more times the previous cell repeats. */
type PackedColumn = readonly (string | number | null)[];

/** The columns of an asset. Most quantities do not change from step to step, so packing them shrinks the page. */
const PACKED = ["quantities", "holds", "values"];

/** Returns the report as JSON with packed columns. */
export function reportToJson(data: ReportData): string {
  return JSON.stringify(data, (key, value) => (PACKED.includes(key) ? pack(value) : value));
}

/** Reverses `reportToJson`. */
export function reportFromJson(json: string): ReportData {
  return JSON.parse(json, (key, value) => (PACKED.includes(key) ? unpack(value) : value));
}

/** Returns the column with repeated cells replaced by their number. */
export function pack(cells: readonly (string | null)[]): PackedColumn {
  const packed: (string | number | null)[] = [];
  cells.forEach((cell, index) => {
    const last = packed.at(-1);
    if (index === 0 || cell !== cells[index - 1]) packed.push(cell);
    else if (typeof last === "number") packed[packed.length - 1] = last + 1;
    else packed.push(1);
  });
  return packed;
}

/** Reverses `pack`. */
export function unpack(packed: PackedColumn): (string | null)[] {
  let last: string | null = null;
  return packed.flatMap((cell) => {
    if (typeof cell === "number") return new Array<string | null>(cell).fill(last);
    last = cell;
    return [cell];
  });
}
