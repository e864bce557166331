import * as errors from "../../../core/domain/errors.ts";
import {
  InputError,
  JobError,
  KeyError,
  messageWithFix,
  RunFailedError,
  StoreError,
  toJobError,
} from "../../../core/domain/errors.ts";
import { runFailedError, type SnapshotResult } from "../../../core/domain/run-result.ts";
import { describeValue, jsonPath, redactTokens, singleLine, truncate } from "../../../core/domain/untrusted-text.ts";
import { describe, expect, it } from "../../support/jest.ts";
import { runResultOf } from "./snapshots.ts";

describe("toJobError", () => {
  it("returns an internal error for any other error, with its message and the error as the cause", () => {
    const thrown = new TypeError("x is not a function");

    const result = toJobError(thrown);

    expect(result).toBeInstanceOf(JobError);
    expect(result.code).toBe("internal_error");
    expect(messageWithFix(result)).toBe(
      "Unexpected error: TypeError: x is not a function. Report this error to the project's maintainers.",
    );
    expect(result.cause).toBe(thrown);
  });

  it.each(["a text", undefined, { message: "like an error" }])(
    "returns an internal error for %j, which is not an Error",
    (thrown) => {
      const result = toJobError(thrown);

      expect(result.code).toBe("internal_error");
      expect(result.message).toContain("a value that is not an Error was thrown");
    },
  );
});

describe("JobError", () => {
  it("has subclasses with the names of their classes, which a bundler cannot change", () => {
    const { InputError, ApiError, ...others } = errors;
    const classes = Object.values(others).filter((value) => Object.getPrototypeOf(value) === JobError);
    class Renamed extends KeyError {}

    const thrown = [
      new InputError("usage", []),
      new ApiError("x", 0, "x"),
      ...classes.map((JobErrorClass) => new (JobErrorClass as typeof KeyError)("x", "x")),
    ];

    expect(thrown.length).toBeGreaterThan(7);
    expect(thrown.map(({ name }) => name)).toEqual(thrown.map((error) => error.constructor.name));
    expect(new Renamed("x", "x").name).toBe("KeyError");
  });

  it("escapes the invisible characters of its message and its suggested fix", () => {
    const error = new StoreError(
      "item_unreadable",
      "The item\u001b[1A \u202ebtc\r is\u2028not 犬\ud83d.\nSecond line.",
      {
        suggestedFix: "Fix\u0000it.",
      },
    );

    expect(error.message).toBe("The item\\u001b[1A \\u202ebtc\\u000d is\\u2028not 犬\\ud83d.\nSecond line.");
    expect(error.suggestedFix).toBe("Fix\\u0000it.");
  });

  it("truncates a message and a suggested fix that quote too much", () => {
    const error = new StoreError("table_unavailable", "x\u0000".repeat(1_000_000), {
      suggestedFix: "x".repeat(1_000_000),
    });

    expect([error.message.length, error.suggestedFix?.length]).toEqual([10_000, 2_000]);
    expect(error.message).toMatch(/^x\\u0000x.*…$/);
  });

  it("of invalid input has one line per problem", () => {
    const error = new InputError("usage", ["One.", "Two."]);

    expect(error.message).toBe("One.\nTwo.");
    expect(error.problems).toEqual(["One.", "Two."]);
  });
});

const NOT_FOUND = {
  code: "not_found",
  message: "The account does not exist.",
  suggestedFix: "Check the key's project.",
};

function failure(accountId: string, error: SnapshotResult["error"] = NOT_FOUND): SnapshotResult {
  return { accountId, outcome: "failed", ...(error && { error }) };
}

function failures(count: number): SnapshotResult[] {
  return Array.from({ length: count }, (_, at) => failure(`account_${at}`));
}

