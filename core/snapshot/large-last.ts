import pMap from "p-map";
import { LARGEST_ACCOUNT, USUAL_ACCOUNT, type WalkLimits } from "../domain/walk-limits.ts";

/**
 * Takes the accounts concurrently, and then, one at a time, those that turned out to be large: the memory holds many usual
 * accounts, or a large one. So a large account, or an API that invents one, never delays the others.
 * @param take returns `large` if the account exceeds the limits of a usual one
 * @returns the results in the order of the accounts
 */
export async function takeLargeLast<Account, Result extends object>(
  accounts: readonly Account[],
  atOnce: number,
  take: (account: Account, limits: WalkLimits) => Promise<Result | "large">,
): Promise<Result[]> {
  const results = await pMap(accounts, (account) => take(account, USUAL_ACCOUNT), { concurrency: atOnce });
  for (const [at, account] of accounts.entries()) {
    if (results[at] === "large") results[at] = await take(account, LARGEST_ACCOUNT);
  }
  return results as Result[];
}
