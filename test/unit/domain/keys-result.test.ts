import { JobError, KeyError } from "../../../core/domain/errors.ts";
import { answerOf, type KeyOutcome, type KeysResult } from "../../../core/domain/keys-result.ts";
import { completeResult, failedResult } from "../../../core/domain/run-result.ts";
import { describe, expect, it } from "../../support/jest.ts";
import { ACCOUNT, runResultOf, SLOT, snapshotWith } from "./snapshots.ts";

const complete = completeResult("complete", snapshotWith({}));
const failed = failedResult(ACCOUNT, new JobError("api_timeout", "GET /x: no response.", { suggestedFix: "Wait." }));
const whole = (key: string, count = 1): KeyOutcome => ({
  key,
  result: runResultOf(Array(count).fill(complete), { key }),
});
const partial = (key: string, count = 1): KeyOutcome => ({
  key,
  result: runResultOf([complete, ...Array(count).fill(failed)], { key }),
});
const EMPTY = new KeyError("key_empty", "The key is empty.", { suggestedFix: "Store it.", correlationId: "c-1" });

describe("the answer for one key", () => {
  it("is the result of its run, or what its run threw", () => {
    const [result, bug] = [runResultOf([complete]), new TypeError("a bug")];

    expect(answerOf([{ key: undefined, result }])).toBe(result);
    expect(() => answerOf([{ key: undefined, error: bug }])).toThrow(bug);
    expect(() => answerOf([{ key: undefined, result: runResultOf([failed]) }])).toThrow(
      /^1 of 1 account has no snapshot/,
    );
  });

  it("names the key, if it has a name", () => {
    const named = { ...{ code: "key_empty", name: "KeyError", suggestedFix: "Store it.", correlationId: "c-1" } };

    expect(() => answerOf([{ key: "us", error: EMPTY }])).toThrow(
      expect.objectContaining({ ...named, message: "Key us: The key is empty.", cause: EMPTY }),
    );
    expect(() => answerOf([partial("us")])).toThrow(/^Key us: 1 of 2 accounts has no snapshot for slot /);
  });
});

describe("the answer for several keys", () => {
  it("has the sum and the result of each", () => {
    const answer = answerOf([whole("emea", 2), whole("us")]);

    expect(answer).toEqual({
      accounts: { complete: 3, alreadyComplete: 0, failed: 0 },
      keys: { emea: whole("emea", 2).result, us: whole("us").result },
    });
  });

  it("is an error that names each key that failed, and why", () => {
    const outcomes = [whole("emea"), partial("prime"), { key: "us", error: EMPTY }];

    expect(() => answerOf(outcomes)).toThrow(
      expect.objectContaining({
        code: "run_failed",
        name: "RunFailedError",
        message: [
          "2 of 3 keys failed.",
          `prime: 1 of 2 accounts has no snapshot for slot ${SLOT}.`,
          `${ACCOUNT}: api_timeout: GET /x: no response. Wait.`,
          "us: key_empty: The key is empty. Store it.",
          "The snapshots of all other keys are stored. A retry takes the missing snapshots only.",
        ].join("\n"),
      }),
    );
  });

  it("has at most the size of that for one, and counts what it leaves out", () => {
    const names = Array.from({ length: 20 }, (_, at) => `key-${at}`);
    const long = new JobError("x", "y".repeat(20_000), { suggestedFix: "z".repeat(5_000) });

    const { keys } = answerOf(names.map((name) => whole(name, 500))) as KeysResult;
    const error = (outcome: (key: string) => KeyOutcome) => {
      try {
        return answerOf(names.map(outcome));
      } catch (thrown) {
        return (thrown as Error).message;
      }
    };

    const { snapshots = [], snapshotsLeftOut = 0 } = keys["key-7"] ?? {};
    expect(Buffer.byteLength(JSON.stringify(keys))).toBeLessThan(256 * 1024);
    expect(snapshots.length).toBeGreaterThan(10);
    expect(snapshots.length + snapshotsLeftOut).toBe(500);
    for (const message of [error((key) => ({ key, error: long })), error((key) => partial(key, 50))]) {
      for (const name of names) expect(message).toContain(`\n${name}: `);
      expect(message).toMatch(/\nA retry takes the missing snapshots only\.$/);
    }
  });
});
