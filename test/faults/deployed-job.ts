import { ENV } from "../../core/names/environment.ts";
import type { World } from "../support/world/world.ts";
import type { Datum } from "./alarms.ts";
import { type WorldClock, worldClock } from "./clock.ts";
import type { AwsMetric } from "./deployment.ts";
import type { Fixtures } from "./fixtures.ts";
import { type Instance, type Invocation, startInstance } from "./instance.ts";
import { Deadline } from "./timers.ts";

/** The slot under test, and the schedule's event for it. */
export const SLOT = "2026-11-23T10:00:00.000Z";
export const EVENT = { scheduledTime: "2026-11-23T10:00:00Z" };

/** https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html */
const RETRY_PAUSES_MS = [60_000, 120_000];

/** The default of `RUN_RESERVE_SECONDS`. */
const RESERVE_MS = 15_000;

let count = 0;

/** The deployed job with its own table and secret, and Lambda, which invokes it. All run in this process. */
export class DeployedJob {
  /** The name of the table and of the secret. */
  readonly scope = `balances-${++count}`;
  readonly fixtures: Fixtures;
  readonly clock: WorldClock;
  readonly invocations: Invocation[] = [];
  /** The values of metrics so far. */
  readonly data: Datum[] = [];
  deadLetters = 0;
  /** The API and the table. */
  base!: World;
  /** Environment variables that differ from the deployed ones. */
  env: Record<string, string> = {};
  /** The deadline of the active runs. It expires when the function's time is nearly over by the clock, or earlier. */
  readonly deadline = new Deadline();
  /** AWS is faulty. Only then are the SDK's attempts counted. */
  protected awsIsFaulty = false;
  #active = 0;
  #concurrent = false;
  #warm: { readonly variables: string; readonly instance: Instance } | undefined;

  constructor(fixtures: Fixtures, start: string) {
    this.fixtures = fixtures;
    this.clock = worldClock(start);
  }

  get cdp(): World["cdp"] {
    return this.base.cdp;
  }

  /**
   * Invokes the function through Lambda's asynchronous queue, which retries after errors and finally sends a dead letter.
   * @param sentAt when the event entered the queue, in milliseconds since 1970. Default: now
   */
  async deliver(event: unknown = EVENT, sentAt = this.clock.truth()): Promise<void> {
    const { retries, eventAgeMs } = this.fixtures.deployment;
    for (let retry = 0; this.clock.truth() - sentAt <= eventAgeMs; retry++) {
      const { error } = await this.invoke(event);
      if (error === undefined) return;
      if (retry === retries) break;
      this.clock.advance(RETRY_PAUSES_MS[retry] ?? 0);
    }
    this.deadLetter();
  }

  deadLetter(): void {
    this.deadLetters++;
    this.count("ApproximateNumberOfMessagesVisible", 1);
  }

  /** Records a metric that AWS itself emits. */
  count(metric: AwsMetric, value: number): void {
    this.data.push(this.fixtures.deployment.datum(metric, value, this.clock.truth()));
  }

  /** Invokes the function once. The warm instance is reused until the function's variables change. */
  async invoke(event: unknown = EVENT, instance: Instance = this.#warmInstance()): Promise<Invocation> {
    const { clock, cdp, fixtures, scope } = this;
    const startedAt = clock.truth();
    const slept = clock.sleptMs;
    const [requested, called] = [cdp.requests.length, fixtures.aws.calls.length];
    this.#active++;
    this.#concurrent ||= this.#active > 1;
    const { timeoutMs } = fixtures.deployment;
    clock.endAt(startedAt + timeoutMs - RESERVE_MS, () => this.deadline.expire());
    const outcome = await this.deadline.start(() => instance.invoke(event, timeoutMs));
    const at = clock.truth();
    this.data.push(...outcome.metrics.map((metric) => ({ ...metric, at })));
    this.count("Duration", at - startedAt);
    this.count("Errors", outcome.error === undefined ? 0 : 1);
    const alone = !this.#concurrent;
    this.#active--;
    this.#concurrent &&= this.#active > 0;
    const attempts = fixtures.aws.calls.slice(called).map((call) => (call.scope === scope ? call.attempt : 1));
    const invocation = {
      ...outcome,
      tookMs: at - startedAt,
      sleptMs: clock.sleptMs - slept,
      // Requests of concurrent runs cannot be attributed.
      requests: alone ? cdp.requests.slice(requested) : [],
      awsAttempts: this.awsIsFaulty ? Math.max(1, ...attempts) : 1,
    };
    this.invocations.push(invocation);
    return invocation;
  }

  /** Records that the function's process was killed: Lambda counts an error and knows nothing else. */
  died(): void {
    this.count("Errors", 1);
    this.invocations.push({ died: true, logs: [], metrics: [], tookMs: 0, sleptMs: 0, requests: [], awsAttempts: 1 });
  }

  /** Starts another instance of the function. */
  newInstance(): Instance {
    return startInstance(this.#variables(), this.clock);
  }

  #warmInstance(): Instance {
    const variables = JSON.stringify(this.#variables());
    if (this.#warm?.variables !== variables) this.#warm = { variables, instance: this.newInstance() };
    return this.#warm.instance;
  }

  #variables(): Record<string, string> {
    return { ...this.fixtures.deployment.env, ...this.base.env, [ENV.pageSize]: "2", ...this.env };
  }
}
