import { History } from "../../core/history/history.ts";
import { LOCAL_TABLE } from "../../local/dynamodb/embedded-dynamodb.ts";
import type { SimulatedAccount } from "../../local/simulated-cdp/server.ts";
import { makeEd25519Key, type TestKey } from "../support/keys.ts";
import { sawOutput } from "../support/leak-watch.ts";
import type { AwsCall } from "../support/world/aws.ts";
import { startWorld, type World } from "../support/world/world.ts";
import { activeKinds } from "./network.ts";
import type { Configuration, Facts, RunFact } from "./oracle/facts.ts";
import type { ShownNames } from "./oracle/names.ts";
import { between, randomOf } from "./oracle/random.ts";
import type { TrueAccount } from "./oracle/truth.ts";
import { type Death, type Delivery, makePlan, type Plan } from "./plan.ts";
import { Processes } from "./processes.ts";
import { SimulatedTime } from "./time.ts";
import { writeOf } from "./writes.ts";

const MINUTE_MS = 60_000;

/** Lambda's time limit of the function, and how it retries a failed event. */
const TIMEOUT_MS = 15 * MINUTE_MS;
const RETRY_PAUSES_MS = [MINUTE_MS, 2 * MINUTE_MS];

/** After a rotation, the API accepts the previous key for so long. The function reads the secret again every five minutes. */
const KEY_OVERLAP_MS = 10 * MINUTE_MS;

/** The deployed function in a simulated world, which records what really happened. */
export class SimulatedWorld {
  readonly facts: Facts;
  readonly time: SimulatedTime;
  readonly #plan: Plan;
  #base!: World;
  #processes!: Processes;
  /** What the API accepts. The secret has the last one. */
  #keys: TestKey[] = [makeEd25519Key()];
  readonly #unknownKey = makeEd25519Key();
  readonly #activeRuns = new Set<number>();
  #runs = 0;
  #isPlaying = false;
  #playedUntil: number;

  private constructor(seed: string, from: number, to: number) {
    this.#plan = makePlan(seed, from, to);
    this.time = new SimulatedTime(from);
    this.#playedUntil = from;
    const { accounts, disturbances } = this.#plan;
    this.facts = { seed, accounts, disturbances, runs: [], writes: [] };
  }

  /** @param from the start, and `to` the end of what the seed plans, in milliseconds since 1970 */
  static async start(seed: string, from: number, to: number): Promise<SimulatedWorld> {
    const world = new SimulatedWorld(seed, from, to);
    await world.#start();
    return world;
  }

