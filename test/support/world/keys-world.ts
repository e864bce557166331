import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type AccountActivity, keyOf } from "../../../core/domain/account-activity.ts";
import { answerOf, type KeyOutcome, type KeysResult } from "../../../core/domain/keys-result.ts";
import type { RunResult } from "../../../core/domain/run-result.ts";
import { History } from "../../../core/history/history.ts";
import { ENV } from "../../../core/names/environment.ts";
import { type EventRunner, eventRunner } from "../../../lambda/snapshot/event-runner.ts";
import type { SimulatedAccount } from "../../../local/simulated-cdp/server.ts";
import { type TestClock, testClock } from "../clock.ts";
import { makeEd25519Key, type TestKey } from "../keys.ts";
import { newFolder } from "../new-folder.ts";
import { startWorld, type World } from "./world.ts";

/** What the configuration file says about a key. */
type KeyFields = Readonly<Record<string, unknown>>;

/** A key of the world, at the simulated API. */
export interface WorldKey {
  /** The accounts that it can read; a test may change them. */
  accounts: readonly SimulatedAccount[];
  /** The API rejects it. */
  revoked: boolean;
  readonly readsPerTenSeconds?: number;
}

/** A world in which several keys read accounts, each within its own limit. */
export interface KeysWorld extends World {
  readonly clock: TestClock;
  readonly keys: Readonly<Record<string, WorldKey>>;
  /** The warnings of all runs so far: the key, the message and the error. */
  readonly warnings: string[];
  /** Their suggested fixes. */
  readonly suggestedFixes: (string | undefined)[];
  /** The runs that failed before they reached an account: the key and the code. */
  readonly aborted: string[];
  /**
   * Invokes a new instance of the function.
   * @param configured the keys in the configuration file, or the secret of the only key, which then has no name
   */
  invoke(
    event: object,
    configured: Readonly<Record<string, KeyFields>> | string,
    env?: Record<string, string>,
  ): Promise<RunResult | KeysResult>;
  /**
   * Invokes the function five seconds after an hour's slot of 2026-11-23, for that slot. The schedule is hourly. Invocations with
   * the same configuration share an instance, as they mostly do in Lambda.
   */
  runHour(
    hour: number,
    configured: Readonly<Record<string, KeyFields>> | string,
    event?: object,
  ): Promise<RunResult | KeysResult>;
  /** Returns when an account counts, as readers see it. */
  activityOf(account: { readonly accountId: string }): Promise<AccountActivity | undefined>;
  /** Returns the name of the key that serves an account, as readers see it. */
  keyOf(account: { readonly accountId: string }): Promise<string | undefined>;
  /** Returns the gaps of an account up to an hour of 2026-11-23, as readers see them half an hour later. */
  gapsOf(account: { readonly accountId: string }, to: number): Promise<string[]>;
  /** Returns the status of an account's record for an hour's slot; `undefined`: none. */
  statusOf(account: { readonly accountId: string }, hour: number): Promise<string | undefined>;
  /** Returns what `invoke` calls, which also takes the steps of a run of several invocations. */
  runner(configured: Readonly<Record<string, KeyFields>> | string, env?: Record<string, string>): EventRunner;
  /** Returns the name of the key that sent each request. */
  senders(): (string | undefined)[];
}

/** Returns an hour's slot of 2026-11-23. */
export const slotOfHour = (hour: number): string => new Date(Date.UTC(2026, 10, 23, hour)).toISOString();

/** The schedule of `runHour`. */
export const HOURLY = "cron(0 * * * ? *)";

