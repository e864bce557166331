import { printable } from "../../../core/domain/untrusted-text.ts";
import { type Column, textTable, wrapped } from "./table.ts";

/** How a table shows a field of its rows. */
export interface TableField extends Pick<Column, "title" | "kind"> {
  /** Returns the text as a table shows it. Default: as it is. */
  readonly inTable?: (text: string) => string;
  /**
   * For columns in which all rows often have the same value: returns the text that states it once, above the table. Default:
   * each row shows it.
   */
  readonly heading?: (text: string) => string;
}

/** Shown for no value, which differs from zero. */
export const NO_VALUE = "–";

const WHOLE_SECOND = ".000Z";

/**
 * Returns rows as a table, see `textTable`. A column without any value is left out, except one of amounts: that these are
 * unknown must not look like "nothing held".
 * @param fields with the texts of all rows; empty for no value
 */
export function rowTable(
  fields: readonly (TableField & { readonly texts: readonly string[] })[],
  maxWidth: number,
): string {
  const columns = fields.map((field) => {
    const isWhole = field.kind === "time" && field.texts.every((text) => text === "" || text.endsWith(WHOLE_SECOND));
    const texts = isWhole ? field.texts.map(withoutZeroMilliseconds) : field.texts;
    const [first = ""] = texts;
    const isCommon = texts.length > 1 && first !== "" && texts.every((text) => text === first);
    return { ...field, texts, heading: isCommon ? field.heading?.(printable(first)) : undefined };
  });
  const heading = wrapped(
    columns.flatMap(({ heading = [] }) => heading),
    maxWidth,
  );
  const table = textTable(
    columns
      .filter(({ kind, texts, heading }) => heading === undefined && (kind === "decimal" || texts.some(Boolean)))
      .map(({ title, kind, texts, inTable = (text: string) => text }) => {
        return { title, kind, cells: texts.map((text) => (text === "" ? NO_VALUE : inTable(text))) };
      }),
    maxWidth,
  );
  return heading === "" ? table : `${heading}\n\n${table}`;
}

/** Returns an instant in UTC without its milliseconds, if they are zero. Local times have none then. */
export function withoutZeroMilliseconds(instant: string): string {
  return instant.replace(WHOLE_SECOND, "Z");
}
