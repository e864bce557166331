import { GapRanges, mergedRanges } from "../../../core/history/gap-ranges.ts";
import { expect, it } from "../../support/jest.ts";

/** Returns the ranges of an account with a failure in each hour. */
function rangesOf(accountId: string, ...messages: readonly string[]) {
  const collected = new GapRanges();
  messages.forEach((message, hour) => {
    const slot = `2026-11-08T0${hour}:00:00.000Z`;
    const reason = { accountId, slot, trigger: "schedule", code: "timeout", message, attempts: 1 } as const;
    collected.add({
      ...{ accountId, slot, trigger: "schedule", complete: false },
      reason: { ...reason, lastTriedAt: slot },
    });
  });
  return collected.ranges;
}

it.each([
  ["have the same message", [rangesOf("a", "x", "x"), rangesOf("b", "x", "x")], false],
  ["of one account have different messages", [rangesOf("a", "x", "y")], true],
  ["of several accounts have different messages", [rangesOf("a", "x", "x"), rangesOf("b", "y", "y")], true],
])("says whether gaps with one cause that %s have one message", (_, ranges, messagesDiffer) => {
  const merged = mergedRanges(ranges.flat());

  expect(merged).toMatchObject([{ message: "x", messagesDiffer }]);
});