/** Starts a world with these keys. The clock starts at 10:00:05 UTC. */
export async function startKeysWorld(names: Readonly<Record<string, Partial<WorldKey>>>): Promise<KeysWorld> {
  const clock = testClock("2026-11-23T10:00:05.000Z");
  const keys = Object.fromEntries(
    Object.entries(names).map(([name, key]): [string, WorldKey] => [name, { accounts: [], revoked: false, ...key }]),
  );
  const testKeys = new Map<string, TestKey>(Object.keys(keys).map((name) => [name, makeEd25519Key()]));
  const world = await startWorld({
    ...{ inMemory: true, clock },
    accounts: () => [...new Set(Object.values(keys).flatMap(({ accounts }) => accounts))],
    keys: () =>
      [...testKeys].flatMap(([name, { id, publicKey }]) => {
        const key = keys[name] as WorldKey;
        const { readsPerTenSeconds } = key;
        const limit = readsPerTenSeconds === undefined ? {} : { readsPerTenSeconds };
        return key.revoked
          ? []
          : { id, publicKey, accountIds: key.accounts.map(({ accountId }) => accountId), ...limit };
      }),
  });
  for (const [name, { file }] of testKeys) world.aws.secrets.set(name, file);
  const [warnings, aborted]: [string[], string[]] = [[], []];
  const suggestedFixes: KeysWorld["suggestedFixes"] = [];
  const runner: KeysWorld["runner"] = (configured, env = {}) =>
    eventRunner(
      { ...world.env, ...env, ...environmentOf(configured) },
      (key) => ({
        accountEnded: () => {},
        runEnded: () => {},
        runAborted: (_, { code }) => aborted.push(`${key}: ${code}`),
        warning: (message, error) => {
          warnings.push(`${key}: ${message}: ${error.message}`);
          suggestedFixes.push(error.suggestedFix);
        },
      }),
      clock,
    );
  const answer = async (run: EventRunner, event: object) =>
    answerOf((await run(event, 300_000)) as readonly KeyOutcome[]);
  const instances = new Map<unknown, EventRunner>();
  const activityOf: KeysWorld["activityOf"] = async ({ accountId }) => (await world.reader.accounts()).get(accountId);
  return {
    ...{ ...world, clock, keys, warnings, suggestedFixes, aborted, runner },
    invoke: (event, configured, env) => answer(runner(configured, env), event),
    runHour: (hour, configured, event = {}) => {
      clock.advance(Date.parse(slotOfHour(hour)) + 5_000 - clock.now());
      const instance = instances.get(configured) ?? runner(configured, { [ENV.schedule]: HOURLY });
      instances.set(configured, instance);
      return answer(instance, { scheduledTime: slotOfHour(hour), ...event });
    },
    activityOf,
    keyOf: async (account) => keyOf((await activityOf(account)) ?? { periods: [] }),
    gapsOf: async ({ accountId }, to) => {
      const history = await History.load(world.reader, Date.parse(slotOfHour(to)) + 1_800_000);
      const range = { from: Date.parse(slotOfHour(0)), to: Date.parse(slotOfHour(to)) };
      const gaps: string[] = [];
      for await (const { slot, reason } of history.gaps(accountId, range)) {
        gaps.push(`${new Date(slot).getUTCHours()} ${reason.code}: ${reason.message}`);
      }
      return gaps;
    },
    statusOf: async ({ accountId }, hour) => (await world.findRecord(accountId, slotOfHour(hour)))?.status,
    senders: () => world.cdp.requests.map(({ keyId }) => [...testKeys].find(([, { id }]) => id === keyId)?.[0]),
  };
}

function environmentOf(configured: Readonly<Record<string, KeyFields>> | string): Record<string, string> {
  if (typeof configured === "string") return { [ENV.apiKeySecretId]: configured };
  const path = join(newFolder(), "configuration.json");
  writeFileSync(path, JSON.stringify({ keys: configured }));
  const secretIds = Object.fromEntries(Object.keys(configured).map((name) => [name, name]));
  return {
    ...{ [ENV.apiKeySecretId]: "", [ENV.apiKeySecretIds]: JSON.stringify(secretIds) },
    [ENV.configurationFile]: path,
  };
}
