import { MINUTE } from "./history-facts.ts";
import { localTextOf } from "./history-naive.ts";

/** Returns the CSV field of a text: empty for no value. */
export const none = (text: string | null | undefined): string => text ?? "";

type Values = Readonly<Record<string, { available: string; total: string } | null | undefined>>;

/** Returns a row as CSV shows it: no value is empty, and the values in dollars are columns. */
export function csvRowOf(fields: { readonly accountId: string; readonly values?: Values }): Record<string, string> {
  const { values, ...row } = fields;
  const texts = Object.entries(row).map(([name, field]) => [name, none(field as string | null)]);
  const [available, total] = [none(values?.["usd"]?.available), none(values?.["usd"]?.total)];
  return {
    ...Object.fromEntries(texts),
    denomination: "usd",
    ...(values && { valueAvailable: available, valueTotal: total }),
  };
}

/** Returns an instant as CSV and tables show it: local time with its offset, without milliseconds if they are zero. */
export function wallTime(iso: string | null, timezone: string): string {
  if (iso === null) return "";
  const ms = Date.parse(iso);
  const offset = (Date.parse(`${localTextOf(ms, timezone)}Z`) - ms) / MINUTE;
  const hours = String(Math.abs(offset) / 60).padStart(2, "0");
  const time = localTextOf(ms, timezone).replace("T", " ").replace(".000", "");
  return `${time} ${offset < 0 ? "-" : "+"}${hours}:00`;
}
