import { describe, expect, it } from "@jest/globals";
import { RunFailedError } from "../../../core/domain/errors.ts";
import { type RunResult, runFailedError, type SnapshotResult } from "../../../core/domain/run-result.ts";
import { SLOT } from "./snapshots.ts";

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

function resultOf(snapshots: readonly SnapshotResult[], changes: Partial<RunResult> = {}): RunResult {
  const count = (outcome: string) => snapshots.filter((result) => result.outcome === outcome).length;
  const accounts = {
    complete: count("complete"),
    alreadyComplete: count("alreadyComplete"),
    failed: count("failed"),
  };
  return { slot: SLOT, trigger: "schedule", dryRun: false, durationMs: 12, accounts, snapshots, ...changes };
}

describe("runFailedError", () => {
  it("states how many accounts failed, for which slot, which ones, why, and what to do", () => {
    const error = runFailedError(
      resultOf([
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
    const { message } = runFailedError(resultOf(failures(count)));

    expect(message).toContain(`${count} of ${count} accounts`);
    expect(message.split("\n").filter((line) => line.startsWith("account_"))).toHaveLength(listed);
    expect(message.includes(`\n${count - listed} more failed accounts are in the log`)).toBe(hasMore);
  });

  it("does not say that a dry run stored anything", () => {
    const snapshots: SnapshotResult[] = [{ accountId: "account_1", outcome: "complete" }, ...failures(21)];

    const { message } = runFailedError(resultOf(snapshots, { dryRun: true }));

    expect(message).toContain("A dry run stores nothing.");
    expect(message).not.toContain("are stored");
  });
});
