import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { KNOWN_API_CODES } from "../../../core/coinbase/response.ts";
import { ApiError, JobError, KeyError } from "../../../core/domain/errors.ts";
import type { Telemetry } from "../../../core/domain/ports.ts";
import { failedResult, type RunResult, type SnapshotResult } from "../../../core/domain/run-result.ts";
import { CODE_DIMENSION, METRIC_NAMESPACE, METRICS } from "../../../core/names/metrics.ts";
import { type Emission, emissionOf } from "../../support/emission.ts";
import { afterEach, beforeEach, describe, expect, it } from "../../support/jest.ts";
import { replaceEnv } from "../../support/replace-env.ts";
import { figuresOf, runResultOf, SLOT } from "../domain/snapshots.ts";

const FAILURE = new JobError("no_accounts", "There are none.", { suggestedFix: "Check the filters." });

let restoreEnv: () => void;
beforeEach(() => {
  restoreEnv = replaceEnv({ ...process.env });
});
afterEach(() => {
  restoreEnv();
});

const complete = (pages: number): SnapshotResult => ({ accountId: "account_1", outcome: "complete", assets: 3, pages });
const already = (pages: number): SnapshotResult => ({ ...complete(pages), outcome: "alreadyComplete" });
const failed = (code: string): SnapshotResult => ({
  accountId: "account_2",
  outcome: "failed",
  error: { code, message: "It failed." },
});

/** Reports a run over all accounts, as the job does. */
function reportRun(
  telemetry: Required<Telemetry>,
  results: readonly SnapshotResult[],
  oldestCompleteMs?: number,
): void {
  for (const result of results) telemetry.accountEnded(SLOT, result, 1);
  telemetry.runEnded(runResultOf(results), figuresOf(results, { oldestCompleteMs }));
}

/** The values of one metric, in order. */
const eachOf = (name: string, metrics: Emission["metrics"]) =>
  metrics.filter((metric) => metric.name === name).map(({ value }) => value);

