import type { ReportAccount } from "../../data/report-data.ts";

const MIN_LENGTH = 8;

/** Returns what each account is called, by id: its name and a short id that is unique in the report, or only that. */
export function accountLabels(accounts: readonly ReportAccount[]): ReadonlyMap<string, string> {
  const ids = accounts.map(({ accountId }) => accountId.replace(/^account_/, ""));
  const isUnique = (start: string) => ids.filter((id) => id.startsWith(start)).length === 1;
  return new Map(
    accounts.map(({ accountId, name }, at) => {
      const id = ids[at] ?? accountId;
      let length = MIN_LENGTH;
      while (length < id.length && !isUnique(id.slice(0, length))) length++;
      const short = id.slice(0, length);
      return [accountId, name === undefined ? short : `${name} ${short}`];
    }),
  );
}
