import { snapshotTable } from "../cli/shared/format/snapshot-table.ts";
import type { HistoryReader } from "../core/readers.ts";

/** Prints the newest snapshot of each account and the change since its first snapshot. */
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

/** Prints the commands to try next. */
export function showNextSteps(say: (text?: string) => void): void {
  say(`The snapshots are in .local/, and the function's log is in .local/function.log. The next npm start adds to them.

What to try next:
  npm run -s balances -- latest --format csv                            export the newest balances for a spreadsheet
  npm run -s balances -- verify --format table                          check that nothing was altered
  npm start -- --fault kind=error,status=503,times=3                    simulate an outage
  npm run -s balances -- snapshot --key-file cdp_api_key.json --all     record your own accounts without AWS (first rm -r .local)
  npx cdk deploy                                                        record every hour in your AWS account (see README.md)`);
}