describe("the metrics of a run", () => {
  it("report its accounts in the project's namespace, with the service as the dimension", () => {
    process.env["POWERTOOLS_SERVICE_NAME"] = "cdp-balance-snapshots-prod";

    const emission = emissionOf((telemetry) =>
      reportRun(telemetry, [complete(2), already(5), failed("api_timeout")], 7_199_600),
    );

    expect(Object.fromEntries(emission.metrics.map(({ name, value }) => [name, value]))).toEqual({
      [METRICS.accountsComplete]: 2,
      [METRICS.accountsFailed]: 1,
      [METRICS.completeRuns]: 0,
      [METRICS.keyFailures]: 0,
      [METRICS.notices]: 0,
      [METRICS.warnings]: 0,
      [METRICS.pages]: 2,
      [METRICS.duration]: 1234,
      [METRICS.oldestCompleteAge]: 7200,
    });
    const dimensions = { service: "cdp-balance-snapshots-prod" };
    expect(emission.metrics.filter(({ namespace }) => namespace !== METRIC_NAMESPACE)).toEqual([]);
    expect(emission.metrics.map((metric) => metric.dimensions)).toEqual(Array(9).fill(dimensions));
    expect(emission.metrics.filter(({ unit }) => unit !== "Count")).toMatchObject([
      { name: METRICS.duration, unit: "Milliseconds" },
      { name: METRICS.oldestCompleteAge, unit: "Seconds" },
    ]);
  });

  it("count the end of an account as a notice, and log it", () => {
    const ended = [{ accountId: "account_2", reason: "The configuration no longer has the account." }];

    const { metrics, logs } = emissionOf((telemetry) =>
      telemetry.runEnded(
        runResultOf([complete(1)], { ended, endedLeftOut: 2 }),
        figuresOf([], { oldestCompleteMs: 0 }),
      ),
    );

    expect(eachOf(METRICS.notices, metrics)).toEqual([3]);
    expect(logs).toContainEqual(expect.objectContaining({ message: "Account ended", level: "WARN", ...ended[0] }));
  });

  it("count accounts that were not reached as failed, and log them once", () => {
    const error = { code: "not_reached", message: "It was too late." };
    const notReached = { count: 4_000, first: "account_7", last: "account_3", error };
    const accounts = { complete: 1, alreadyComplete: 0, failed: 4_000 };

    const { metrics, logs } = emissionOf((telemetry) =>
      telemetry.runEnded(runResultOf([complete(1)], { accounts, notReached }), figuresOf([], { oldestCompleteMs: 0 })),
    );

    expect(eachOf(METRICS.accountsFailed, metrics)).toEqual([4_000]);
    expect(logs).toMatchObject([
      { message: "Accounts not reached", level: "ERROR", slot: SLOT, ...notReached },
      { message: "Run ended" },
    ]);
  });

  it.each<[string, Partial<RunResult>, number[]]>([
    ["a scheduled run", {}, [1]],
    ["a manual run", { trigger: "manual" }, []],
  ])(
    "before the first key raise only the alarm of the key, with one line in the log: %s",
    (_, changes, completeRuns) => {
      const noKey = { code: "key_not_stored", message: "It has no value yet.", suggestedFix: "Store it." };

      const { metrics, logs } = emissionOf((telemetry) =>
        telemetry.runEnded(runResultOf([], { noKey, ...changes }), figuresOf()),
      );

      const values = [METRICS.keyFailures, METRICS.completeRuns, METRICS.accountsFailed, METRICS.warnings];
      expect(values.map((name) => eachOf(name, metrics))).toEqual([[1], completeRuns, [0], [0]]);
      // It is unknown.
      expect(eachOf(METRICS.oldestCompleteAge, metrics)).toEqual([]);
      expect(logs).toMatchObject([{ level: "WARN", message: "No key yet", slot: SLOT, error: noKey }]);
    },
  );

  it("count notices and warnings", () => {
    const notices = [
      { kind: "unsettled", asset: "eth" },
      { kind: "vanished", asset: "btc", last: "1" },
    ] as const;

    const { metrics } = emissionOf((telemetry) => {
      const results = [{ ...complete(1), notices }, { ...complete(1), notices, noticesLeftOut: 7 }, already(1)];
      telemetry.runEnded(runResultOf(results), figuresOf(results, { warnings: 1 }));
      telemetry.runAborted(SLOT, FAILURE, false, 2);
    });

    expect(eachOf(METRICS.notices, metrics)).toEqual([11]);
    expect(eachOf(METRICS.warnings, metrics)).toEqual([1, 2]);
  });

  it.each<[string, SnapshotResult[], Partial<RunResult>, boolean, number[]]>([
    ["a complete run", [complete(1), already(1)], {}, true, [1]],
    ["a run with a failed account", [complete(1), failed("api_timeout")], {}, true, [0]],
    ["a manual run", [complete(1)], { trigger: "manual" }, true, []],
    ["a run of some accounts", [complete(1)], {}, false, []],
  ])("report whether %s was complete", (_, snapshots, changes, allAccounts, values) => {
    const run = runResultOf(snapshots, changes);

    const { metrics } = emissionOf((telemetry) => telemetry.runEnded(run, figuresOf([], { allAccounts })));

    expect(eachOf(METRICS.completeRuns, metrics)).toEqual(values);
    expect(eachOf(METRICS.accountsComplete, metrics)).toHaveLength(1);
  });

  it("are not emitted for a dry run, nor for its failures after the next run", () => {
    const { logs, metrics } = emissionOf((telemetry) => {
      telemetry.apiFailed(new ApiError("api_timeout", 0, "It failed."));
      telemetry.runEnded(runResultOf([failed("key_empty")], { dryRun: true }), figuresOf());
      telemetry.runAborted(SLOT, new KeyError("key_empty", "It is empty."), true, 0);
      telemetry.runEnded(runResultOf([complete(1)]), figuresOf([], { oldestCompleteMs: 0 }));
    });

    expect(logs).toHaveLength(3);
    expect(eachOf(METRICS.accountsComplete, metrics)).toEqual([1]);
    expect(eachOf(METRICS.apiErrors, metrics)).toEqual([]);
  });
});

describe("key failures", () => {
  const rejection = (code: string, status: number) => new ApiError(code, status, "It refused.");

  it.each<[string, JobError, number]>([
    ["a key_… code", new KeyError("key_unreadable", "It is not readable."), 2],
    ["a 401", rejection("api_unauthorized", 401), 2],
    // A proxy's page, or an empty body.
    ["a 403 without the API's body", rejection("api_not_json", 403), 2],
    ["the same code with another status", rejection("api_not_json", 200), 0],
  ])("count the accounts that failed with %s", (_, error, count) => {
    const refused = failedResult("account_2", error);

    const { metrics } = emissionOf((telemetry) => reportRun(telemetry, [refused, refused, failed("api_timeout")]));

    expect(eachOf(METRICS.keyFailures, metrics)).toEqual([count]);
  });

  it.each<[string, JobError, number]>([
    ["an unusable key", new KeyError("key_empty", "It is empty."), 1],
    ["a rejected key", rejection("api_forbidden", 403), 1],
    ["another reason", FAILURE, 0],
  ])("count a run that %s aborts", (_, error, count) => {
    const { metrics } = emissionOf((telemetry) => telemetry.runAborted(SLOT, error, false, 0));

    expect(eachOf(METRICS.keyFailures, metrics)).toEqual([count]);
  });
});

