import { forExistingSlot, servedSince } from "../../core/existing-slot.ts";
import type { RunRequest } from "../../core/snapshot/run.ts";
import { describe, expect, it } from "../support/jest.ts";

const SCHEDULE = { expression: "cron(7 * * * ? *)", timezone: "UTC" };

function requestOf(slot: string, trigger: RunRequest["trigger"] = "schedule"): RunRequest {
  return { slot, trigger, dryRun: false, accounts: "all" };
}

describe("forExistingSlot", () => {
  it("makes a run for a time that the schedule does not have a manual one, and suggests slots that exist", async () => {
    const request = await forExistingSlot(requestOf("2026-11-23T10:00:00.000Z"), SCHEDULE);

    expect(request).toMatchObject({ slot: "2026-11-23T10:00:00.000Z", trigger: "manual", accounts: "all" });
    expect(request.warning).toBe(
      "The schedule cron(7 * * * ? *) (UTC) has no slot 2026-11-23T10:00:00.000Z, so this run is a manual one. " +
        "The nearest slots: 2026-11-23T09:07:00.000Z, 2026-11-23T10:07:00.000Z.",
    );
  });

  it("adds the time since the slot before to a slot of the schedule", async () => {
    const request = requestOf("2026-11-23T10:07:00.000Z");

    expect(await forExistingSlot(request, SCHEDULE)).toEqual({ ...request, periodMs: 3_600_000 });
  });

  it.each([
    ["a manual run", requestOf("2026-11-23T10:20:30.456Z", "manual"), SCHEDULE],
    ["any slot, without a known schedule", requestOf("2026-11-23T10:00:00.000Z"), undefined],
    [
      "any slot, with a schedule that cannot be understood",
      requestOf("2026-11-23T10:00:00.000Z"),
      { ...SCHEDULE, timezone: "Mars/Olympus" },
    ],
  ])("does not change %s", async (_, request, schedule) => {
    expect(await forExistingSlot(request, schedule)).toBe(request);
  });
});

describe("servedSince", () => {
  const now = Date.parse("2026-11-23T10:20:00.000Z");
  const daily = { expression: "cron(0 9 * * ? *)", timezone: "UTC" };

  it.each<[string, Parameters<typeof servedSince>[0], string | undefined]>([
    ["the slot before the last one", [SCHEDULE], "2026-11-23T09:07:00.000Z"],
    ["the earliest such slot of all schedules", [SCHEDULE, daily], "2026-11-22T09:00:00.000Z"],
    ["unknown without a schedule", [], undefined],
    [
      "unknown with a schedule that cannot be understood",
      [SCHEDULE, { ...daily, timezone: "Mars/Olympus" }],
      undefined,
    ],
    ["unknown with a schedule that begins later", [{ ...daily, expression: "cron(0 9 1 1 ? 2030)" }], undefined],
  ])("is %s", async (_, schedules, expected) => {
    expect(await servedSince(schedules, now)).toBe(expected);
  });
});
