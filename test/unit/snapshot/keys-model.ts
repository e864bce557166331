import { type AccountActivity, keyOf } from "../../../core/domain/account-activity.ts";
import type { BalanceSource, Telemetry } from "../../../core/domain/ports.ts";
import type { RunResult } from "../../../core/domain/run-result.ts";
import { History } from "../../../core/history/history.ts";
import { countingTelemetry } from "../../../core/snapshot/counting-telemetry.ts";
import type { Run } from "../../../core/snapshot/run.ts";
import { takePart } from "../../../core/snapshot/take-part.ts";
import { takeSnapshots } from "../../../core/snapshot/take-snapshots.ts";
import { HistoryReader } from "../../../core/table/history-reader.ts";
import { Table } from "../../../core/table/table.ts";
import { testClock } from "../../support/clock.ts";
import { HOUR, hour, START } from "../integrity/history.ts";
import { newAccount, newStore, tableOf } from "../table/embedded.ts";
import { sourceWith } from "./runs.ts";
import { unreliable } from "./unreliable-table.ts";

/** Every key serves an account that never moves. `slow` runs every three hours, the others every hour. */
export const KEYS = ["emea", "prime", "slow"] as const;
export type Key = (typeof KEYS)[number];
/** What the API answers to a key: its accounts, an error, the account of another project, or nothing. */
export type KeyState = "ok" | "revoked" | "foreign" | "empty";

/** What happens in an hour, in this order. `together`: runs that follow each other are parallel. */
export interface Hour {
  readonly states: Readonly<Record<Key, KeyState>>;
  /** The number of the account whose balances cannot be read. */
  readonly unreadable: number | undefined;
  /** How slow the list of each key is, so that parallel runs overlap in different ways. */
  readonly delays: Readonly<Record<Key, number>>;
  readonly actions: readonly (Key | { readonly account: number; readonly to: Key | "closed" })[];
  readonly together: boolean;
  /** What else happens to the run of each key. Default: nothing. */
  readonly incidents?: Readonly<Record<Key, Incident>>;
}

export interface Incident {
  /** The process is killed after this many writes. */
  readonly writes: number | undefined;
  /** The run takes several invocations. */
  readonly inSteps: boolean;
}

export const MOVING = 4;
export const everyHoursOf = (key: Key): number => (key === "slow" ? 3 : 1);
const expressionOf = (key: Key) => (key === "slow" ? "cron(0 0/3 * * ? *)" : "cron(0 * * * ? *)");

/** Runs three keys over one table, hour by hour, in front of an API whose accounts move. */
export class KeysModel {
  readonly accounts = Array.from({ length: MOVING }, () => newAccount());
  /** Where each account is at the API. */
  readonly places = new Map<string, Key | "closed">();
  /** When each account was closed: the hour. */
  readonly closed = new Map<string, number>();
  /** When runs of each key had their list of accounts: the hours. */
  readonly listed = new Map<Key, number[]>(KEYS.map((key) => [key, []]));
  readonly warnings: string[] = [];
  readonly #table = tableOf([]);
  readonly #strangers = new Map(KEYS.map((key) => [key, newAccount()]));
  readonly #fixed = new Map(KEYS.map((key) => [key, newAccount()]));
  #hour = 0;

  constructor(homes: readonly Key[]) {
    for (const [at, accountId] of this.accounts.entries()) this.places.set(accountId, homes[at] ?? "emea");
    for (const [key, accountId] of this.#fixed) this.places.set(accountId, key);
  }

  async run({ actions, together, ...state }: Hour): Promise<void> {
    const at = this.#hour++;
    let running: Promise<void>[] = [];
    for (const action of actions) {
      if (typeof action === "string") {
        if (at % everyHoursOf(action) !== 0) continue;
        running.push(this.#runKey(action, at, state));
        if (together) continue;
      }
      await Promise.all(running);
      running = [];
      if (typeof action !== "string") await this.#move(this.accounts[action.account] ?? "", action.to, at);
    }
    await Promise.all(running);
  }

  async #move(accountId: string, to: Key | "closed", at: number): Promise<void> {
    const place = this.places.get(accountId);
    if (place === "closed") return;
    // An account that moves on before its key has taken it over can be in no list since it was given up: ADR 26.
    if (to !== "closed" && keyOf((await this.history()).activity(accountId)) !== place) return;
    this.places.set(accountId, to);
    if (to === "closed") this.closed.set(accountId, at);
  }

  async #runKey(
    key: Key,
    at: number,
    { states, unreadable, delays, incidents }: Omit<Hour, "actions" | "together">,
  ): Promise<void> {
    const never = new AbortController().signal;
    const telemetry: Telemetry = {
      accountEnded: () => {},
      runEnded: () => {},
      warning: (message, error) => this.warnings.push(`${key}: ${message}: ${error.message}`),
    };
    const { writes, inSteps = false } = incidents?.[key] ?? {};
    const table = incidents === undefined ? this.#table : unreliable(this.#table, writes);
    const dependencies = {
      ...{ clock: testClock(new Date(START + at * HOUR + 5000).toISOString()), store: newStore(table) },
      ...{
        source: this.#source(key, at, states[key], unreadable, delays[key]),
        telemetry: countingTelemetry(telemetry),
      },
    };
    const settings = {
      ...{ key, keys: KEYS, keyOfListed: new Map<string, string>(), accountsAtOnce: 4 },
      accounts: "all" as const,
      ...{ latenessLimitMs: everyHoursOf(key) * HOUR, noticeRules: { movedPercent: 100, explained: [] } },
      schedule: { expression: expressionOf(key), timezone: "UTC" },
    } as const;
    const request = { slot: hour(at), trigger: "schedule", dryRun: false, accounts: "all" } as const;
    const run = { dependencies, settings, request, deadline: never, end: never };
    const taken = inSteps ? takeInSteps(run, key) : takeSnapshots(run);
    const isListed = states[key] === "ok";
    await taken.then(
      () => isListed && this.listed.get(key)?.push(at),
      () => {},
    );
  }