describe("the API's errors", () => {
  it("are counted once, by code, whether they were retried or not", () => {
    const fail = (code: string, status: number) => new ApiError(code, status, "It failed.");

    const { metrics } = emissionOf((telemetry) => {
      telemetry.apiFailed(fail("api_rate_limit_exceeded", 429));
      telemetry.apiFailed(fail("api_timeout", 0));
      telemetry.apiFailed(fail("api_rate_limit_exceeded", 429));
      telemetry.runEnded(runResultOf([complete(1)]), figuresOf([], { oldestCompleteMs: 0 }));
      telemetry.runEnded(runResultOf([complete(1)]), figuresOf([], { oldestCompleteMs: 0 }));
    });

    const errors = metrics.filter(({ name }) => name === METRICS.apiErrors);
    const service = "cdp-balance-snapshots";
    expect(errors.map(({ namespace, dimensions, value }) => [namespace, dimensions, value])).toEqual([
      [METRIC_NAMESPACE, { service, [CODE_DIMENSION]: "api_rate_limit_exceeded" }, 2],
      [METRIC_NAMESPACE, { service, [CODE_DIMENSION]: "api_timeout" }, 1],
    ]);
  });

  it("count as one other code if their types are not documented", () => {
    const { metrics } = emissionOf((telemetry) => {
      for (const code of ["api_x1", "api_x2", "api_internal_server_error"]) {
        telemetry.apiFailed(new ApiError(code, 500, "It failed."));
      }
      reportRun(telemetry, [complete(1)]);
    });

    const errors = metrics.filter(({ name }) => name === METRICS.apiErrors);
    expect(errors.map(({ dimensions, value }) => [dimensions[CODE_DIMENSION], value])).toEqual([
      ["other", 2],
      ["api_internal_server_error", 1],
    ]);
  });

  it("have a metric of their own for every code in the source of the API client", () => {
    const folder = join(import.meta.dirname, "../../../core/coinbase");
    const source = readdirSync(folder).map((file) => readFileSync(join(folder, file), "utf8"));

    const codes = source.join("").match(/(?<=")api_[a-z_]+(?=")/g) ?? [];

    expect(codes.length).toBeGreaterThan(10);
    expect(codes.filter((code) => !KNOWN_API_CODES.has(code))).toEqual([]);
  });
});

describe("the log", () => {
  it("has one line per account, per run and per warning, with the error", () => {
    const { logs } = emissionOf((telemetry) => {
      telemetry.accountEnded(SLOT, complete(2), 120);
      telemetry.accountEnded(SLOT, already(2), 5);
      telemetry.accountEnded(SLOT, failed("api_timeout"), 60_000);
      telemetry.runEnded(runResultOf([complete(2)]), figuresOf([complete(2)], { oldestCompleteMs: 500 }));
      telemetry.runAborted(SLOT, new KeyError("key_empty", "It is empty."), false, 0);
      telemetry.warning("Something happened", FAILURE, { accountId: "account_1" });
    });

    const account = { slot: SLOT, accountId: "account_1" };
    const timeout = { code: "api_timeout", message: "It failed." };
    const noAccounts = { code: "no_accounts", message: "There are none.", suggestedFix: "Check the filters." };
    const keyEmpty = { code: "key_empty", message: "It is empty." };
    expect(logs).toMatchObject([
      { level: "INFO", message: "Account complete", ...account, durationMs: 120, pages: 2 },
      { level: "INFO", message: "Account complete already", ...account, durationMs: 5 },
      { level: "ERROR", message: "Account failed", slot: SLOT, accountId: "account_2", error: timeout },
      { level: "INFO", message: "Run ended", slot: SLOT, pages: 2, oldestCompleteMs: 500, accounts: { complete: 1 } },
      { level: "ERROR", message: "Run aborted", slot: SLOT, error: keyEmpty },
      { level: "WARN", message: "Something happened", accountId: "account_1", error: noAccounts },
    ]);
    expect(logs[3]).not.toHaveProperty("snapshots");
  });
});
