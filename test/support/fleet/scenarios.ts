import { deployedDefinition } from "../../infra/deployed-definition.ts";
import { synth } from "../../infra/synth.ts";
import { Fleet } from "./fleet.ts";

/** Creates a fleet with the definition of a stack. @param limit of the reads of each key in ten seconds */
export function createFleet(keys: readonly string[], accounts: number, limit: number, latenessMinutes = 60): Fleet {
  const configured = keys.length > 0 && { keys: Object.fromEntries(keys.map((key) => [key, {}])) };
  const { template } = synth({ engine: "stepFunctions", latenessMinutes, ...configured });
  const names = keys.length > 0 ? keys : [undefined];
  return new Fleet({
    definition: deployedDefinition(template),
    keys: new Map(names.map((key, i) => [key, { digit: String(i + 1), accounts, limit, latencyMs: 50 }])),
    latenessMinutes,
  });
}

/** How long the reads of accounts of one page take at least, in seconds. */
export const boundOf = (accounts: number, limit: number): number => (accounts / limit) * 10;

/**
 * Runs a fleet of the keys `apac`, `emea` and `us`. In mid-run, an invocation of `emea` is killed, the table throttles every
 * request for a minute, and the key of `us` is revoked. @param seconds how long a key's reads take
 */
export function startWithIncidents(fleet: Fleet, seconds: number) {
  return fleet.start([
    { atSeconds: seconds * 0.3, what: () => fleet.kill("emea") },
    { atSeconds: seconds * 0.5, what: ({ table }) => Object.assign(table, { isThrottled: true }) },
    { atSeconds: seconds * 0.5 + 60, what: ({ table }) => Object.assign(table, { isThrottled: false }) },
    { atSeconds: seconds * 0.7, what: () => fleet.revoke("us", true) },
  ]);
}
