import fc from "fast-check";
import { SlotError } from "../../../core/domain/errors.ts";
import { assertServable, parseSlot, slotAt } from "../../../core/domain/slot.ts";
import { describe, expect, it } from "../../support/jest.ts";

const HOUR_MS = 3_600_000;

describe("parseSlot", () => {
  it.each([
    ["2026-11-23T10:00:00Z", "2026-11-23T10:00:00.000Z"],
    ["2028-02-29T23:59:59Z", "2028-02-29T23:59:59.000Z"],
  ])("parses %s as %s", (text, expected) => {
    expect(parseSlot(text)).toBe(expected);
  });

  it.each([
    ["30 February", "2026-02-30T10:00:00Z"],
    ["an offset", "2026-11-23T10:00:00+01:00"],
    ["a trailing line break", "2026-11-23T10:00:00Z\n"],
    ["an unreplaced placeholder", "<aws.scheduler.scheduled-time>"],
  ])("rejects %s", (_, text) => {
    expect(parseSlot(text)).toBeUndefined();
  });

  it("returns any slot unchanged, and slots sort by time", () => {
    const instant = fc.integer({ min: 0, max: Date.UTC(9999, 0) });
    fc.assert(
      fc.property(instant, instant, (a, b) => {
        const [first, second] = [slotAt(a), slotAt(b)];

        expect(parseSlot(first)).toBe(first);
        expect(Date.parse(first)).toBe(a);
        expect(first < second).toBe(a < b);
      }),
    );
  });
});

describe("assertServable", () => {
  const slot = "2026-11-23T10:00:00.000Z";
  const at = Date.parse(slot);

  function errorAt(now: number): SlotError | undefined {
    try {
      assertServable(slot, now, HOUR_MS);
      return undefined;
    } catch (thrown) {
      expect(thrown).toBeInstanceOf(SlotError);
      return thrown as SlotError;
    }
  }

  it.each([
    ["exactly at the lateness limit", HOUR_MS],
    ["a minute before its time, because clocks differ", -60_000],
  ])("accepts a slot %s", (_, after) => {
    expect(errorAt(at + after)).toBeUndefined();
  });

  it("rejects a slot one millisecond after the lateness limit, with an age that looks longer than the limit", () => {
    const error = errorAt(at + HOUR_MS + 1);

    expect(error?.code).toBe("slot_too_late");
    expect(error?.message).toBe(
      "The slot 2026-11-23T10:00:00.000Z is 1 h 1 s old and the lateness limit is 1 h: the current balances may " +
        "differ from the balances at that time. The slot stays a gap.",
    );
    expect(error?.suggestedFix).toBe(
      "To record the current balances, start the job without scheduledTime, or balances snapshot without --schedule.",
    );
  });

  it("rejects a slot in the future, and reports the clock's time", () => {
    const error = errorAt(at - 60_001);

    expect(error?.code).toBe("slot_in_future");
    expect(error?.message).toContain("1 min 1 s ahead of the clock (2026-11-23T09:58:59.999Z)");
  });
});
