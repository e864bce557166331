import { readFileSync } from "node:fs";

/** docs/cost.md. */
export const COST_DOCUMENT = new URL("../../docs/cost.md", import.meta.url);

/** Returns the cells of the rows of the table below a heading of docs/cost.md, by their first cell. */
export function costTable(heading: string): Map<string, string[]> {
  const section = readFileSync(COST_DOCUMENT, "utf8")
    .split(/^#+ /m)
    .find((text) => text.startsWith(`${heading}\n`));
  if (section === undefined) throw new Error(`docs/cost.md has no heading "${heading}"`);
  const rows = [...section.matchAll(/^\|(.*)\|$/gm)].map(([, row = ""]) => row.split("|").map((cell) => cell.trim()));
  return new Map(rows.map(([name = "", ...cells]) => [name, cells]));
}

/** Returns what an account of so many assets uses in a run, as docs/cost.md states it. */
export function measuredUnits(assets: number) {
  const table = costTable("Measured");
  const column = table.get("")?.indexOf(`${assets} assets`) ?? -1;
  const number = (row: string) => {
    const value = Number(table.get(row)?.[column]?.replace(",", ""));
    if (Number.isNaN(value))
      throw new Error(`docs/cost.md, Measured: expected a number for "${row}" of ${assets} assets`);
    return value;
  };
  return { writeUnits: number("write units"), readUnits: number("read units"), storedBytes: number("bytes stored") };
}
