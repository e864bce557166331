import { describe, expect, it } from "../support/jest.ts";
import { execute, type StateMachineDependencies } from "../support/states-language/interpreter.ts";
import { type Fields, StatesError } from "../support/states-language/values.ts";
import { virtualClock } from "../support/virtual-clock.ts";

const RETRIER = { IntervalSeconds: 1, BackoffRate: 2, MaxAttempts: 2, MaxDelaySeconds: 60, JitterStrategy: "NONE" };
const TASK = {
  Type: "Task",
  Resource: "arn:aws:states:::lambda:invoke",
  Arguments: { FunctionName: "fn", Payload: "{% $states.input %}" },
  Output: "{% $states.result.Payload %}",
  TimeoutSeconds: 60,
  Retry: [],
  End: true,
};

const machine = (States: Fields, StartAt = "First") => ({
  QueryLanguage: "JSONata",
  TimeoutSeconds: 3600,
  StartAt,
  States,
});
const pass = (Output: unknown) => machine({ First: { Type: "Pass", Output, End: true } });
const map = (Items: unknown, state: Fields, Mode = "INLINE") => ({
  Type: "Map",
  Items,
  ItemProcessor: { ProcessorConfig: { Mode }, StartAt: "One", States: { One: state } },
  End: true,
});

/** Runs a definition. Returns the execution, how long it took in seconds, and the events that the function got. */
async function run(
  definition: unknown,
  input: unknown = {},
  invoke: StateMachineDependencies["invoke"] = async (_, event) => event,
  random?: () => number,
) {
  const clock = virtualClock();
  const startedAt = clock.now();
  const events: { readonly event: unknown; readonly atSeconds: number }[] = [];
  const execution = await clock.run(() =>
    execute(definition, input, {
      clock,
      ...(random && { random }),
      invoke: (name, event) => {
        events.push({ event, atSeconds: (clock.now() - startedAt) / 1000 });
        return invoke(name, event);
      },
    }),
  );
  return { ...execution, seconds: (clock.now() - startedAt) / 1000, events };
}

const failing = (error: string) => async () => {
  throw new StatesError(error, "It failed.");
};

describe("the interpreter of the States Language", () => {
  it.each([
    ["a type", machine({ First: { Type: "Parallel", End: true } })],
    ["a field of a state", machine({ First: { Type: "Pass", Output: 1, ResultPath: "$", End: true } })],
    ["a field of the arguments", machine({ First: { ...TASK, Arguments: { ...TASK.Arguments, Qualifier: "1" } } })],
    ["a service", machine({ First: { ...TASK, Resource: "arn:aws:states:::sqs:sendMessage" } })],
    ["a state", machine({ First: { Type: "Wait", Seconds: 1, Next: "Second" } })],
    ["an expression", pass("{% $eval('1') %}")],
    ["a mode of a map", machine({ First: map([1], TASK, "DISTRIBUTED") })],
  ])("throws on %s that it does not know", async (_, definition) => {
    await expect(run(definition, {}, failing("A"))).rejects.toThrow(TypeError);
  });

  it("throws on a missing field, and on a state with both Next and End or neither", async () => {
    await expect(run(machine({ First: { Type: "Wait", End: true } }))).rejects.toThrow("Wait: without Seconds");
    await expect(run(machine({ First: { Type: "Pass", Output: 1 } }))).rejects.toThrow("either Next or End");
    await expect(run(machine({ First: { Type: "Pass", Output: 1, Next: "First", End: true } }))).rejects.toThrow(
      "either Next or End",
    );
  });

  it("replaces a sequence of one value by the value, as JSONata does, unless it is in square brackets", async () => {
    const input = { list: [7] };

    expect((await run(pass("{% $map($states.input.list, function($n) { $n }) %}"), input)).output).toBe(7);
    expect((await run(pass("{% [$map($states.input.list, function($n) { $n })] %}"), input)).output).toEqual([7]);
    expect((await run(pass("{% $states.input.list %}"), input)).output).toEqual([7]);
    expect((await run(pass('{% {"list": $states.input.list} %}'), input)).output).toEqual({ list: [7] });
  });

  it.each([
    ["fails", "{% $states.input + 1 %}"],
    ["returns nothing", "{% $states.input.unknown %}"],
  ])("fails the execution if an expression %s", async (_, expression) => {
    expect(await run(pass(expression))).toMatchObject({
      status: "FAILED",
      error: { error: "States.QueryEvaluationError" },
    });
  });

  it.each([
    ["States.ALL", "Sandbox.Timedout", true],
    ["States.ALL", "States.Timeout", true],
    ["States.ALL", "States.DataLimitExceeded", false],
    ["States.TaskFailed", "RunFailedError", true],
    ["States.TaskFailed", "States.Timeout", false],
    ["RunFailedError", "RunFailedError", true],
    ["RunFailedError", "KeyError", false],
  ])("catches, with %s, the error %s: %s", async (pattern, name, isCaught) => {
    const Catch = [{ ErrorEquals: [pattern], Output: "{% $states.errorOutput %}", Next: "Caught" }];
    const states = { First: { ...TASK, Catch }, Caught: { Type: "Pass", Output: "{% $states.input %}", End: true } };

    const { status, output } = await run(machine(states), {}, failing(name));

    expect(status).toBe(isCaught ? "SUCCEEDED" : "FAILED");
    if (isCaught) expect(output).toEqual({ Error: name, Cause: "It failed." });
  });

  it("never retries an error whose retrier makes no attempts, and requires delays of others", async () => {
    const never = { ErrorEquals: ["A"], MaxAttempts: 0 };
    const Retry = [never, { ...RETRIER, ErrorEquals: ["States.ALL"] }];

    const { status, events } = await run(machine({ First: { ...TASK, Retry } }), {}, failing("A"));

    expect({ status, attempts: events.length }).toEqual({ status: "FAILED", attempts: 1 });
    await expect(
      run(machine({ First: { ...TASK, Retry: [{ ...never, MaxAttempts: 1 }] } }), {}, failing("A")),
    ).rejects.toThrow("without IntervalSeconds");
  });

  it("accepts the wildcard only alone and in the last retrier", async () => {
    const retry = (...lists: string[][]) => lists.map((ErrorEquals) => ({ ...RETRIER, ErrorEquals }));
    const first = machine({ First: { ...TASK, Retry: retry(["States.ALL"], ["A"]) } });
    const both = machine({ First: { ...TASK, Retry: retry(["States.ALL", "A"]) } });

    await expect(run(first, {}, failing("A"))).rejects.toThrow("not in the last retrier");
    await expect(run(both, {}, failing("A"))).rejects.toThrow("not alone");
  });

  it("gives a task up after its time, and an execution after its own", async () => {
    const never = () => new Promise(() => {});
    const slow = { ...machine({ First: { ...TASK, TimeoutSeconds: 60 } }), TimeoutSeconds: 61 };
    const slower = { ...slow, TimeoutSeconds: 59 };

    expect(await run(slow, {}, never)).toMatchObject({
      status: "FAILED",
      error: { error: "States.Timeout" },
      seconds: 60,
    });
    expect(await run(slower, {}, never)).toMatchObject({ status: "TIMED_OUT", seconds: 59 });
  });
});
