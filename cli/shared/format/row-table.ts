import { printable } from "../../../core/domain/untrusted-text.ts";
import type { Column } from "./layout.ts";
import { NO_VALUE, textTable } from "./table.ts";

/** How a table shows a field of its rows. */
export interface TableField extends Pick<Column, "title" | "kind" | "drop"> {
  /** Returns the text as a table shows it, except a wide one. Default: as it is. */
  readonly inTable?: (text: string) => string;
  /**
   * For columns in which all rows often have the same value: returns the text that states it once, above the table. Default:
   * each row shows it.
   */
  readonly heading?: (text: string) => string;
}

const WHOLE_SECOND = ".000Z";

/**
 * Returns rows as a table, see `textTable`. A column without any value is left out, except one of amounts: that these are
 * unknown must not look like "nothing held".
 * @param fields with the texts of all rows; empty for no value
 * @param maxWidth the columns that a line may take; infinite for a wide table, which shortens nothing
 */
export function rowTable(
  fields: readonly (TableField & { readonly texts: readonly string[] })[],
  maxWidth: number,
): string {
  const columns = fields
    .filter(({ kind, texts }) => kind === "decimal" || texts.some(Boolean))
    .map((field): Column => {
      const { title, kind, drop, inTable, heading, texts } = field;
      const isWhole = kind === "time" && texts.every((text) => text === "" || text.endsWith(WHOLE_SECOND));
      const shown = isWhole ? texts.map(withoutZeroMilliseconds) : texts;
      const [first = ""] = shown;
      const isCommon = shown.length > 1 && first !== "" && shown.every((text) => text === first);
      const shorten = maxWidth === Number.POSITIVE_INFINITY ? undefined : inTable;
      const cells = shown.map((text) => (text === "" ? NO_VALUE : (shorten?.(text) ?? text)));
      return { title, kind, drop, heading: isCommon ? heading?.(printable(first)) : undefined, cells };
    });
  return textTable(columns, maxWidth);
}

/** Returns an instant in UTC without its milliseconds, if they are zero. Local times have none then. */
export function withoutZeroMilliseconds(instant: string): string {
  return instant.replace(WHOLE_SECOND, "Z");
}
