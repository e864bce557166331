import { setMaxListeners } from "node:events";
import type { Clock } from "../../../core/domain/ports.ts";
import { matches, nextAttempt } from "./errors.ts";
import { evaluate, type Fields, fieldsOf, limited, StatesError } from "./values.ts";

/**
 * Interprets the part of the Amazon States Language that our state machine uses, as we read its specification. It throws a
 * TypeError on every other state type and field, so that it ignores nothing silently.
 * https://states-language.net/spec.html
 * https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
 */

export interface StateMachineDependencies {
  readonly clock: Clock;
  /** Invokes a function. @throws StatesError */
  readonly invoke: (functionName: string, event: unknown) => Promise<unknown>;
  /** Between 0 and 1, for the jitter. Default: always 1 */
  readonly random?: () => number;
}

export interface Execution {
  readonly status: "SUCCEEDED" | "FAILED" | "TIMED_OUT";
  readonly output?: unknown;
  readonly error?: StatesError;
  /** The states in the order in which they were entered. A retry enters its state again. */
  readonly entered: readonly string[];
  /** Runs the state that failed again, with the same input, and those after it. */
  readonly redrive: () => Promise<Execution>;
}

/** What the states of a machine, or of an iteration, have in common. */
interface Scope extends StateMachineDependencies {
  readonly states: Fields;
  readonly context: Fields;
  readonly entered: string[];
  /** Called with each state of this scope, and its input. */
  readonly onEnter: (name: string, input: unknown) => void;
  readonly signal: AbortSignal;
}

type Step = readonly [output: unknown, next: string | undefined];
type RunState = (state: Fields, input: unknown, scope: Scope) => Promise<Step>;

/** Runs an execution of a definition whose substitutions are resolved. */
export async function execute(
  definition: unknown,
  input: unknown,
  dependencies: StateMachineDependencies,
): Promise<Execution> {
  const machine = fieldsOf("the state machine", definition, "QueryLanguage TimeoutSeconds StartAt States", "Comment");
  if (machine["QueryLanguage"] !== "JSONata") throw new TypeError(`${machine["QueryLanguage"]}: unknown`);
  const startTime = new Date(dependencies.clock.now()).toISOString();
  const context = { Execution: { Input: input, StartTime: startTime } };
  const states = machine["States"] as Fields;

  async function runFrom(startAt: string, given: unknown): Promise<Execution> {
    const entered: string[] = [];
    let last = [startAt, given] as const;
    const onEnter = (name: string, data: unknown) => {
      last = [name, data];
    };
    const redrive = () => {
      const { Type } = states[last[0]] as { readonly Type: string };
      if (Type === "Map") throw new TypeError("a redrive of a Map, which runs only the failed iterations: unknown");
      return runFrom(...last);
    };
    const run = async (signal: AbortSignal) =>
      runStates(startAt, limited(given, "The input"), { ...dependencies, states, context, entered, onEnter, signal });
    try {
      const output = await within(machine["TimeoutSeconds"], dependencies.clock, run);
      return { status: "SUCCEEDED", output, entered, redrive };
    } catch (error) {
      if (!(error instanceof StatesError)) throw error;
      const isOver = error instanceof TimeoutError && error.of === run;
      return { status: isOver ? "TIMED_OUT" : "FAILED", error, entered, redrive };
    }
  }
  return runFrom(String(machine["StartAt"]), input);
}

async function runStates(startAt: string, input: unknown, scope: Scope): Promise<unknown> {
  let [data, name]: Step = [input, startAt];
  while (name !== undefined) {
    scope.signal.throwIfAborted();
    const state = scope.states[name] as Fields | undefined;
    const run = TYPES[String(state?.["Type"])];
    if (state === undefined || run === undefined) throw new TypeError(`${name}: unknown state, or unknown type`);
    scope.onEnter(name, data);
    scope.entered.push(name);
    [data, name] = await run(state, data, scope);
    limited(data, `The output of ${scope.entered.at(-1)}`);
  }
  return data;
}

const runMap: RunState = async (state, input, scope) => {
  const { Items, ItemProcessor } = fieldsOf("Map", state, "Type Items ItemProcessor", "Next End");
  const processor = fieldsOf("ItemProcessor", ItemProcessor, "ProcessorConfig StartAt States");
  const { Mode } = fieldsOf("ProcessorConfig", processor["ProcessorConfig"], "Mode");
  if (Mode !== "INLINE") throw new TypeError(`${Mode}: unknown`);
  const items = limited(await evaluate(Items, { input, context: scope.context }), "Items");
  if (!Array.isArray(items)) throw new StatesError("States.QueryEvaluationError", "Items is not a list");
  if (items.length > MAX_ITERATIONS) throw new TypeError(`${items.length} iterations, which do not all run at once`);
  const stop = new AbortController();
  const signal = AbortSignal.any([scope.signal, stop.signal]);
  // Each iteration listens, and Node.js warns of more than ten listeners.
  setMaxListeners(0, signal);
  const iterations = items.map((item, Index) => {
    const context = { ...scope.context, Map: { Item: { Index, Value: item } } };
    const states = processor["States"] as Fields;
    const own = { ...scope, states, context, signal, onEnter: () => {} };
    return runStates(String(processor["StartAt"]), item, own);
  });
  try {
    return [await Promise.all(iterations), nextOf(state)];
  } finally {
    // One iteration that fails ends the others.
    stop.abort();
  }
};

