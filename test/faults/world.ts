import { setTimeout as sleep } from "node:timers/promises";
import { ENV } from "../../core/names/environment.ts";
import type { Fault as CdpFault } from "../../local/simulated-cdp/faults/fault.ts";
import {
  type SimulatedAccount,
  type SimulatedCdpOptions,
  startSimulatedCdp,
  type WireBalance,
} from "../../local/simulated-cdp/server.ts";
import type { TestKey } from "../support/keys.ts";
import type { AwsCall, AwsHook, AwsTrouble } from "./aws.ts";
import { DeployedJob } from "./deployed-job.ts";
import { balancesAt, type Lab } from "./lab.ts";

/** The slot before the one that everything is about: every account has a complete snapshot of it. */
export const PAST = "2026-11-23T09:00:00.000Z";

export interface WorldOptions {
  /** When the function is invoked first. Default: a second after its slot. */
  readonly start?: string;
  /** Without a past. */
  readonly fresh?: boolean | undefined;
  /** How many accounts a fault is to strike. Default: 1. */
  readonly struck?: number | undefined;
}

export type Item = Record<string, unknown>;

/**
 * The job, and an API of its own, for the run of ten o'clock. There are accounts that a fault strikes, of three pages each, and
 * one that it does not, of one.
 */
export class World extends DeployedJob {
  readonly struck: readonly SimulatedAccount[];
  readonly other: SimulatedAccount;
  /** What the API lists and knows, and which keys it takes. */
  listed: SimulatedAccount[] = [];
  keys: TestKey[] = [];
  /** Awaited at each step of a request to the API. */
  onApiStep: SimulatedCdpOptions["onRequest"];
  readonly #healers: (() => void | Promise<void>)[] = [];

  private constructor(lab: Lab, { start = "2026-11-23T10:00:01.000Z", fresh = false, struck = 1 }: WorldOptions) {
    super(lab, start);
    if (!fresh) this.data.push(...(lab.past?.data ?? []));
    const hour = new Date(start).getUTCHours();
    const { toBeStruck, other } = lab.accounts;
    this.struck = toBeStruck.slice(0, struck).map((account) => ({ ...account, balances: balancesAt(hour, 6) }));
    this.other = { ...other, balances: balancesAt(hour, 2) };
  }

  static async make(lab: Lab, options: WorldOptions = {}): Promise<World> {
    const world = new World(lab, options);
    await lab.newTable(world.scope, options.fresh ? [] : world.past);
    world.cdp = await startSimulatedCdp({
      accounts: () => world.listed,
      keys: () => world.keys,
      now: () => world.clock.truth(),
      onRequest: (step) => world.onApiStep?.(step),
    });
    await world.heal();
    return world;
  }

  /** The accounts that the API lists when nothing is wrong. */
  get accounts(): readonly SimulatedAccount[] {
    return [...this.struck, this.other];
  }

  /** What of the lab's past is of this world's accounts. */
  get past(): Item[] {
    const ofOthers = this.lab.accounts.toBeStruck.slice(this.struck.length).map(({ accountId }) => accountId);
    return (this.lab.past?.items ?? []).filter((item) => !ofOthers.some((id) => JSON.stringify(item).includes(id)));
  }

  /** The API misbehaves: towards the first struck account alone, unless a path is given. */
  misbehave(fault: CdpFault): void {
    const [account] = this.struck;
    const on = fault.on?.path === undefined && account ? { account: account.accountId, ...fault.on } : fault.on;
    this.cdp.misbehave({ ...fault, ...(on && { on }) });
  }

  /** The API misbehaves at a page of each: at the first of the first account, and so on. */
  misbehaveOnEachPage(fault: CdpFault): void {
    for (const [at, { accountId }] of this.struck.entries()) {
      this.cdp.misbehave({ ...fault, on: { account: accountId, page: at + 1 } });
    }
  }

  /** What the struck accounts hold from now on, or until the fault is over. Snapshots are compared with that. */
  hold(change: (usual: readonly WireBalance[]) => readonly WireBalance[], untilHealed = false): void {
    for (const account of this.struck) {
      const { balances } = account;
      account.balances = change(balances);
      if (untilHealed)
        this.onHeal(() => {
          account.balances = balances;
        });
    }
  }

  /** One account after the other, the one that is not struck first: for long pauses, beside which a token would grow old. */
  oneByOne(): void {
    this.env = { ...this.env, [ENV.accountsAtOnce]: "1" };
  }

  /** Something happens, once, when a page of the struck account is asked for, and the other account is stored already. */
  beforePage(page: number, act: () => void | Promise<void>): void {
    let done = false;
    this.onApiStep = async ({ phase }) => {
      const { accountId, page: asked } = this.cdp.requests.at(-1) ?? {};
      if (done || phase !== "received" || accountId !== this.struck[0]?.accountId || asked !== page) return;
      done = true;
      await this.otherIsStored();
      await act();
    };
  }

  /** Resolves when the snapshot of the account that is not struck is on its way into the table. */
  async otherIsStored(): Promise<void> {
    const isIt = ({ scope, input }: AwsCall) =>
      scope === this.scope && input.Item?.account.S === this.other.accountId && input.Item.status?.S === "complete";
    while (!this.lab.aws.calls.some(isIt)) await sleep(5);
  }

  misbehaveAws(trouble: AwsTrouble): void {
    this.awsIsStruck = true;
    this.lab.aws.misbehave(this.scope, trouble);
  }

  onAwsCall(hook: AwsHook): void {
    this.lab.aws.onCall(this.scope, hook);
  }

  /** The text of the secret. */
  set secret(text: string | undefined) {
    this.lab.aws.secrets.set(this.scope, text);
  }

  /** For when the fault is over. */
  onHeal(undo: () => void | Promise<void>): void {
    this.#healers.push(undo);
  }

  /** Ends whatever is wrong. What was written because of it stays. */
  async heal(): Promise<void> {
    this.cdp.behave();
    this.lab.aws.behave(this.scope);
    this.lab.aws.onCall(this.scope, undefined);
    this.listed = [...this.accounts];
    this.keys = [this.lab.key];
    this.secret = this.lab.key.file;
    this.env = {};
    this.onApiStep = undefined;
    this.clock.wrongBy(0);
    for (const undo of this.#healers.splice(0)) await undo();
  }

  put(item: Item): Promise<void> {
    return this.lab.put(this.scope, [item]);
  }

  items(): Promise<Item[]> {
    return this.lab.itemsOf(this.scope);
  }

  close(): Promise<void> {
    return this.cdp.close();
  }
}
