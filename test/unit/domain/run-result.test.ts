import { describe, expect, it } from "@jest/globals";
import { RunFailedError } from "../../../core/domain/errors.ts";
import { type RunResult, runFailedError, type SnapshotResult } from "../../../core/domain/run-result.ts";
import { SLOT } from "./snapshots.ts";

function failure(accountId: string, code = "not_found", message = "The account is not there."): SnapshotResult {
  return { accountId, outcome: "failed", error: { code, message } };
}

function reportOf(snapshots: readonly SnapshotResult[], changes: Partial<RunResult> = {}): RunResult {
  const count = (outcome: string) => snapshots.filter((result) => result.outcome === outcome).length;
  return {
    slot: SLOT,
    trigger: "schedule",
    dryRun: false,
    durationMs: 12,
    accounts: {
      complete: count("complete"),
      alreadyComplete: count("alreadyComplete"),
      failed: count("failed"),
    },
    snapshots,
    ...changes,
  };
}

describe("runFailed", () => {
  it("says how many of how many accounts, for which slot, which they are and why", () => {
    const report = reportOf([
      { accountId: "account_1", outcome: "complete" },
      failure("account_2"),
      { accountId: "account_3", outcome: "alreadyComplete" },
      failure("account_4", "service_unavailable", "The API is away."),
    ]);

    const error = runFailedError(report);

    expect(error).toBeInstanceOf(RunFailedError);
    expect(error.code).toBe("run_failed");
    expect(error.message).toBe(
      "2 of 4 accounts have no snapshot for the slot 2026-11-23T10:00:00.000Z.\n" +
        "account_2: not_found: The account is not there.\n" +
        "account_4: service_unavailable: The API is away.\n" +
        "All the others are stored. A retry does what is missing.",
    );
  });

  it("tells 20 failures in full", () => {
    const failures = Array.from({ length: 20 }, (_, at) => failure(`account_${at}`));

    const { message } = runFailedError(reportOf(failures));

    for (const { accountId } of failures) expect(message).toContain(`\n${accountId}: `);
    expect(message).not.toContain("more, each");
  });

  it("tells 20 of more failures in full and how many more there are", () => {
    const failures = Array.from({ length: 5000 }, (_, at) => failure(`account_${at}`));

    const { message } = runFailedError(reportOf(failures));

    expect(message.split("\n").filter((line) => line.startsWith("account_"))).toHaveLength(20);
    expect(message).toContain("5000 of 5000 accounts");
    expect(message).toContain("\nand 4980 more, ");
  });

  it("does not say of a dry run that anything is stored", () => {
    const report = reportOf([{ accountId: "account_1", outcome: "complete" }, failure("account_2")], { dryRun: true });

    const { message } = runFailedError(report);

    expect(message).toContain("A dry run stores nothing.");
    expect(message).not.toContain("are stored");
  });

  it("does not send the reader of a dry run's many failures to records that a dry run does not write", () => {
    const failures = Array.from({ length: 21 }, (_, at) => failure(`account_${at}`));

    const { message } = runFailedError(reportOf(failures, { dryRun: true }));

    expect(message).not.toContain("a record in the table");
  });
});
