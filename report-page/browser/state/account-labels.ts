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
      return [accountId, name === undefined ? short : `${isolated(name)} ${short}`];
    }),
  );
}

/** Letters that are written from right to left. */
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;

/** Returns a name that leaves the order of the text around it as it is: otherwise, the id would be shown within the name. */
function isolated(name: string): string {
  return RIGHT_TO_LEFT.test(name) ? `\u2068${name}\u2069` : name;
}
