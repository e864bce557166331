import type { AccountActivity } from "../../../core/domain/account-activity.ts";
import type { FailedRun } from "../../../core/domain/failed-run.ts";
import { slotAt } from "../../../core/domain/slot.ts";
import { type GapReason, NOT_RUN } from "../../../core/history/gap-reason.ts";
import { failedRunsFor, withKeyReason } from "../../../core/history/runs-of-keys.ts";
import { describe, expect, it } from "../../support/jest.ts";

const HOUR = 3_600_000;
const START = Date.parse("2026-11-02T00:00:00.000Z");
/** Runs register what they find seven seconds after their slot. */
const LATER = 7000;
const ranges = { scope: { first: "account_0", last: "account_9" } } as const;
const ALL = { scope: "all", keys: ["apac", "emea", "us"] } as const;

/** `us` served the account, gave it up with the slot of hour 24, and `emea` took it over with that of hour 26. */
const moved: AccountActivity = {
  periods: [],
  descriptions: [
    { from: START + LATER, key: "us" },
    { from: START + 24 * HOUR + LATER, noKeySince: slotAt(START + 24 * HOUR) },
    { from: START + 26 * HOUR + LATER, key: "emea" },
  ],
};

function failedRun(hour: number, run: Pick<FailedRun, "scope" | "key" | "keys">): FailedRun {
  const error = { code: "key_not_json", message: "The key is not JSON." };
  return {
    slot: slotAt(START + hour * HOUR),
    trigger: "schedule",
    failedAt: slotAt(START + hour * HOUR + 1),
    ...error,
    ...run,
  };
}

const OWN = "The key is not JSON.";
const OTHER = "The key apac, which may have to serve the account: The key is not JSON.";

describe("a failed run explains a gap", () => {
  it.each<[string, number, Pick<FailedRun, "scope" | "key" | "keys">, string | undefined]>([
    ["of the key that serves the account", 1, { ...ALL, key: "us" }, OWN],
    ["of its first key before that was registered", 0, { ...ALL, key: "us" }, OWN],
    ["of the key that serves it now", 27, { ...ranges, key: "emea" }, OWN],
    ["without a key", 1, { scope: "all" }, OWN],
    ["of another key that names it", 27, { scope: ["account_1"], key: "us" }, OWN],
    ["of any key from the slot on in which it was given up", 24, { ...ALL, key: "apac" }, OTHER],
    ["of any key until another one has taken it over", 26, { ...ALL, key: "apac" }, OTHER],
    ["of any key if its own was not configured", 1, { scope: "all", key: "apac", keys: ["apac", "emea"] }, OTHER],
    ["not of a key that serves it later", 1, { ...ALL, key: "emea" }, undefined],
    ["not of the key that served it before", 27, { ...ranges, key: "us" }, undefined],
    ["not of another key if its own is configured", 1, { ...ALL, key: "apac" }, undefined],
    ["not of another key if the configured ones are unknown", 1, { scope: "all", key: "apac" }, undefined],
  ])("%s", (_, hour, run, message) => {
    const explaining = failedRunsFor(moved, [failedRun(hour, run)]);

    expect(explaining.map((one) => one.message)).toEqual(message === undefined ? [] : [message]);
  });

  it("of any key if the key of the account is unknown", () => {
    expect(failedRunsFor({ periods: [] }, [failedRun(1, { ...ALL, key: "us" })])).toHaveLength(1);
  });

  it("of its own key rather than of another one", () => {
    const own = failedRun(1, { scope: "all", key: "us", keys: ["apac"] });

    expect(failedRunsFor(moved, [failedRun(1, { scope: "all", key: "apac", keys: ["apac"] }), own])).toEqual([own]);
  });
});

describe("a slot without a record", () => {
  const codeOf = (hour: number, reason: GapReason) => {
    const gap = {
      accountId: "account_1",
      slot: slotAt(START + hour * HOUR),
      complete: false,
      trigger: "schedule",
      reason,
    } as const;
    const slot = withKeyReason(gap, moved);
    return slot.complete ? undefined : slot.reason.code;
  };

  it("has no key from the slot on in which the account was given up until another key has taken it over", () => {
    const codes = [0, 23, 24, 25, 26, 27].map((hour) => codeOf(hour, NOT_RUN));

    expect(codes).toEqual(["not_run", "not_run", "no_key", "no_key", "no_key", "not_run"]);
  });

  it("keeps any other reason", () => {
    expect(codeOf(24, { ...NOT_RUN, code: "snapshot_removed" })).toBe("snapshot_removed");
  });
});
