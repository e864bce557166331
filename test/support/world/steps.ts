import { JobError } from "../../../core/domain/errors.ts";
import { answerOf, type KeysResult } from "../../../core/domain/keys-result.ts";
import type { RunResult } from "../../../core/domain/run-result.ts";
import type { FinishStep, TakeStep } from "../../../core/domain/run-step.ts";
import type { EventRunner } from "../../../lambda/snapshot/event-runner.ts";
import { sawOutput } from "../leak-watch.ts";

/** Longer than any test. */
const NO_LIMIT_MS = 900_000;

export interface StepsOptions {
  /** When the execution started. */
  readonly startedAt: string;
  /** The time of each invocation, in milliseconds. Default: no limit. */
  readonly remainingMs?: number;
  /** Attempts at each step. Default: 1. */
  readonly attempts?: number;
}

/** How an execution ended. */
export interface Execution {
  /** The answer of each `take` step. */
  readonly taken: readonly TakeStep[];
  /** What the last step returned at each attempt. */
  readonly ends: readonly (RunResult | KeysResult | JobError)[];
}

/**
 * Does what the state machine does for one key without a name, without its pauses. It throws what is not a `JobError`.
 * @param run the handler's
 */
export async function runSteps(
  run: EventRunner,
  event: object,
  { startedAt, remainingMs = NO_LIMIT_MS, attempts = 1 }: StepsOptions,
): Promise<Execution> {
  const taken: TakeStep[] = [];
  let step: TakeStep = { name: "take", startedAt };
  do {
    const [answer] = await attempt(attempts, () => run({ ...event, step }, remainingMs));
    if (answer instanceof JobError) step = { ...step, error: { Error: answer.name, Cause: causeOf(answer) } };
    else if (answer !== undefined && "name" in answer) {
      step = roundTrip(answer);
      taken.push(step);
    }
  } while (step.after !== undefined && step.error === undefined);
  return { taken, ends: await finish(run, event, { name: "finish", startedAt, taken: [step] }, attempts) };
}

/** Takes the last step, at most `attempts` times. Returns what each attempt returned or threw. */
export function finish(run: EventRunner, event: object, step: FinishStep, attempts = 1): Promise<Execution["ends"]> {
  return attempt(
    attempts,
    async () => {
      const ended = await run({ ...event, step }, NO_LIMIT_MS);
      if ("name" in ended) throw new TypeError("the last step has no next one");
      return answerOf(ended);
    },
    true,
  );
}

/** What Lambda reports for an error that a handler throws. */
export function causeOf({ name, message }: JobError): string {
  return JSON.stringify({ errorType: name, errorMessage: message, trace: [] });
}

/** Returns the outcomes of all attempts, the last one first unless `all` are wanted. */
async function attempt<T>(attempts: number, action: () => Promise<T>, all = false): Promise<(T | JobError)[]> {
  const outcomes: (T | JobError)[] = [];
  while (outcomes.length < attempts) {
    try {
      outcomes.push(await action());
      break;
    } catch (thrown) {
      if (!(thrown instanceof JobError)) throw thrown;
      outcomes.push(thrown);
    }
  }
  sawOutput(outcomes);
  return all ? outcomes : outcomes.slice(-1);
}

/** The states pass JSON to each other. */
function roundTrip<T>(value: T): T {
  return JSON.parse(JSON.stringify(value));
}
