import {
  type AccountEvent,
  activitiesOf,
  completeDescription,
  descriptionAt,
  isActive,
} from "../../../core/domain/account-activity.ts";
import { describe, expect, it } from "../../support/jest.ts";

const ACCOUNT = "account_af2937b0-9846-4fe7-bfe9-ccc22d935114";
const hour = (at: number) => new Date(Date.UTC(2026, 10, 23, at)).toISOString();

function event(kind: AccountEvent["event"], at: number, more: Partial<AccountEvent> = {}): AccountEvent {
  return { accountId: ACCOUNT, event: kind, slot: hour(at), at: hour(at), ...more };
}
const activity = (...events: AccountEvent[]) => activitiesOf(events).get(ACCOUNT);
const TREASURY = { name: "Treasury", type: "prime", owner: "entity_1" };

describe("the descriptions of an account", () => {
  it("are those of its start and of the changes since, each once", () => {
    const renamed = { ...TREASURY, name: "Vault" };

    const { descriptions, periods } = activity(
      event("start", 1, TREASURY),
      event("described", 2, TREASURY),
      event("described", 3, renamed),
      event("described", 4, renamed),
      event("end", 5, { reason: "Closed." }),
    ) ?? { periods: [] };

    expect(descriptions).toEqual([
      { ...TREASURY, from: Date.parse(hour(1)) },
      { ...renamed, from: Date.parse(hour(3)) },
    ]);
    expect(periods).toMatchObject([{ since: hour(1), until: hour(5) }]);
  });

  it("are ascending, even if a late slot starts the account again after it was described", () => {
    const again = event("start", 2, { at: hour(6), ...TREASURY, name: "Again" });
    const events = [event("start", 0, TREASURY), event("end", 1), again, event("described", 5, { name: "Vault" })];

    const described = activity(...events);

    expect(described?.descriptions?.map(({ name }) => name)).toEqual(["Treasury", "Vault", "Again"]);
    expect([0, 4, 5, 6, 7].map((at) => descriptionAt(described ?? { periods: [] }, Date.parse(hour(at))).name)).toEqual(
      ["Treasury", "Treasury", "Vault", "Again", "Again"],
    );
  });

  it("do not change whether an account counts or is pending, not even if its start was deleted", () => {
    expect(isActive(activity(event("described", 1, TREASURY)))).toBe(false);
    expect(activity(event("pending", 1), event("described", 1, TREASURY))).toMatchObject({ pendingSince: hour(1) });
    // A start that was deleted and registered again has its old slot.
    expect(isActive(activity(event("start", 0), event("described", 1, TREASURY)))).toBe(true);
  });
});

describe("completeDescription", () => {
  it.each([
    ["keeps what is unknown", {}, TREASURY],
    ["takes what is new", { name: "Vault", owner: "entity_2" }, { ...TREASURY, name: "Vault", owner: "entity_2" }],
    ["distinguishes no name from an unknown one", { name: "" }, { ...TREASURY, name: undefined }],
  ])("%s", (_, given, expected) => {
    expect(completeDescription(TREASURY, given)).toEqual(expected);
  });
});
