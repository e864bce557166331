import { setTimeout as sleep } from "node:timers/promises";
import { ENV } from "../../core/names/environment.ts";
import type { Fault as CdpFault } from "../../local/simulated-cdp/faults/fault.ts";
import type { SimulatedAccount, SimulatedCdpOptions, WireBalance } from "../../local/simulated-cdp/server.ts";
import type { TestKey } from "../support/keys.ts";
import type { AwsCall, AwsDisturbance, AwsHook } from "../support/world/aws.ts";
import { type Item, startWorld } from "../support/world/world.ts";
import { DeployedJob } from "./deployed-job.ts";
import { balancesAt, type Fixtures } from "./fixtures.ts";

/** The slot before the one under test. Every account has a complete snapshot of it. */
export const PREVIOUS_SLOT = "2026-11-23T09:00:00.000Z";

/** How calls to AWS fail. */
export interface AwsFault {
  readonly on: (call: AwsCall) => boolean;
  /** How many calls fail. Default: all, until the fault is cleared. */
  readonly times?: number;
  /** The call takes effect, and only its response is lost. */
  readonly worked?: boolean;
  readonly answer: AwsDisturbance;
}

export interface FaultWorldOptions {
  /** When the function is first invoked. Default: a second after its slot. */
  readonly start?: string;
  /** Start with an empty table. */
  readonly emptyTable?: boolean | undefined;
  /** How many accounts the fault affects. Default: 1. */
  readonly affected?: number | undefined;
}

/** The job and its own API, for the 10:00 slot. Faults affect accounts of three pages each; the other account has one page. */
export class FaultWorld extends DeployedJob {
  readonly affected: readonly SimulatedAccount[];
  readonly other: SimulatedAccount;
  /** The accounts that the API lists, and the keys that it accepts. */
  listed: SimulatedAccount[] = [];
  keys: TestKey[] = [];
  /** Awaited at each phase of a request to the API. */
  onApiStep: SimulatedCdpOptions["onRequest"];
  readonly #cleanups: (() => void | Promise<void>)[] = [];

  private constructor(
    fixtures: Fixtures,
    { start = "2026-11-23T10:00:01.000Z", emptyTable = false, affected = 1 }: FaultWorldOptions,
  ) {
    super(fixtures, start);
    if (!emptyTable) this.data.push(...(fixtures.previous?.data ?? []));
    const hour = new Date(start).getUTCHours();
    const { candidates, other } = fixtures.accounts;
    this.affected = candidates.slice(0, affected).map((account) => ({ ...account, balances: balancesAt(hour, 6) }));
    this.other = { ...other, balances: balancesAt(hour, 2) };
  }

  static async make(fixtures: Fixtures, options: FaultWorldOptions = {}): Promise<FaultWorld> {
    const world = new FaultWorld(fixtures, options);
    const { aws, key } = fixtures;
    world.base = await startWorld({
      ...{ aws, key, scope: world.scope, maxPageSize: 20 },
      accounts: () => world.listed,
      keys: () => world.keys,
      // The API's clock is right, the function's may be wrong.
      clock: { ...world.clock, now: world.clock.truth },
      onRequest: (step) => world.onApiStep?.(step),
    });
    if (!options.emptyTable) await world.base.put(world.previous);
    await world.clearFaults();
    return world;
  }

  /** The accounts that the API lists without a fault. */
  get accounts(): readonly SimulatedAccount[] {
    return [...this.affected, this.other];
  }

  /** The items of the 09:00 slot that belong to this world's accounts. */
  get previous(): Item[] {
    const ofOthers = this.fixtures.accounts.candidates.slice(this.affected.length).map(({ accountId }) => accountId);
    return (this.fixtures.previous?.items ?? []).filter(
      (item) => !ofOthers.some((id) => JSON.stringify(item).includes(id)),
    );
  }

  /** Makes the API fail for the first affected account only, or for a path. */
  injectFault(fault: CdpFault): void {
    const [account] = this.affected;
    const on = fault.on?.path === undefined && account ? { account: account.accountId, ...fault.on } : fault.on;
    this.cdp.addFault({ ...fault, ...(on && { on }) });
  }

  /** Makes the API fail at page 1 of the first affected account, page 2 of the second, and so on. */
  failOnEachPage(fault: CdpFault): void {
    this.failEach(this.affected.map((_, at) => ({ ...fault, on: { page: at + 1 } })));
  }

  /** Makes the API fail for the n-th affected account with the n-th fault. */
  failEach(faults: readonly CdpFault[]): void {
    for (const [at, { accountId }] of this.affected.entries()) {
      const fault = faults[at];
      if (fault !== undefined) this.cdp.addFault({ ...fault, on: { ...fault.on, account: accountId } });
    }
  }

  /** Changes what the affected accounts hold, for good or until the fault is cleared. Snapshots are compared with that. */
  setBalances(change: (usual: readonly WireBalance[]) => readonly WireBalance[], untilCleared = false): void {
    for (const account of this.affected) {
      const { balances } = account;
      account.balances = change(balances);
      if (untilCleared)
        this.onClear(() => {
          account.balances = balances;
        });
    }
  }

  /** Walks one account after the other, the healthy one first. During a long pause, its token would expire. */
  walkSequentially(): void {
    this.env = { ...this.env, [ENV.accountsAtOnce]: "1" };
  }

  /** Acts once, when the affected account's page is requested and the other account has been stored. */
  atPage(page: number, act: () => void | Promise<void>): void {
    let done = false;
    this.onApiStep = async ({ phase }) => {
      const { accountId, page: asked } = this.cdp.requests.at(-1) ?? {};
      if (done || phase !== "received" || accountId !== this.affected[0]?.accountId || asked !== page) return;
      done = true;
      await this.otherIsWritten();
      await act();
    };
  }

  /** Whether a call puts the snapshot of an account. Default: the first affected one. */
  isSnapshotPut({ input }: AwsCall, account = this.affected[0]): boolean {
    return input.Item?.account.S === account?.accountId && input.Item?.status?.S === "complete";
  }

  /** Resolves when the put of the other account's snapshot has been received. */
  async otherIsWritten(): Promise<void> {
    const isIt = (call: AwsCall) => call.scope === this.scope && this.isSnapshotPut(call, this.other);
    while (!this.fixtures.aws.calls.some(isIt)) await sleep(5);
  }

  injectAwsFault({ on, times = Number.POSITIVE_INFINITY, worked = false, answer }: AwsFault): void {
    this.awsIsFaulty = true;
    let left = times;
    this.onAwsCall(async (call, phase) => {
      if (phase !== (worked ? "worked" : "received") || left === 0 || !on(call)) return undefined;
      left--;
      return answer;
    });
  }

  onAwsCall(hook: AwsHook): void {
    this.fixtures.aws.onCall(this.scope, hook);
  }

  /** Sets the text of the secret. */
  set secret(text: string | undefined) {
    this.fixtures.aws.secrets.set(this.scope, text);
  }

  /** Registers a function that undoes part of the fault. */
  onClear(undo: () => void | Promise<void>): void {
    this.#cleanups.push(undo);
  }

  /** Ends the fault. What was written because of it stays. */
  async clearFaults(): Promise<void> {
    this.cdp.clearFaults();
    this.fixtures.aws.onCall(this.scope, undefined);
    this.listed = [...this.accounts];
    this.keys = [this.fixtures.key];
    this.secret = this.fixtures.key.file;
    this.env = {};
    this.onApiStep = undefined;
    this.clock.setErrorMs(0);
    for (const undo of this.#cleanups.splice(0)) await undo();
  }
}
