import type { Transfer } from "../../../core/domain/transfer.ts";
import { endWalks, placementOf, transferTimes } from "../../../core/reconcile/placement.ts";
import { describe, expect, it } from "../../support/jest.ts";
import { endsOf, transferOf } from "./transfers.ts";

// The walks take from 00:00:00 to 00:01:00 on 1 October and on 1 November: with the tolerance, from 23:59:00 to 00:02:00.

type Times = Pick<Transfer, "createdAt" | "executedAt" | "completedAt" | "updatedAt">;

/** Returns where a transfer belongs, as text. */
function placed(times: Partial<Times>): string {
  const none = { createdAt: undefined, executedAt: undefined, completedAt: undefined, updatedAt: undefined };
  const placement = placementOf(transferTimes(transferOf({ ...none, ...times })), endWalks(endsOf({}, {})));
  return typeof placement === "string" ? placement : `${placement.end} ${placement.reason}`;
}

describe("a completed transfer", () => {
  it.each<[name: string, executed: string, completed: string, expected: string]>([
    ["completed before the opening's walk", "09-30T12:00:00", "09-30T23:58:59.999", "outside"],
    ["completed 60 s before the opening's walk", "09-30T12:00:00", "09-30T23:59:00", "opening completed_in_walk"],
    ["completed 60 s after the opening's walk", "10-01T00:00:30", "10-01T00:02:00", "opening completed_in_walk"],
    ["executed in the opening's walk, completed later", "10-01T00:02:00", "10-01T00:02:00.001", "opening in_progress"],
    ["executed after the opening's walk", "10-01T00:02:00.001", "10-01T00:02:00.002", "inside"],
    ["completed before the closing's walk", "10-31T12:00:00", "10-31T23:58:59.999", "inside"],
    ["completed 60 s before the closing's walk", "10-31T12:00:00", "10-31T23:59:00", "closing completed_in_walk"],
    ["executed in the closing's walk, completed later", "11-01T00:02:00", "11-05T00:00:00", "closing in_progress"],
    ["executed after the closing's walk", "11-01T00:02:00.001", "11-05T00:00:00", "outside"],
    ["in progress during the whole period: at the opening", "09-30T00:00:00", "11-05T00:00:00", "opening in_progress"],
    ["completed in a walk, executed later", "10-01T12:00:00", "10-01T00:00:30", "opening completed_in_walk"],
  ])("%s", (_, executed, completed, expected) => {
    expect(placed({ executedAt: `2026-${executed}Z`, completedAt: `2026-${completed}Z` })).toBe(expected);
  });

  it("is placed by instants, whatever their time zone is", () => {
    expect(placed({ executedAt: "2026-10-01T02:02:00+02:00", completedAt: "2026-10-01T02:03:00+02:00" })).toBe(
      "opening in_progress",
    );
  });
});

describe("a completed transfer that lacks times", () => {
  it("is executed when it was created, or else at any time before", () => {
    expect(placed({ createdAt: "2026-10-01T00:03:00Z", completedAt: "2026-10-02T00:00:00Z" })).toBe("inside");
    expect(placed({ completedAt: "2026-10-15T00:00:00Z" })).toBe("opening in_progress");
  });

  it("was completed between its execution and its last update", () => {
    const [september, october] = ["2026-09-15T00:00:00Z", "2026-10-15T00:00:00Z"];
    expect(placed({ executedAt: september, updatedAt: october })).toBe("opening no_time");
    expect(placed({ executedAt: october, updatedAt: "2026-12-01T00:00:00Z" })).toBe("closing no_time");
    expect(placed({})).toBe("opening no_time");
    expect(placed({ updatedAt: "2026-09-30T23:58:59Z" })).toBe("outside");
    expect(placed({ updatedAt: "2026-09-30T23:59:00Z" })).toBe("opening no_time");
    expect(placed({ executedAt: "2026-11-01T00:02:01Z" })).toBe("outside");
    expect(placed({ executedAt: "2026-10-02T00:00:00Z", updatedAt: "2026-10-03T00:00:00Z" })).toBe("inside");
  });
});
