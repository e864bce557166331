import type { History } from "../../core/history/history.ts";
import { localTime } from "./date-time.ts";
import type { TableField } from "./format/row-table.ts";
import { shortIds } from "./format/short-ids.ts";
import { shortName } from "./format/short-name.ts";

/** A column of a table or of CSV. */
export interface Field<Row> extends TableField {
  /** Returns the cell's text; empty, `null` or `undefined` means no value. */
  readonly text: (row: Row) => string | null | undefined;
  /** The only format that has the column. Default: both. */
  readonly only?: "csv" | "table";
}

/**
 * How a column shows a property.
 * - `text`: as it is.
 * - `id`, `name`, `note`, `count`, `decimal`: as in `Column`.
 * - `time`: an instant in the time zone. A table states it once if all rows have the same.
 * - `shared`: a text. A table states it once if all rows have the same.
 * - `account`: an id, with the row's `accountName` beside it, and its `key`. A table states it once if all rows have the same.
 * - `accounts`: a list of ids. A table shows the newest names in front of them.
 */
type Kind = "text" | "id" | "name" | "note" | "shared" | "account" | "accounts" | "time" | "count" | "decimal";

interface FieldContext {
  /** IANA name. */
  readonly timezone: string;
  /** Has all accounts in the table. */
  readonly history: Pick<History, "accountIds" | "description"> & Partial<Pick<History, "hasKeys">>;
}

/** A table that is too wide leaves the keys out first. */
const KEY_DROP = -1;

/** Returns columns that show the properties of the same names. */
export function fieldsOf<Row>(
  kinds: { readonly [Name in keyof Row & string]?: Kind },
  { timezone, history }: FieldContext = { timezone: "UTC", history: NO_ACCOUNTS },
): Field<Row>[] {
  const inTable = shortIds(history.accountIds);
  const titled = (title: string) => ({ heading: (text: string) => `${title} ${text}` });
  return (Object.entries(kinds) as [keyof Row & string, Kind][]).flatMap(([title, kind]): Field<Row> | Field<Row>[] => {
    const text = (row: Row) => textOf(row[title]);
    switch (kind) {
      case "time":
        return { title, kind, ...titled(title), text: (row) => text(row) && localTime(text(row), timezone) };
      case "account":
        return [
          { title, text, only: "csv" },
          { title: "accountName", text: (row) => nameOf(row), only: "csv" },
          {
            ...{ title: "account", kind: "id", only: "table", inTable, heading: (account) => account },
            text: (row) => labelOf(nameOf(row), text(row)),
          },
          ...(history.hasKeys ? [keyField<Row>()] : []),
        ];
      case "accounts":
        return [
          { title, text, only: "csv" },
          { title, kind: "note", only: "table", inTable, text: (row) => namesOf(row[title], history) },
        ];
      case "shared":
        return { title, text, ...titled(title) };
      case "text":
        return { title, text };
      default:
        return { title, text, kind };
    }
  });
}

/**
 * Returns the fields with the order in which a table that is too wide leaves them out, see `drop` of `Column`. It never leaves
 * out the others: the keys, the main quantity and the value.
 * @param steps the titles that are left out together, the first ones first
 */
export function withDropOrder<Row>(
  fields: readonly Field<Row>[],
  ...steps: readonly (readonly string[])[]
): Field<Row>[] {
  return fields.map((field) => {
    const step = steps.findIndex((titles) => titles.includes(field.title));
    return step === -1 ? field : { ...field, drop: step };
  });
}

/** Returns the fields of rows that a reader cannot understand without the key: a table that is too wide does not leave it out. */
export function withKeysKept<Row>(fields: readonly Field<Row>[]): Field<Row>[] {
  return fields.map((field) => (field.title === "key" ? { ...field, drop: undefined } : field));
}

/** Returns a text from outside, in quotes if it looks like one of the labels `total` and `unknown`, which a table has in the same column. */
export function quotedIfLabel(text: string | null | undefined): string | null | undefined {
  return /^(total|unknown)(,|$)/.test(text ?? "") ? `"${text}"` : text;
}

/** Any of the properties that the rows of a union can have. */
export type AnyOf<Row> = { readonly [Name in Row extends unknown ? keyof Row : never]?: unknown };

/** Returns the column of how many of the assets have a value: `40 of 41`. */
export function coverageField(): Field<{ readonly covers?: unknown; readonly of?: unknown }> {
  return { title: "coverage", kind: "count", text: ({ covers, of }) => (of ? ratio(covers, of) : "") };
}

/** Returns the column of how many of the accounts a sum comprises: `3 of 4`; only how many if that is not known. */
export function countsField(): Field<{ readonly accounts?: unknown; readonly accountsOf?: unknown }> {
  return { title: "accounts", kind: "count", text: ({ accounts, accountsOf }) => ratio(accounts, accountsOf) };
}

function ratio(count: unknown, of: unknown): string {
  return of === undefined ? String(count ?? "") : `${count} of ${of}`;
}

/** Returns the column of the values' denomination. */
export function denominationField<Row>(denomination: string): Field<Row> {
  return { title: "denomination", text: () => denomination, heading: (text) => `denomination ${text}` };
}

/** Returns what a column shows of a snapshot that does not match its digest. */
export function alteredText({ altered }: { readonly altered: boolean }): string {
  return altered ? "altered" : "";
}

/** Returns the column that marks altered snapshots. A table without one leaves it out. */
export function alteredField<Row extends { readonly altered: boolean }>(): Field<Row> {
  return { title: "altered", text: alteredText };
}

const NO_ACCOUNTS: FieldContext["history"] = {
  accountIds: [],
  description: (accountId) => ({ accountId }),
};

/** Returns the column of the API keys that serve the accounts of rows. */
function keyField<Row>(): Field<Row> {
  const text = (row: unknown) => (row as { readonly key?: string | null }).key;
  return { title: "key", drop: KEY_DROP, text, heading: (key) => `key ${key}` };
}

function nameOf(row: unknown): string {
  return (row as { readonly accountName?: string | null }).accountName ?? "";
}

/** Returns accounts by their newest names and ids. A name alone is not unique, and may contain a comma. */
function namesOf(ids: unknown, history: FieldContext["history"]): string {
  const labels = ((ids ?? []) as readonly string[]).map((id) => labelOf(history.description(id).name, id));
  return labels.join(", ");
}

function labelOf(name: string | undefined, id: string): string {
  return [shortName(name ?? ""), id].filter(Boolean).join(" ");
}

function textOf(value: unknown): string {
  return Array.isArray(value) ? value.join(" ") : String(value ?? "");
}