describe("runFailedError", () => {
  it("states how many accounts failed, for which slot, which ones, why, and what to do", () => {
    const error = runFailedError(
      runResultOf([
        { accountId: "account_1", outcome: "complete" },
        failure("account_2"),
        { accountId: "account_3", outcome: "alreadyComplete" },
        failure("account_4", { code: "service_unavailable", message: "The API is not available." }),
      ]),
    );

    expect(error).toBeInstanceOf(RunFailedError);
    expect(error.code).toBe("run_failed");
    expect(error.message).toBe(
      "2 of 4 accounts have no snapshot for slot 2026-11-23T10:00:00.000Z.\n" +
        "account_2: not_found: The account does not exist. Check the key's project.\n" +
        "account_4: service_unavailable: The API is not available.\n" +
        "All other accounts are stored. A retry takes the missing snapshots only.",
    );
  });

  it.each([
    [20, 20, false],
    [5000, 20, true],
  ])("of %d failed accounts lists %d and counts the others", (count, listed, hasMore) => {
    const { message } = runFailedError(runResultOf(failures(count)));

    expect(message).toContain(`${count} of ${count} accounts`);
    expect(message.split("\n").filter((line) => line.startsWith("account_"))).toHaveLength(listed);
    expect(message.includes(`\n${count - listed} more failed accounts are in the log`)).toBe(hasMore);
  });

  it("counts the accounts that were not reached, and says why", () => {
    const error = { code: "not_reached", message: "It was too late.", suggestedFix: "Wait." };
    const notReached = { count: 4_000, first: "account_7", last: "account_3", error };
    const accounts = { complete: 900, alreadyComplete: 0, failed: 4_100 };

    const { message } = runFailedError(runResultOf(failures(30), { accounts, notReached }));

    expect(message).toContain("4100 of 5000 accounts have no snapshot");
    expect(message).toContain(
      "\n80 more failed accounts are in the log, one line each.\nnot_reached: It was too late. Wait.\n",
    );
  });

  it("shortens long reasons, so that every account that it lists has one", () => {
    const long = failures(20).map(({ accountId }) => failure(accountId, { code: "x", message: "y".repeat(5_000) }));

    const { message } = runFailedError(runResultOf(long));

    expect(message.split("\n").filter((line) => /^account_\d+: x: y+…$/.test(line))).toHaveLength(20);
    expect(message).toMatch(/A retry takes the missing snapshots only\.$/);
  });

  it("does not say that a dry run stored anything", () => {
    const snapshots: SnapshotResult[] = [{ accountId: "account_1", outcome: "complete" }, ...failures(21)];

    const { message } = runFailedError(runResultOf(snapshots, { dryRun: true }));

    expect(message).toContain("A dry run stores nothing.");
    expect(message).not.toContain("are stored");
  });
});

describe("truncate", () => {
  it.each([
    ["abcde", 4, "abc…"],
    ["ab🐕de", 4, "ab…"],
  ])("returns %j in %d characters as %j", (text, maxLength, expected) => {
    expect(truncate(text, maxLength)).toBe(expected);
  });
});

describe("singleLine", () => {
  it("joins lines and replaces characters that cannot be seen", () => {
    expect(singleLine("a\n\n\tb\u200bc\u0000", 10)).toBe("a b\ufffdc\ufffd");
  });
});

describe("redactTokens", () => {
  it.each([
    ["eyJhbGciOiJF.eyJpc3MiOiJj.c2lnbmF0dXJl", "[token]"],
    ["Bearer eyJhbGciOiJF…", "Bearer [token]…"],
    ["longword.longword.eyJhbGciOiJF.eyJpc3MiOiJj.c2lnbmF0dXJl", "[token]"],
    ["api.cdp.coinbase.com", "api.cdp.coinbase.com"],
  ])("returns %j as %j", (text, expected) => {
    expect(redactTokens(text)).toBe(expected);
  });
});

describe("describeValue", () => {
  const cycle: unknown[] = [];
  cycle.push(cycle);

  it.each<[string, unknown]>([
    ["nothing", undefined],
    ["a list of 1", cycle],
    ["an object", { privateKey: "secret" }],
    ["NaN", Number.NaN],
    ['"a\\n\\"b\\""', 'a\n"b"'],
    [`"${"x".repeat(78)}…`, "x".repeat(1_000)],
  ])("returns %s", (expected, value) => {
    expect(describeValue(value)).toBe(expected);
  });
});

describe("jsonPath", () => {
  it("joins the names with dots and truncates a long one", () => {
    expect(jsonPath(["balances", 0, "amount", "x".repeat(50)])).toBe(`balances.0.amount.${"x".repeat(41)}…`);
  });
});
