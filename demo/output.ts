import { snapshotTable } from "../cli/shared/format/snapshot-table.ts";
import type { HistoryReader } from "../core/readers.ts";

/** What each account of the table holds now, and how that differs from its first snapshot. */
export async function showHistory(reader: HistoryReader, say: (text?: string) => void) {
  const assets = await reader.assets();
  for (const accountId of (await reader.accounts()).keys()) {
    const [oldest, latest] = [await reader.oldest(accountId), await reader.latest(accountId)];
    if (latest === undefined || oldest === undefined) {
      say(`${accountId}\nno complete snapshot yet\n`);
      continue;
    }
    say(snapshotTable(latest, { denomination: "usd", assets, now: Date.now(), since: oldest }));
    say(`change since the first slot, ${oldest.slot}\n`);
  }
}

export function showNextSteps(say: (text?: string) => void): void {
  say(`The snapshots are in .local/, the function's log in .local/function.log. A second start adds to them.

How to go on:
  npm run -s balances -- latest --format csv                            the newest balances, for a spreadsheet
  npm run -s balances -- verify --format table                          was anything altered since?
  npm start -- --fault kind=error,status=503,times=3                    watch it through an outage
  npm run -s balances -- snapshot --key-file cdp_api_key.json --all     your own accounts, no AWS needed (after rm -r .local)
  npx cdk deploy                                                        every hour, in your AWS account (see README.md)`);
}