  async #start(): Promise<void> {
    const { time } = this;
    const { seed, disturbances, accounts } = this.facts;
    this.#base = await startWorld({
      key: this.#keys[0] as TestKey,
      keys: () => (activeKinds(disturbances, time.now).has("key") ? [this.#unknownKey] : this.#keys),
      accounts: () => accounts.filter((one) => one.exists(time.now)).map((one) => onWire(one, time.now)),
      clock: { now: () => time.now, monotonic: () => time.now, sleep: (ms) => time.sleep(ms) },
    });
    const { aws, env } = this.#base;
    aws.onCall(LOCAL_TABLE, (call, phase) => this.#awsLatency(call, phase));
    // Called only if the embedded table has accepted the item.
    aws.reply("dynamodb:PutItem", (answer, call) => {
      const write = writeOf(call.input.Item);
      if (write !== undefined) this.facts.writes.push({ ...write, at: time.now, runs: [...this.#activeRuns] });
      return answer;
    });
    this.#processes = new Processes({ seed, time, disturbances, env });
  }

  /** Returns what the table shows as the names of all accounts at a time. */
  async namesAt(at: number): Promise<ShownNames> {
    const history = await History.load(this.#base.reader, this.time.now);
    return new Map(history.accountIds.map((id) => [id, history.description(id, at).name]));
  }

  /** The variables with which a command reads the table. */
  get env(): Readonly<Record<string, string>> {
    return this.#base.aws.env;
  }

  /** Lets everything happen that is planned until a time. Returns when it has ended. */
  async play(until: number): Promise<void> {
    this.#isPlaying = true;
    const isDue = (at: number) => at >= this.#playedUntil && at < until;
    await this.time.run(async () => {
      const rotated = this.#plan.rotations.filter(isDue).map((at) => this.#rotateAt(at));
      const delivered = this.#plan.deliveries.filter(({ at }) => isDue(at)).map((delivery) => this.#deliver(delivery));
      await Promise.all([...rotated, ...delivered, this.time.sleep(until - this.time.now)]);
    });
    this.#playedUntil = until;
    this.#isPlaying = false;
  }

  close(): Promise<void> {
    return this.#base.close();
  }

  /** Delivers an event as Lambda's asynchronous queue does. A failed event that is older than the lateness limit is dropped. */
  async #deliver({ at, event, dies }: Delivery): Promise<void> {
    await this.time.sleep(at - this.time.now);
    for (let attempt = 0; ; attempt++) {
      const succeeded = await this.#invoke(event, attempt === 0 ? dies : undefined);
      const pause = RETRY_PAUSES_MS[attempt];
      if (succeeded || pause === undefined) return;
      await this.time.sleep(pause);
      if (this.time.now - at > this.#configuration().latenessMs) return;
    }
  }

  /** Returns whether the handler returned a result. */
  async #invoke(event: Delivery["event"], dies: Death | undefined): Promise<boolean> {
    const { time, facts } = this;
    const configuration = this.#configuration();
    const process = this.#processes.idle(configuration);
    const [run, from] = [this.#runs++, time.now];
    this.#activeRuns.add(run);
    const died = new Promise<"died">((resolve) => {
      Object.assign(process, { isBusy: true, steps: 0, dies, onDeath: () => resolve("died") });
    });
    const context = { getRemainingTimeInMillis: () => from + TIMEOUT_MS - time.now };
    const ended = process.handler(event, context).then(
      (result) => ({ result }),
      ({ name, message }) => ({ error: { name, message } }),
    );
    const outcome = await Promise.race([ended, died]);
    process.isBusy = false;
    // A request that a dying process has sent can still take effect.
    if (outcome === "died") void time.sleep(1000).then(() => this.#activeRuns.delete(run));
    else this.#activeRuns.delete(run);
    const output = process.takeOutput();
    sawOutput(output);
    const fact: RunFact = {
      ...{ run, configuration, from, to: time.now, output, died: outcome === "died" },
      ...(event.scheduledTime !== undefined && { scheduledTime: Date.parse(event.scheduledTime) }),
      ...(outcome !== "died" && outcome),
    };
    facts.runs.push(fact);
    // They would fill the memory in a year.
    if (this.#activeRuns.size === 0) this.#base.aws.calls.length = this.#base.cdp.requests.length = 0;
    return outcome !== "died" && "result" in outcome;
  }

  #configuration(): Configuration {
    const { configurations } = this.#plan;
    const current = configurations.findLast(({ from }) => from <= this.time.now);
    return (current ?? configurations[0])?.configuration as Configuration;
  }

  async #rotateAt(at: number): Promise<void> {
    await this.time.sleep(at - this.time.now);
    const key = makeEd25519Key();
    this.#keys = [...this.#keys, key];
    this.#base.aws.secrets.set(LOCAL_TABLE, key.file);
    await this.time.sleep(KEY_OVERLAP_MS);
    this.#keys = this.#keys.slice(1);
  }

  async #awsLatency({ action, input }: AwsCall, phase: string): Promise<undefined> {
    if (!this.#isPlaying || phase !== "received") return undefined;
    // What is random in an item must not make the latency random.
    const { account, slot } = input.Item ?? {};
    const key = JSON.stringify(input.ExpressionAttributeValues ?? [account?.S, slot?.S.slice(0, 24)]);
    await this.time.pause(between(randomOf(this.facts.seed, action, key, this.time.now), 2, 15));
    return undefined;
  }
}

function onWire(account: TrueAccount, at: number): SimulatedAccount {
  const { accountId, type, owner, lives } = account;
  const createdAt = `${new Date(lives[0]?.from ?? 0).toISOString().slice(0, 19)}Z`;
  return {
    ...{ accountId, type, owner, name: account.nameAt(at), createdAt, updatedAt: createdAt },
    // Only when they are asked for: each list of accounts would compute the balances of all.
    get balances() {
      return account.balances(at);
    },
  };
}
