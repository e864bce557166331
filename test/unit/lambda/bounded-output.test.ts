import fc from "fast-check";
import { JobError } from "../../../core/domain/errors.ts";
import type { Notice } from "../../../core/domain/notices.ts";
import type { Telemetry } from "../../../core/domain/ports.ts";
import {
  completeResult,
  errorFields,
  failedResult,
  runFailedError,
  runResult,
} from "../../../core/domain/run-result.ts";
import type { SnapshotSummary } from "../../../core/domain/snapshot.ts";
import { fuzz } from "../../fuzz/fuzz.ts";
import { hostileText } from "../../fuzz/texts.ts";
import { emissionOf } from "../../support/emission.ts";
import { describe, expect, it } from "../../support/jest.ts";
import { ACCOUNT, accountsOf, figuresOf, SLOT, snapshotWith } from "../domain/snapshots.ts";

/**
 * A log event holds 256 KB, of which CloudWatch needs 26 bytes.
 * Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
 */
const MAX_EVENT_BYTES = 256 * 1024 - 26;
const MAX_RESULT_BYTES = 256 * 1024;

const bytesOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value));
const run = { slot: SLOT, trigger: "schedule", dryRun: false, durationMs: 1, accounts: accountsOf([]) } as const;

/** Returns the size of the longest line that the telemetry logs. */
function longestLine(report: (telemetry: Required<Telemetry>) => void): number {
  return Math.max(0, ...emissionOf(report).logs.map(bytesOf));
}

/** Returns the line that Lambda's runtime logs for an error that a handler throws. */
function runtimeLine(error: JobError): object {
  const { name: errorType, message: errorMessage, stack = "" } = error;
  return { errorType, errorMessage, stack: stack.split("\n"), ...error };
}

function noticesOf(count: number, asset = "btc"): Notice[] {
  return Array.from({ length: count }, (_, at) => ({ kind: "vanished", asset: `${asset}${at}`, last: "1.5" }));
}

describe("the result and the log lines of a run", () => {
  it("count the notices that are left out of a list of 5,000", () => {
    const result = completeResult("complete", snapshotWith({}), noticesOf(5_000));

    expect(result.notices?.[0]).toEqual({ kind: "vanished", asset: "btc0", last: "1.5" });
    expect((result.notices?.length ?? 0) + (result.noticesLeftOut ?? 0)).toBe(5_000);
    expect(longestLine((telemetry) => telemetry.accountEnded(SLOT, result, 1))).toBeLessThan(20_000);
  });

  it("show every account of a run of 300, and the failed ones first of a run of 5,000", () => {
    const complete = completeResult("complete", snapshotWith({ btc: { btc: ["1", "1"], usd: ["1", "1"] } }));
    const failed = failedResult(ACCOUNT, new JobError("api_timeout", "GET /x: no response within 10000 ms."), null);
    const results = (count: number) => Array.from({ length: count }, (_, at) => (at % 50 === 49 ? failed : complete));

    const [small, large] = [runResult(run, results(300)), runResult(run, results(5_000))];

    expect(small.snapshots).toHaveLength(300);
    expect(small).not.toHaveProperty("snapshotsLeftOut");
    expect(large.snapshots.slice(0, 100)).toEqual(Array(100).fill(failed));
    expect(large.snapshots.length + (large.snapshotsLeftOut ?? 0)).toBe(5_000);
  });

  it("count the accounts that ended and are left out", () => {
    const ended = Array.from({ length: 5_000 }, () => ({ accountId: ACCOUNT, reason: "It is gone." }));

    const result = runResult(run, [], ended);

    expect((result.ended?.length ?? 0) + (result.endedLeftOut ?? 0)).toBe(5_000);
    expect(bytesOf(result)).toBeLessThan(30_000);
  });

  /** Texts as the API, the table and AWS may send them, some very long. */
  const text = fc
    .tuple(hostileText, fc.constantFrom(1, 1, 1, 10, 100))
    .map(([text, times]) => text.repeat(times).slice(0, 20_000));
  const count = fc.constantFrom(0, 1, 30, 1_000, 6_000);
  const anything = fc.record({
    denominations: fc.array(text, { maxLength: 50 }),
    ...{ asset: text, amount: text, message: text, suggestedFix: text, notices: count, accounts: count },
  });
  fuzz("fit into a log event, and into 256 KB, whatever the accounts hold", 60, anything, (given) => {
    const { denominations, asset, amount, notices, accounts } = given;
    const total = { total: amount, available: amount, covers: 1, of: 1 };
    const totals = new Map(denominations.map((denomination) => [denomination, total]));
    const summary: SnapshotSummary = { ...snapshotWith({}), totals };
    const error = new JobError("api_other", given.message, { suggestedFix: given.suggestedFix });
    const complete = completeResult("complete", summary, noticesOf(notices, asset));
    const failed = failedResult(ACCOUNT, error, SLOT);
    const notReached = { count: accounts, first: ACCOUNT, last: ACCOUNT, error: errorFields(error) };

    const all = Array.from({ length: accounts }, (_, at) => (at % 2 === 0 ? complete : failed));
    const ended = all.map(() => ({ accountId: ACCOUNT, reason: "The API does not find it." }));
    const result = runResult({ ...run, accounts: accountsOf(all) }, all, ended, notReached);

    expect(bytesOf(result)).toBeLessThanOrEqual(MAX_RESULT_BYTES);
    expect(bytesOf(runtimeLine(runFailedError(result)))).toBeLessThanOrEqual(MAX_EVENT_BYTES);
    expect(bytesOf(runtimeLine(error))).toBeLessThanOrEqual(MAX_EVENT_BYTES);
    const longest = longestLine((telemetry) => {
      telemetry.accountEnded(SLOT, complete, 1);
      telemetry.accountEnded(SLOT, failed, 1);
      telemetry.warning("Something failed", error, { accountId: ACCOUNT, slot: SLOT });
      telemetry.runEnded(result, figuresOf());
      telemetry.runAborted(SLOT, error, false, 0);
    });
    expect(longest).toBeLessThanOrEqual(MAX_EVENT_BYTES);
  });
});
