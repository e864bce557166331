import type { ReportAccount, ReportAsset, ReportData } from "./report-data.ts";

/** A column as the page carries it: a number says how many more times the cell before it stands. */
export type PackedColumn = readonly (string | number | null)[];

type Columns = "quantities" | "holds" | "values";

/** An asset with its columns packed. */
export type PackedAsset = Omit<ReportAsset, Columns> & Readonly<Record<Columns, PackedColumn>>;

/** What a page carries: the report with its columns packed. */
export type PackedReport = Omit<ReportData, "accounts"> & {
  readonly accounts: readonly (Omit<ReportAccount, "assets"> & { readonly assets: readonly PackedAsset[] })[];
};

/** Most quantities stand still from step to step, so that this is most of what a page would weigh. */
export function packReport(data: ReportData): PackedReport {
  const accounts = data.accounts.map((account) => ({
    ...account,
    assets: account.assets.map((asset) => ({
      symbol: asset.symbol,
      name: asset.name,
      quantities: pack(asset.quantities),
      holds: pack(asset.holds),
      values: pack(asset.values),
    })),
  }));
  return { ...data, accounts };
}

/** The asset as it was before it was packed. */
export function unpackAsset(packed: PackedAsset): ReportAsset {
  const { quantities, holds, values } = packed;
  return { ...packed, quantities: unpack(quantities), holds: unpack(holds), values: unpack(values) };
}

/** Replaces repetitions of a cell by their number. */
export function pack(cells: readonly (string | null)[]): PackedColumn {
  const packed: (string | number | null)[] = [];
  let repeats = 0;
  cells.forEach((cell, at) => {
    if (at > 0 && cell === cells[at - 1]) {
      repeats++;
      return;
    }
    if (repeats > 0) packed.push(repeats);
    repeats = 0;
    packed.push(cell);
  });
  if (repeats > 0) packed.push(repeats);
  return packed;
}

/** The inverse of `pack`. */
export function unpack(packed: PackedColumn): (string | null)[] {
  const cells: (string | null)[] = [];
  for (const cell of packed) {
    if (typeof cell === "number") {
      const last = cells.at(-1) ?? null;
      for (let more = cell; more > 0; more--) cells.push(last);
    } else {
      cells.push(cell);
    }
  }
  return cells;
}