  #source(key: Key, at: number, state: KeyState, unreadable: number | undefined, delay: number): BalanceSource {
    const isHere = (accountId: string) => state === "ok" && this.places.get(accountId) === key;
    const source = sourceWith(async (accountId) => {
      const isReadable = unreadable === undefined || accountId !== this.accounts[unreadable];
      if (!isReadable) throw new Error("The API does not answer.");
    });
    const now = START + at * HOUR + 5000;
    const sent = { at: now, monotonicMs: now };
    return {
      ...source,
      pass: async (...given) => ({ ...(await source.pass(...given)), sent, lastSent: sent }),
      listAccounts: async () => {
        for (let turn = 0; turn < delay; turn++) await new Promise(setImmediate);
        if (state === "revoked") throw new Error("The key is revoked.");
        const own = [...this.places.keys()].filter(isHere);
        return (state === "foreign" ? [this.#strangers.get(key) ?? ""] : own).map((accountId) => ({ accountId }));
      },
      account: async (accountId) => (isHere(accountId) ? { accountId } : undefined),
    };
  }

  /** Returns what readers know at the end, a moment before the next hour. */
  async history(): Promise<History> {
    const { client, name } = this.#table;
    return History.load(new HistoryReader(new Table(client, name)), START + this.#hour * HOUR - 1);
  }

  /** Returns the slots without a snapshot while an account counted, each as its hour and the code of its reason. */
  static async gapsOf(history: History, accountId: string): Promise<{ hour: number; code: string }[]> {
    const gaps: { hour: number; code: string }[] = [];
    for await (const { slot, reason } of history.gaps(accountId, { from: START, to: START + 1000 * HOUR })) {
      gaps.push({ hour: (Date.parse(slot) - START) / HOUR, code: reason.code });
    }
    return gaps;
  }

  /** Returns the hours of an account's snapshots. */
  static async snapshotsOf(history: History, accountId: string): Promise<number[]> {
    const hours: number[] = [];
    for await (const { slot } of history.completed(accountId, { from: START, to: START + 1000 * HOUR })) {
      hours.push((Date.parse(slot) - START) / HOUR);
    }
    return hours;
  }
}

/** Takes a run as the state machine does, whose last step follows also if the first one fails. */
async function takeInSteps(run: Run, key: Key): Promise<RunResult> {
  const { request } = run;
  const step = { name: "take", key, startedAt: request.slot } as const;
  const taken = await takePart(run, step).catch(() => ({ ...step, error: { Error: "JobError" } }));
  return takeSnapshots({ ...run, request: { ...request, taken } });
}

/** Returns the hours in which an account's periods end. */
export function endsOf({ periods }: AccountActivity): { readonly until: number; readonly registered: number }[] {
  return periods.flatMap(({ until, to }) =>
    until === undefined || to === undefined
      ? []
      : [{ until: (Date.parse(until) - START) / HOUR, registered: Math.floor((to - START) / HOUR) }],
  );
}

/** Returns the hour in which an account was last given up; infinity if it never was. */
export function givenUpAt({ descriptions = [] }: AccountActivity): number {
  const { from = Number.POSITIVE_INFINITY } = descriptions.findLast(({ noKeySince }) => noKeySince !== undefined) ?? {};
  return Math.floor((from - START) / HOUR);
}
