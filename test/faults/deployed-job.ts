import { ENV } from "../../core/names/environment.ts";
import { type HistoryReader, openHistory } from "../../core/readers.ts";
import type { SimulatedCdp } from "../../local/simulated-cdp/server.ts";
import type { Datum } from "./alarms.ts";
import { type WorldClock, worldClock } from "./clock.ts";
import type { AwsMetric } from "./deployment.ts";
import { type Instance, type Invocation, startInstance } from "./instance.ts";
import type { Lab } from "./lab.ts";
import { Deadline } from "./timers.ts";

/** The slot that everything is about, and the event of the schedule for it. */
export const SLOT = "2026-11-23T10:00:00.000Z";
export const EVENT = { scheduledTime: "2026-11-23T10:00:00Z" };

/** https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html */
const RETRY_PAUSES_MS = [60_000, 120_000];

/** The default of `RUN_RESERVE_SECONDS`. */
const RESERVE_MS = 15_000;

let count = 0;

/** The job as it is deployed, in this process, with a table and a secret of its own; and Lambda, which invokes it. */
export class DeployedJob {
  /** The name of the table and of the secret. */
  readonly scope = `balances-${++count}`;
  readonly lab: Lab;
  readonly clock: WorldClock;
  readonly reader: HistoryReader;
  readonly invocations: Invocation[] = [];
  /** What the metrics were. */
  readonly data: Datum[] = [];
  deadLetters = 0;
  cdp!: SimulatedCdp;
  /** Variables of the function that differ from the deployed ones. */
  env: Record<string, string> = {};
  /** Of the runs that are under way. It comes when the function's time is nearly over by the clock, or earlier. */
  readonly deadline = new Deadline();
  /** Something is wrong with AWS: only then the SDK's attempts are worth counting. */
  protected awsIsStruck = false;
  #underWay = 0;
  #crowded = false;
  #warm: { readonly variables: string; readonly instance: Instance } | undefined;

  constructor(lab: Lab, start: string) {
    this.lab = lab;
    this.clock = worldClock(start);
    this.reader = openHistory(this.scope);
  }

  /**
   * An invocation by Lambda's asynchronous queue: tried again after an error, and a dead letter in the end.
   * @param sentAt when the event came into that queue, milliseconds since 1970. Default: now
   */
  async deliver(event: unknown = EVENT, sentAt = this.clock.truth()): Promise<void> {
    const { retries, eventAgeMs } = this.lab.deployment;
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

  /** AWS counts something by itself, now. */
  count(metric: AwsMetric, value: number): void {
    this.data.push(this.lab.deployment.datum(metric, value, this.clock.truth()));
  }

  /** One invocation, by the instance that is warm as long as nobody changes the function's variables. */
  async invoke(event: unknown = EVENT, instance: Instance = this.#warmInstance()): Promise<Invocation> {
    const { clock, cdp, lab, scope } = this;
    const startedAt = clock.truth();
    const slept = clock.sleptMs;
    const [requested, called] = [cdp.requests.length, lab.aws.calls.length];
    this.#underWay++;
    this.#crowded ||= this.#underWay > 1;
    const { timeoutMs } = lab.deployment;
    clock.endAt(startedAt + timeoutMs - RESERVE_MS, () => this.deadline.come());
    const outcome = await this.deadline.begin(() => instance.invoke(event, timeoutMs));
    const at = clock.truth();
    this.data.push(...outcome.metrics.map((metric) => ({ ...metric, at })));
    this.count("Duration", at - startedAt);
    this.count("Errors", outcome.error === undefined ? 0 : 1);
    const alone = !this.#crowded;
    this.#underWay--;
    this.#crowded &&= this.#underWay > 0;
    const attempts = lab.aws.calls.slice(called).map((call) => (call.scope === scope ? call.attempt : 1));
    const invocation = {
      ...outcome,
      tookMs: at - startedAt,
      sleptMs: clock.sleptMs - slept,
      // Of runs side by side nobody knows whose request is whose.
      requests: alone ? cdp.requests.slice(requested) : [],
      awsAttempts: this.awsIsStruck ? Math.max(1, ...attempts) : 1,
    };
    this.invocations.push(invocation);
    return invocation;
  }

  /** The function's process was killed: Lambda counts an error, and nothing else is told. */
  died(): void {
    this.count("Errors", 1);
    this.invocations.push({ died: true, logs: [], metrics: [], tookMs: 0, sleptMs: 0, requests: [], awsAttempts: 1 });
  }

  /** Another instance of the function. */
  newInstance(): Instance {
    return startInstance(this.#variables(), this.clock);
  }

  #warmInstance(): Instance {
    const variables = JSON.stringify(this.#variables());
    if (this.#warm?.variables !== variables) this.#warm = { variables, instance: this.newInstance() };
    return this.#warm.instance;
  }

  #variables(): Record<string, string> {
    const { scope, cdp, lab } = this;
    const names = { [ENV.apiBaseUrl]: cdp.url, [ENV.tableName]: scope, [ENV.apiKeySecretId]: scope };
    return { ...lab.deployment.env, ...names, [ENV.pageSize]: "2", ...this.env };
  }
}
