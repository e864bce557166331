import type { ReportAccount, ReportAsset, ReportData } from "./report-data.ts";

/** A run-length encoded column: a number is how many more times the previous cell repeats. */
export type PackedColumn = readonly (string | number | null)[];

type Columns = "quantities" | "holds" | "values";

export type PackedAsset = Omit<ReportAsset, Columns> & Readonly<Record<Columns, PackedColumn>>;

/** The report as the page embeds it, with packed columns. */
export type PackedReport = Omit<ReportData, "accounts"> & {
  readonly accounts: readonly (Omit<ReportAccount, "assets"> & { readonly assets: readonly PackedAsset[] })[];
};

/** Returns the report with packed columns. Most quantities do not change from step to step, so this shrinks the page. */
export function packReport(data: ReportData): PackedReport {
  const accounts = data.accounts.map((account) => ({
    ...account,
    assets: account.assets.map((asset) => ({
      ...asset,
      quantities: pack(asset.quantities),
      holds: pack(asset.holds),
      values: pack(asset.values),
    })),
  }));
  return { ...data, accounts };
}

export function unpackAsset(packed: PackedAsset): ReportAsset {
  const { quantities, holds, values } = packed;
  return { ...packed, quantities: unpack(quantities), holds: unpack(holds), values: unpack(values) };
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
  const cells: (string | null)[] = [];
  for (const cell of packed) {
    if (typeof cell === "number") {
      const last = cells.at(-1) ?? null;
      for (let repeat = 0; repeat < cell; repeat++) cells.push(last);
    } else {
      cells.push(cell);
    }
  }
  return cells;
}
