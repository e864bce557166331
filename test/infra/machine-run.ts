import type { FinishStep, RunStep } from "../../core/domain/run-step.ts";
import { definition } from "../../infra/step-functions/definition.ts";
import { keyOf } from "../support/fleet/fleet.ts";
import { expect } from "../support/jest.ts";
import { execute } from "../support/states-language/interpreter.ts";
import { StatesError } from "../support/states-language/values.ts";
import { virtualClock } from "../support/virtual-clock.ts";
import { deployedDefinition, FUNCTION_ARN } from "./deployed-definition.ts";
import { synth } from "./synth.ts";

// Executions of the deployed definition, with a function that answers what a test decides.

const { template } = synth({ engine: "stepFunctions" });
/** The definition of a stack with one key. */
export const deployed = deployedDefinition(template);
/** Returns the definition for several keys. */
export const withKeys = (...keys: string[]) =>
  JSON.parse(
    JSON.stringify(definition({ keys, latenessSeconds: 3600 }))
      .replaceAll("${" + "Partition}", "aws")
      .replaceAll("${" + "FunctionArn}", FUNCTION_ARN),
  );
/** The most keys that a stack can have. */
export const manyKeys = Array.from({ length: 20 }, (_, i) => `key-${i}`.padEnd(20, "x"));

export interface Event {
  readonly key?: string;
  readonly step: RunStep;
  readonly scheduledTime?: string;
}

export interface Invocation {
  readonly event: Event;
  readonly startedAt: number;
  endedAt: number;
}

export const MINUTE = 60_000;
/** When each execution starts. */
export const STARTED = { startedAt: "2026-11-23T10:00:00.000Z" };
export const PROGRESS = {
  complete: 1,
  alreadyComplete: 0,
  failed: 0,
  pages: 1,
  notices: 0,
  warnings: 0,
  keyFailures: 0,
};

/** Answers an event of a step as the function does: `after` is the number of the last account that was taken. */
export type Answer = (event: Event, attempt: number) => unknown;

/** Answers until this number of invocations has taken all accounts of a key. */
export const takesAll =
  (invocations: number): Answer =>
  ({ step }) => {
    if (step.name === "finish") return { slot: step.startedAt };
    const taken = Number(step.after ?? 0) + 1;
    const { after: _, ...rest } = step;
    return { ...rest, ...(taken < invocations && { after: String(taken) }), progress: PROGRESS };
  };

/** Fails as an invocation does. */
export const failed = (error: string, cause = "{}"): never => {
  throw new StatesError(error, cause);
};

/** Runs an execution. @param invocationMs how long each invocation takes */
export async function run(
  machine: object,
  input: object,
  answer: Answer,
  random = () => 1,
  invocationMs = 10 * MINUTE,
) {
  const clock = virtualClock();
  const startedAt = clock.now();
  const invocations: Invocation[] = [];
  const invoke = async (name: string, given: unknown) => {
    const event = given as Event;
    const invocation = { event, startedAt: clock.now() - startedAt, endedAt: Number.POSITIVE_INFINITY };
    invocations.push(invocation);
    expect(name).toBe(FUNCTION_ARN);
    try {
      await clock.sleep(invocationMs);
      return answer(event, invocations.filter((one) => keyOf(one.event.step) === keyOf(event.step)).length);
    } finally {
      invocation.endedAt = clock.now() - startedAt;
    }
  };
  const execution = await clock.run(() => execute(machine, input, { clock, invoke, random }));
  const steps = (name: RunStep["name"]) => invocations.filter(({ event }) => event.step.name === name);
  return {
    ...{ ...execution, clock, durationMs: clock.now() - startedAt, invocations },
    ...{ takes: steps("take"), finishes: steps("finish") },
  };
}

export const keysOf = (invocations: readonly Invocation[]) => invocations.map(({ event }) => keyOf(event.step));
export const eventsOf = (invocations: readonly Invocation[]) => invocations.map(({ event }) => event);

/** Returns what the last step gets of each key. */
export function takenBy({ finishes }: { readonly finishes: readonly Invocation[] }): FinishStep["taken"] {
  const step = finishes[0]?.event.step;
  return step?.name === "finish" ? step.taken : [];
}
