import { parseStep } from "../../../lambda/snapshot/step.ts";
import { describe, expect, it } from "../../support/jest.ts";

const [A, B] = [0, 1].map((at) => `account_0000000${at}-9846-4fe7-bfe9-ccc22d935114`) as [string, string];
const startedAt = "2026-11-23T10:00:00.500Z";
const NOW = Date.parse("2026-11-23T10:20:30.456Z");

const PROGRESS = {
  ...{ complete: 2, alreadyComplete: 1, failed: 1, failedIds: [A], oldestCapturedAt: "2026-11-23T10:00:01.000Z" },
  ...{ pages: 3, notices: 0, warnings: 1, keyFailures: 1, durationMs: 5_000 },
};
const NOTHING = {
  ...{ complete: 0, alreadyComplete: 0, failed: 0 },
  ...{ pages: 0, notices: 0, warnings: 0, keyFailures: 0, durationMs: 10 },
};
const FIRST = { name: "take", key: "emea", startedAt };
const NEXT = { ...FIRST, first: B, after: A, progress: PROGRESS };
const { after: _, ...LAST } = NEXT;
const FAILED = { ...NEXT, key: "us", error: { Error: "KeyError", Cause: "{}" } };
const FINISH = { name: "finish", startedAt, taken: [LAST, FAILED] };

const problemsOf = (given: unknown) => parseStep(given, NOW).problems;
const withProgress = (changes: object) => ({ ...NEXT, progress: { ...PROGRESS, ...changes } });
const withTaken = (...taken: unknown[]) => ({ ...FINISH, taken });

describe("the step of an event", () => {
  it.each<[string, object]>([
    ["the first one", FIRST],
    ["that of a key without a name", { name: "take", startedAt }],
    ["one that continues", NEXT],
    [
      "one after which nothing was counted",
      withProgress({ complete: 0, alreadyComplete: 0, oldestCapturedAt: undefined }),
    ],
    ["the last one", FINISH],
    ["the last one, of a key whose first step failed", withTaken({ ...FIRST, error: { Error: "States.Timeout" } })],
    ["the last one, of a key that had no accounts", withTaken(FIRST)],
    ["the last one, of a key whose accounts are all listed for others", withTaken({ ...FIRST, progress: NOTHING })],
    ["one that a clock ahead of ours has started", { ...FIRST, startedAt: "2026-11-23T10:21:00.000Z" }],
  ])("is valid: %s", (_, given) => {
    expect(parseStep(given, NOW)).toEqual({ step: given, problems: [] });
  });

  it.each<[string, unknown, string]>([
    ["no object", 7, "step is 7. Expected an object."],
    ["another name", { ...FIRST, name: "took" }, 'step.name is "took". Expected "take".'],
    ["another field", { ...FIRST, what: 1 }, 'step has unknown keys: "what". Remove them.'],
    ["an error that is not the last step's", { ...FIRST, error: { Error: "E" } }, 'unknown keys: "error"'],
    ["a key that is a list", { ...FIRST, key: ["us"] }, "step.key is a list of 1. Expected the name of a key."],
    ["no start", { name: "take" }, "step.startedAt is nothing. Expected an instant in UTC"],
    [
      "a start in the future",
      { ...FIRST, startedAt: "2027-11-23T10:00:00.000Z" },
      'step.startedAt is "2027-11-23T10:00:00.000Z". Expected an instant that is not in the future.',
    ],
    ["a first account without progress", { ...FIRST, first: A }, '"first" and "progress" together, or neither'],
    [
      "progress without a first account",
      withTaken({ ...FIRST, progress: PROGRESS }),
      '"first" and "progress" together, or neither',
    ],
    ["an account without progress", { ...FIRST, after: A }, '"after" and "progress" together, or neither'],
    ["progress without an account", LAST, '"after" and "progress" together, or neither'],
    ["an account that is no id", { ...NEXT, after: "account_1" }, 'step.after is "account_1". Expected an account id.'],
    ["a negative count", withProgress({ pages: -1 }), "step.progress.pages is -1. Expected a whole number from 0."],
    ["a count with a fraction", withProgress({ complete: 0.5 }), "step.progress.complete is 0.5."],
    ["failed accounts without the first one", withProgress({ failedIds: undefined }), '"failedIds" if accounts failed'],
    ["a failed account that is not counted", withProgress({ failed: 0, keyFailures: 0 }), '"failedIds" if accounts'],
    [
      "no oldest snapshot",
      withProgress({ oldestCapturedAt: undefined }),
      '"oldestCapturedAt" if accounts are complete',
    ],
    ["more failures of the key than accounts", withProgress({ keyFailures: 2 }), 'at most as many "keyFailures"'],
    ["no list of taken keys", { ...FINISH, taken: {} }, "step.taken is an object. Expected a list."],
    ["no taken keys", withTaken(), "step.taken is an empty list. Expected the last step of each key."],
    ["a key that was taken twice", withTaken(FAILED, FAILED), "step.taken is a list of 2. Expected each key once."],
    [
      "an account after which nothing is counted",
      withTaken({ ...FIRST, after: A }),
      'step.taken.0 is an object. Expected "progress"',
    ],
    [
      "an error after the last account",
      withTaken({ ...FAILED, after: undefined }),
      'no "error" after the last account',
    ],
    ["an error without a name", withTaken({ ...FAILED, error: {} }), "step.taken.0.error.Error is nothing."],
    [
      "a step of another execution",
      withTaken({ ...LAST, startedAt: "2026-11-23T09:00:00.000Z" }),
      'Expected the same "startedAt" in each of its steps.',
    ],
  ])("is not valid with %s", (_, given, expected) => {
    expect(problemsOf(given)).toEqual([expect.stringMatching(/^The event's step/)]);
    expect(problemsOf(given)[0]).toContain(expected);
  });

  it("has all its problems reported", () => {
    expect(problemsOf({ name: "take", startedAt: 1, after: 2, progress: {} })).toHaveLength(10);
  });
});
