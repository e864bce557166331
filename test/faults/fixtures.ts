import type { SimulatedAccount, WireBalance } from "../../local/simulated-cdp/server.ts";
import { makeAccount, makeBalance } from "../support/accounts.ts";
import { makeEd25519Key, type TestKey } from "../support/keys.ts";
import { type LocalAws, startAws } from "../support/world/aws.ts";
import type { Item } from "../support/world/world.ts";
import type { Datum } from "./alarms.ts";
import { type Deployment, readDeployment } from "./deployment.ts";

/** What all worlds share because no fault changes it: AWS, the synthesized stack, a key and accounts. */
export interface Fixtures {
  readonly aws: LocalAws;
  readonly deployment: Deployment;
  readonly key: TestKey;
  /** Accounts of three pages that faults may affect, and another of one page. */
  readonly accounts: { readonly candidates: readonly SimulatedAccount[]; readonly other: SimulatedAccount };
  /** The table and the metrics after the 09:00 slot, which is complete for every account. */
  previous?: { readonly items: Item[]; readonly data: readonly Datum[] };
}

export async function startFixtures(): Promise<Fixtures> {
  // First, because it blocks the process for seconds.
  const deployment = readDeployment();
  const { POWERTOOLS_SERVICE_NAME = "" } = deployment.env;
  Object.assign(process.env, { POWERTOOLS_SERVICE_NAME });
  return {
    deployment,
    aws: await startAws(),
    key: makeEd25519Key(),
    accounts: { candidates: [1, 2, 3, 4, 5, 6].map(account), other: { ...account(0), createdAt: NEWEST } },
  };
}

/** The API lists the newest first. */
const NEWEST = "2026-01-01T00:00:00Z";

/** Returns an account with a fixed id. The id is part of page tokens, so the length of pages is fixed, too. */
function account(n: number): SimulatedAccount {
  return { ...makeAccount(), accountId: `account_af2937b0-9846-4fe7-bfe9-ccc22d93511${n}` };
}

/** Returns the balances of an account in an hour. They differ between hours, so that snapshots cannot be confused. */
export function balancesAt(hour: number, count: number): WireBalance[] {
  return Array.from({ length: count }, (_, at) =>
    makeBalance(`a${at}`, `${hour}.00${at}`, `${(count - at) * hour}.50`),
  );
}
