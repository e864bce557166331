import type { SnapshotResult } from "../../../core/domain/run-result.ts";
import type { RunProgress } from "../../../core/domain/run-step.ts";
import type { RunRequest } from "../../../core/snapshot/run.ts";
import {
  isCounted,
  MAX_FAILED_IDS,
  missingAccounts,
  progressAfter,
  progressOf,
  totalAccounts,
  totalCounts,
} from "../../../core/snapshot/run-progress.ts";
import { describe, expect, it } from "../../support/jest.ts";

const IDS = [..."abcdef"];
const NONE = progressOf({});
const RUN = { dryRun: false } as RunRequest;
const DRY = { dryRun: true } as RunRequest;

const resultOf = (accountId: string, outcome: SnapshotResult["outcome"], more: object = {}): SnapshotResult => ({
  ...{ accountId, outcome, ...more },
});
const withFailed = (failed: number, ...failedIds: string[]): RunProgress => ({ ...NONE, failed, failedIds });
const missing = (taken: Parameters<typeof missingAccounts>[1], request = RUN) =>
  missingAccounts(
    IDS.map((accountId) => ({ accountId })),
    taken,
    request,
  )
    .map(({ accountId }) => accountId)
    .join("");

describe("the progress of a run", () => {
  it.each([
    ["", {}],
    ["abcdef", { first: "c", progress: NONE }],
    ["abc", { first: "a", after: "c", progress: NONE }],
    ["cde", { first: "c", after: "e", progress: NONE }],
    ["acdef", { first: "c", after: "a", progress: NONE }],
    // Accounts that are no longer listed.
    ["ef", { first: "dd", after: "g", progress: NONE }],
    ["adef", { first: "cc", after: "aa", progress: NONE }],
  ])('counts the accounts "%s"', (expected, taken) => {
    expect(IDS.filter((id) => isCounted(taken, id)).join("")).toBe(expected);
  });

  it.each<[string, Parameters<typeof missingAccounts>[1], RunRequest, string]>([
    ["all accounts before the first step", {}, RUN, "abcdef"],
    ["nothing if no account failed", { first: "c", progress: NONE }, RUN, ""],
    ["those behind the last one", { first: "c", after: "f", progress: NONE }, RUN, "ab"],
    ["those that failed", { first: "c", progress: withFailed(2, "d", "a") }, RUN, "ad"],
    [
      "those that failed, and those behind the last one",
      { first: "c", after: "f", progress: withFailed(1, "d") },
      RUN,
      "abd",
    ],
    ["all after the last listed one, if others failed", { first: "c", progress: withFailed(3, "d", "f") }, RUN, "abdf"],
    ["in a dry run, none that failed", { first: "c", after: "f", progress: withFailed(3, "d") }, DRY, "ab"],
  ])("leaves for the last step %s", (_, taken, request, expected) => {
    expect(missing(taken, request)).toBe(expected);
  });

  it("adds up what invocations have done, and of accounts that the next one finds complete only what it read", () => {
    const [early, late] = ["2026-11-23T10:00:01.000Z", "2026-11-23T10:00:02.000Z"];
    const notices = [{ kind: "vanished", asset: "btc", last: "1" }] as const;
    const reached = [
      resultOf("a", "complete", { pages: 2, capturedAt: late, notices, noticesLeftOut: 1 }),
      resultOf("b", "failed", { keyFailed: true }),
      resultOf("c", "alreadyComplete", { pages: 7, capturedAt: early }),
    ];
    const ahead = [resultOf("e", "complete", { pages: 3, notices }), resultOf("f", "failed", { keyFailed: true })];

    const once = progressAfter(NONE, reached, ahead, { warnings: 1, durationMs: 10 });
    const twice = progressAfter(once, [resultOf("d", "failed")], [], { warnings: 2, durationMs: 20 });

    expect(once).toEqual({
      ...{ complete: 1, alreadyComplete: 1, failed: 1, failedIds: ["b"], oldestCapturedAt: early },
      ...{ pages: 5, notices: 3, warnings: 1, keyFailures: 1, durationMs: 10 },
    });
    expect(twice).toEqual({ ...once, failed: 2, failedIds: ["b", "d"], warnings: 3, durationMs: 30 });
  });

  it("lists a limited number of failed accounts, and counts all", () => {
    const failed = Array.from({ length: MAX_FAILED_IDS + 5 }, (_, at) => resultOf(`a${at}`, "failed"));

    const { failedIds = [], ...counts } = progressAfter(NONE, failed, [], { warnings: 0, durationMs: 0 });

    expect([failedIds.length, failedIds.at(-1)]).toEqual([MAX_FAILED_IDS, `a${MAX_FAILED_IDS - 1}`]);
    expect(counts.failed).toBe(MAX_FAILED_IDS + 5);
  });

  const taken = { first: "a", after: "d", progress: { ...withFailed(2, "b", "c"), complete: 1, alreadyComplete: 1 } };
  it.each<[string, readonly SnapshotResult[], readonly string[], RunRequest, readonly number[]]>([
    ["both are taken", [resultOf("b", "complete"), resultOf("c", "complete")], [], RUN, [3, 1, 0]],
    ["one failed again", [resultOf("b", "failed"), resultOf("c", "complete")], [], RUN, [2, 1, 1]],
    [
      "an earlier attempt has taken one",
      [resultOf("b", "alreadyComplete"), resultOf("c", "complete")],
      [],
      RUN,
      [2, 2, 0],
    ],
    ["one was not reached", [resultOf("b", "complete")], ["c"], RUN, [2, 1, 1]],
    ["more were not reached than had failed", [], ["a", "b", "c"], RUN, [1, 1, 2]],
    [
      "others were taken for the first time",
      [resultOf("e", "complete"), resultOf("f", "failed")],
      ["b", "c"],
      RUN,
      [2, 1, 3],
    ],
    ["it is a dry run", [resultOf("e", "complete")], [], DRY, [2, 1, 2]],
  ])("has the totals of all accounts if %s", (_, results, left, request, [complete, alreadyComplete, failed]) => {
    expect(totalAccounts(taken, results, left, request)).toEqual({ complete, alreadyComplete, failed });
  });

  it("counts an account that the key failed twice once", () => {
    const counts = { pages: 1, notices: 2, warnings: 3, keyFailures: 4 };

    expect(totalCounts(counts, { ...counts, keyFailures: 5 })).toEqual({
      pages: 2,
      notices: 4,
      warnings: 6,
      keyFailures: 5,
    });
  });
});
