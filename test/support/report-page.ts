import { subtract } from "../../core/domain/amount.ts";
import type { ReportAccount } from "../../report-page/data/report-data.ts";

/** Returns a script that copies a plot to a canvas optimized for reading pixels, and returns its context. */
export function readablePixels(plot: string): string {
  return `(() => {
    const canvas = document.querySelector("#${plot}-plot canvas");
    const { width, height } = canvas;
    const copy = Object.assign(document.createElement("canvas"), { width, height });
    const context = copy.getContext("2d", { willReadFrequently: true });
    context.drawImage(canvas, 0, 0);
    return context;
  })()`;
}

/** Returns the expected cells of the balance table by symbol: quantity, change, on hold, value, change in value. */
export function expectedTable(account: ReportAccount, from: number, to: number): Map<string, string[]> {
  const hasSnapshot = (step: number) => account.snapshots[step] !== null;
  const steps = Array.from({ length: to - from + 1 }, (_, index) => from + index).filter(hasSnapshot);
  const [start = 0, end = 0] = [steps[0], steps.at(-1)];
  const signed = (change: string) => (/[1-9]/.test(change) ? (change.startsWith("-") ? change : `+${change}`) : "0");
  return new Map(
    account.assets.flatMap(({ symbol, quantities, holds, values }): [string, string[]][] => {
      const [before, after] = [quantities[start] ?? null, quantities[end] ?? null];
      if (before === null && after === null) return [];
      const valueAt = (step: number) => (quantities[step] === null ? "0" : values[step]);
      const [oldValue, newValue] = [valueAt(start), valueAt(end)];
      const row = [
        after ?? "not held",
        signed(subtract(after ?? "0", before ?? "0")),
        holds[end] ?? "–",
        values[end] ?? (after === null ? "not held" : "no price"),
        oldValue == null || newValue == null ? "no price" : signed(subtract(newValue, oldValue)),
      ];
      return [[symbol, row]];
    }),
  );
}
