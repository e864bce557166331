import { InputError, StoreError } from "../../../core/domain/errors.ts";
import { withFixInMessage } from "../../../lambda/invocation-error.ts";
import { parseEvent } from "../../../lambda/snapshot/event.ts";
import { deep } from "../../fuzz/texts.ts";
import { describe, expect, it } from "../../support/jest.ts";

const ID = "account_af2937b0-9846-4fe7-bfe9-ccc22d935114";
const OTHER_ID = "account_00000000-9846-4fe7-bfe9-ccc22d935114";
const NOW = Date.parse("2026-11-23T10:20:30.456Z");

function problemsOf(event: unknown, configured: readonly string[] | "all" = "all"): readonly string[] {
  try {
    parseEvent(event, [{ accounts: configured }], NOW);
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(InputError);
    expect((thrown as InputError).code).toBe("event_invalid");
    return (thrown as InputError).problems;
  }
  return [];
}

/** Returns the request of the only key's run. */
function requestFor(event: unknown, accounts: readonly string[] | "all") {
  const { runs } = parseEvent(event, [{ accounts }], NOW);
  expect(runs).toEqual([{ key: undefined, request: expect.anything() }]);
  return runs[0]?.request;
}

describe("parseEvent", () => {
  const slot = "2026-11-23T10:00:00.000Z";
  const manual = { slot: "2026-11-23T10:20:30.456Z", trigger: "manual", dryRun: false, accounts: [OTHER_ID, ID] };

  it.each<[string, unknown, object]>([
    ["an empty object", {}, {}],
    ["nothing", undefined, {}],
    ["a scheduled time", { scheduledTime: "2026-11-23T10:00:00Z" }, { slot, trigger: "schedule" }],
    ["a scheduled time with a fraction", { scheduledTime: "2026-11-23T10:00:00.0Z" }, { slot, trigger: "schedule" }],
    ["no dry run", { dryRun: false }, {}],
    ["an account that is named twice", { accounts: [ID, OTHER_ID, ID] }, { accounts: [ID, OTHER_ID] }],
    [
      "all of them",
      { scheduledTime: slot, accounts: [ID], dryRun: true },
      { slot, trigger: "schedule", dryRun: true, accounts: [ID] },
    ],
  ])("returns the run request for %s", (_, event, changes) => {
    expect(requestFor(event, [OTHER_ID, ID])).toEqual({ ...manual, ...changes });
  });

  const request = { FunctionName: "arn:aws:lambda:eu-central-1:1:function:x", InvocationType: "Event" };

  it.each<[string, unknown, object]>([
    ["JSON in a string", '{"scheduledTime":"2026-11-23T10:00:00Z"}', { slot, trigger: "schedule" }],
    ["an object", { scheduledTime: "2026-11-23T10:00:00Z" }, { slot, trigger: "schedule" }],
    ["a manual event", "{}", {}],
  ])(
    "returns the run request for a dead letter of EventBridge Scheduler whose payload is %s",
    (_, Payload, changes) => {
      expect(requestFor({ ...request, Payload }, [OTHER_ID, ID])).toEqual({ ...manual, ...changes });
    },
  );

  it.each<[string, object]>([
    [
      "as AWS's API writes it",
      { stateMachineArn: "arn:…", input: '{"scheduledTime":"2026-11-23T10:00:00Z"}', name: "x" },
    ],
    ["with capitals", { StateMachineArn: "arn:…", Input: { scheduledTime: "2026-11-23T10:00:00Z" } }],
  ])(
    "returns the run request for a request to start an execution, %s, and the step that is added to it",
    (_, event) => {
      const step = { name: "take", startedAt: "2026-11-23T10:20:00.000Z" };

      expect(requestFor(event, [OTHER_ID, ID])).toEqual({ ...manual, slot, trigger: "schedule" });
      expect(requestFor({ ...event, step }, [OTHER_ID, ID])).toEqual({ ...manual, slot, trigger: "schedule" });
      expect(parseEvent({ ...event, step }, [{ accounts: "all" }], NOW).step).toEqual(step);
      expect(problemsOf({ ...event, Input: "{", input: "{" })[0]).toMatch(
        /^The event is a request to start an execution, but its Input is not a JSON object\. Expected \{\}, /,
      );
      expect(problemsOf({ ...event, dryRun: true })[0]).toContain('field "');
    },
  );

  it.each([['{"scheduledTime":'], ["eyJkcnlSdW4iOnRydWV9"], ['"text"'], ["null"], [""], [null], [7], [undefined]])(
    "rejects a dead letter with the payload %j, which is no object",
    (Payload) => {
      const problem = expect.stringMatching(
        /^The event is a request .* its Payload is not a JSON object\. Expected \{\}, /,
      );

      expect(problemsOf({ ...request, Payload })).toEqual([problem]);
    },
  );

  it.each([
    ['{"detail":{}}', "detail"],
    [JSON.stringify({ ...request, Payload: "{}" }), "FunctionName"],
  ])("rejects the dead letter of another schedule, with the payload %j", (Payload, field) => {
    expect(problemsOf({ ...request, Payload })[0]).toContain(`The event's field "${field}" is unknown.`);
  });

  const NO_INSTANTS = [
    ..."2026-11-23 2026-02-30T10:00:00Z 2026-11-23T24:00:00Z 2026-11-23T10:00:00 2026-11-23T10:00:00+01:00".split(" "),
    ...["<aws.scheduler.scheduled-time>", " 2026-11-23T10:00:00Z", "+002026-11-23T10:00:00Z"],
  ];
  const NO_ACCOUNTS = [null, 7, {}, [ID], "", ` ${ID}`, `${ID}\n`, `${ID}/../../x`, ID.toUpperCase(), "account_1"];

  it.each<[field: string, values: unknown[], words: string]>([
    ["scheduledTime", [null, 7, true, "", [], {}, ...NO_INSTANTS], "scheduledTime is "],
    ["dryRun", [null, 0, 1, "", "true", [], {}], "dryRun is "],
    ["accounts", [null, 7, true, "", ID, {}, []], "accounts is "],
    ["accounts", NO_ACCOUNTS.map((id) => [id]), "accounts contain "],
    ["", [1], 'field "" is unknown'],
    ["dryrun", [true], 'field "dryrun" is unknown'],
    ["constructor", [1], 'field "constructor" is unknown'],
    ["__proto__", [{ dryRun: true }], 'field "__proto__" is unknown'],
  ])("rejects for the field %j each of %j", (field, values, words) => {
    for (const value of values) {
      expect(problemsOf({ [field]: value })).toEqual([expect.stringContaining(`The event's ${words}`)]);
    }
  });

  it("reports all problems at once", () => {
    const problems = problemsOf({ scheduledTime: "now", dryRun: "yes", accounts: ["x", OTHER_ID, ID], what: 1 }, [ID]);

    expect(problems).toEqual([
      expect.stringContaining('"what" is unknown'),
      expect.stringContaining('scheduledTime is "now". Expected an instant in UTC such as "2026-11-23T10:00:00Z"'),
      expect.stringContaining('dryRun is "yes". Expected true or false.'),
      expect.stringContaining('accounts contain "x", which is not a valid account id.'),
      `The event's accounts contain ${OTHER_ID}, which is not one of the configured accounts.`,
    ]);
  });

  it("reports at most ten problems, and how many more there are", () => {
    const problems = problemsOf({ accounts: Array.from({ length: 1_000 }, (_, at) => `account_${at}`) });

    expect(problems).toHaveLength(11);
    expect(problems.at(-1)).toBe("The event has 990 more problems.");
  });

  it.each([["a string"], [0], [false], [""], [[{}]]])("rejects %j, which is not an object", (event) => {
    expect(problemsOf(event)).toEqual([expect.stringMatching(/^The event is not a JSON object\. Expected \{\}/)]);
  });

  it.each([
    ["a large value", { dryRun: "x".repeat(100_000) }, "dryRun "],
    ["a large key", { ["x".repeat(100_000)]: 1 }, 'field "xxx'],
    ["a value that is too deep for recursion", { dryRun: deep(20_000) }, "dryRun "],
    ["a time that is too deep", { scheduledTime: deep(20_000) }, "scheduledTime "],
    ["accounts that are too deep", { accounts: deep(20_000) }, "accounts "],
  ])("describes %s in a few words", (_, event, words) => {
    const problems = problemsOf(event).join("\n");

    expect(problems).toContain(`The event's ${words}`);
    expect(problems.length).toBeLessThan(5_000);
  });
});

const failingWith = (error: unknown) => () => Promise.reject(error);

describe("withFixInMessage", () => {
  it("throws a JobError with its suggested fix in the message", async () => {
    const details = { suggestedFix: "Check the name.", correlationId: "c-1" };
    const cause = new StoreError("table_unavailable", "The table could not be read.", details);

    await expect(withFixInMessage(failingWith(cause))).rejects.toMatchObject({
      name: "StoreError",
      code: "table_unavailable",
      message: "The table could not be read. Check the name.",
      correlationId: "c-1",
      cause,
    });
  });

  it("throws an error without a suggested fix unchanged", async () => {
    const thrown = new StoreError("table_unavailable", "no");

    await expect(withFixInMessage(failingWith(thrown))).rejects.toBe(thrown);
  });
});