/** An inline Map runs no more iterations at the same time. */
const MAX_ITERATIONS = 40;

const runTask: RunState = async (state, input, scope) => {
  const required = "Type Resource Arguments Output TimeoutSeconds Retry";
  const task = fieldsOf("Task", state, required, "Catch Next End");
  const { context, clock, random, signal, entered } = scope;
  if (!INVOKE.test(String(task["Resource"]))) throw new TypeError(`${task["Resource"]}: unknown`);
  const args = fieldsOf("Arguments", task["Arguments"], "FunctionName Payload");
  const retry = nextAttempt(task["Retry"], random);
  for (;;) {
    try {
      const { FunctionName, Payload } = limited(await evaluate(args, { input, context }), "Arguments") as Fields;
      const invoke = () => scope.invoke(String(FunctionName), Payload);
      const answer = await within(task["TimeoutSeconds"], clock, invoke, signal);
      const result = limited({ ExecutedVersion: "$LATEST", Payload: answer, StatusCode: 200 }, "The result");
      return [await evaluate(task["Output"], { input, context, result }), nextOf(state)];
    } catch (thrown) {
      if (!(thrown instanceof StatesError)) throw thrown;
      const delayMs = retry(thrown.error);
      if (delayMs === undefined) {
        const errorOutput = { Error: thrown.error, Cause: thrown.message };
        const catcher = catcherOf(task["Catch"] ?? [], thrown.error);
        if (catcher === undefined) throw thrown;
        return [await evaluate(catcher["Output"], { input, context, errorOutput }), String(catcher["Next"])];
      }
      await clock.sleep(delayMs, signal);
      entered.push(String(entered.at(-1)));
    }
  }
};

const INVOKE = /^arn:aws[\w-]*:states:::lambda:invoke$/;

function catcherOf(catchers: unknown, error: string): Fields | undefined {
  return (catchers as unknown[])
    .map((catcher) => fieldsOf("Catch", catcher, "ErrorEquals Output Next"))
    .find(({ ErrorEquals }) => matches(ErrorEquals, error));
}

const runChoice: RunState = async (state, input, { context }) => {
  const { Choices, Default } = fieldsOf("Choice", state, "Type Choices Default");
  for (const rule of Choices as unknown[]) {
    const { Condition, Next } = fieldsOf("Choices", rule, "Condition Next");
    const result = await evaluate(Condition, { input, context });
    if (typeof result !== "boolean")
      throw new StatesError("States.QueryEvaluationError", `${Condition}: not a boolean`);
    if (result) return [input, String(Next)];
  }
  return [input, String(Default)];
};

const runWait: RunState = async (state, input, { clock, signal }) => {
  const { Seconds } = fieldsOf("Wait", state, "Type Seconds", "Next End");
  await clock.sleep(Number(Seconds) * 1000, signal);
  return [input, nextOf(state)];
};

const runPass: RunState = async (state, input, { context }) => {
  const { Output } = fieldsOf("Pass", state, "Type Output", "Next End");
  return [await evaluate(Output, { input, context }), nextOf(state)];
};

const runSucceed: RunState = async (state, input) => {
  fieldsOf("Succeed", state, "Type");
  return [input, undefined];
};

const runFail: RunState = async (state, input, { context }) => {
  const { Error: error, Cause } = fieldsOf("Fail", state, "Type Error Cause");
  const [name, cause] = await Promise.all([error, Cause].map((text) => evaluate(text, { input, context })));
  if (typeof name === "string" && typeof cause === "string") throw new StatesError(name, cause);
  throw new StatesError("States.QueryEvaluationError", "Error or Cause is not a text");
};

const TYPES: Readonly<Record<string, RunState>> = {
  Map: runMap,
  Task: runTask,
  Choice: runChoice,
  Wait: runWait,
  Pass: runPass,
  Succeed: runSucceed,
  Fail: runFail,
};

function nextOf({ Next, End }: Fields): string | undefined {
  if ((Next === undefined) === (End === undefined)) throw new TypeError("expected either Next or End");
  return Next === undefined ? undefined : String(Next);
}

class TimeoutError extends StatesError {
  readonly of: unknown;

  constructor(seconds: unknown, of: unknown) {
    super("States.Timeout", `It took more than ${seconds} s`);
    this.of = of;
  }
}

/** @throws TimeoutError if the work takes longer */
async function within<T>(
  seconds: unknown,
  clock: Clock,
  work: (signal: AbortSignal) => Promise<T>,
  outer?: AbortSignal,
): Promise<T> {
  const stop = new AbortController();
  const signal = outer === undefined ? stop.signal : AbortSignal.any([outer, stop.signal]);
  const timeout = clock.sleep(Number(seconds) * 1000, signal).then(() => {
    throw new TimeoutError(seconds, work);
  });
  try {
    return await Promise.race([work(signal), timeout]);
  } finally {
    stop.abort();
  }
}
