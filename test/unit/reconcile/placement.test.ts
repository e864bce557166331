import type { Transfer } from "../../../core/domain/transfer.ts";
import { endWalks, type Placement, placementOf, transferTimes } from "../../../core/reconcile/placement.ts";
import { describe, expect, it } from "../../support/jest.ts";
import { endsOf, transferOf } from "./transfers.ts";

// The walks take from 00:00:00 to 00:01:00 on 1 October and on 1 November: with the tolerance, from 23:59:00 to 00:02:00.

type Times = Pick<Transfer, "createdAt" | "executedAt" | "completedAt" | "updatedAt">;

const at = (end: "opening" | "closing", reason: "completed_in_walk" | "in_progress" | "no_time"): Placement => ({
  end,
  reason,
});

function placed(times: Partial<Times>): Placement {
  const none = { createdAt: undefined, executedAt: undefined, completedAt: undefined, updatedAt: undefined };
  return placementOf(transferTimes(transferOf({ ...none, ...times })), endWalks(endsOf({}, {})));
}

describe("a completed transfer", () => {
  it.each<[name: string, executedAt: string, completedAt: string, expected: Placement]>([
    ["that was completed before the opening's walk", "2026-09-30T12:00:00Z", "2026-09-30T23:58:59.999Z", "outside"],
    [
      "that was completed 60 s before the opening's walk",
      "2026-09-30T12:00:00Z",
      "2026-09-30T23:59:00Z",
      at("opening", "completed_in_walk"),
    ],
    [
      "that was completed 60 s after the opening's walk",
      "2026-10-01T00:00:30Z",
      "2026-10-01T00:02:00Z",
      at("opening", "completed_in_walk"),
    ],
    [
      "that was executed before the end of the opening's walk, and completed later",
      "2026-10-01T00:02:00Z",
      "2026-10-01T00:02:00.001Z",
      at("opening", "in_progress"),
    ],
    ["that was executed after the opening's walk", "2026-10-01T00:02:00.001Z", "2026-10-01T00:02:00.002Z", "inside"],
    ["that was completed before the closing's walk", "2026-10-31T12:00:00Z", "2026-10-31T23:58:59.999Z", "inside"],
    [
      "that was completed 60 s before the closing's walk",
      "2026-10-31T12:00:00Z",
      "2026-10-31T23:59:00Z",
      at("closing", "completed_in_walk"),
    ],
    [
      "that was executed before the end of the closing's walk, and completed later",
      "2026-11-01T00:02:00Z",
      "2026-11-05T00:00:00Z",
      at("closing", "in_progress"),
    ],
    ["that was executed after the closing's walk", "2026-11-01T00:02:00.001Z", "2026-11-05T00:00:00Z", "outside"],
    [
      "that was in progress during the whole period: at the opening",
      "2026-09-30T00:00:00Z",
      "2026-11-05T00:00:00Z",
      at("opening", "in_progress"),
    ],
    [
      "that was executed in another time zone",
      "2026-10-01T02:02:00+02:00",
      "2026-10-01T02:03:00+02:00",
      at("opening", "in_progress"),
    ],
    [
      "that was completed within a walk, and by the API executed later",
      "2026-10-01T12:00:00Z",
      "2026-10-01T00:00:30Z",
      at("opening", "completed_in_walk"),
    ],
  ])("%s", (_, executedAt, completedAt, expected) => {
    expect(placed({ executedAt, completedAt })).toEqual(expected);
  });
});

describe("a completed transfer that lacks times", () => {
  it("is executed when it was created, if the API states no execution", () => {
    expect(placed({ createdAt: "2026-10-01T00:03:00Z", completedAt: "2026-10-02T00:00:00Z" })).toBe("inside");
  });

  it("can be executed at any time before, if the API states no creation either", () => {
    expect(placed({ completedAt: "2026-10-15T00:00:00Z" })).toEqual(at("opening", "in_progress"));
  });

  it("is undetermined without a time of completion", () => {
    expect(placed({ executedAt: "2026-09-15T00:00:00Z", updatedAt: "2026-10-15T00:00:00Z" })).toEqual(
      at("opening", "no_time"),
    );
    expect(placed({ executedAt: "2026-10-15T00:00:00Z", updatedAt: "2026-12-01T00:00:00Z" })).toEqual(
      at("closing", "no_time"),
    );
    expect(placed({})).toEqual(at("opening", "no_time"));
  });

  it("was completed before its last update, and after its execution", () => {
    expect(placed({ updatedAt: "2026-09-30T23:58:59Z" })).toBe("outside");
    expect(placed({ updatedAt: "2026-09-30T23:59:00Z" })).toEqual(at("opening", "no_time"));
    expect(placed({ executedAt: "2026-11-01T00:02:01Z" })).toBe("outside");
    expect(placed({ executedAt: "2026-10-02T00:00:00Z", updatedAt: "2026-10-03T00:00:00Z" })).toBe("inside");
  });
});
