import type { AccountActivity } from "../../../core/domain/account-activity.ts";
import type { KeyList } from "../../../core/domain/key-list.ts";
import { withKeys } from "../../../core/snapshot/account-keys.ts";
import type { Run, RunRequest, RunSettings } from "../../../core/snapshot/run.ts";
import { describe, expect, it } from "../../support/jest.ts";

// Which key a run registers for an account, by what the table knows. The run is that of the key `us`.

const accountId = "account_1";
const activityOf = (key: string | undefined, isEnded = false): AccountActivity => ({
  periods: [{ since: "2026-11-23T09:00:00.000Z", from: 1, ...(isEnded && { until: "2026-11-23T10:00:00.000Z" }) }],
  descriptions: [{ from: 1, key }],
});

const givenUp: AccountActivity = {
  ...activityOf("emea"),
  descriptions: [
    { from: 1, key: "emea" },
    { from: 2, noKeySince: "2026-11-23T10:00:00.000Z" },
  ],
};
const LACKS_ALL: KeyList = { readAt: "2026-11-23T10:00:00.000Z", lacksAll: true };

/** Returns what a run registers: a key, `""` for the one without a name, or `undefined` if the account keeps its key. */
function registeredKey(
  known: AccountActivity | "none" | "unreadable",
  {
    trigger = "schedule",
    lists = [],
    ...settings
  }: Partial<Pick<RunRequest, "trigger"> & RunSettings> & { readonly lists?: [string, KeyList][] } = {},
) {
  const accounts = "all" as const;
  const run = {
    settings: { key: "us", keys: ["emea", "us"], accounts, ...settings },
    request: { slot: "2026-11-23T11:00:00.000Z", dryRun: false, accounts, trigger },
  } as unknown as Run;
  const table = new Map(typeof known === "string" ? [] : [[accountId, known]]);
  const [account] = withKeys(run, known === "unreadable" ? undefined : table, new Map(lists), [
    { accountId, description: { accountId, name: "Vault" } },
  ]);
  return account?.description?.key;
}

describe("a scheduled run registers its key", () => {
  it.each<[string, string | undefined, Parameters<typeof registeredKey>]>([
    ["for a new account", "us", ["none"]],
    ["for an account of a key that is not configured", "us", [activityOf("old")]],
    ["for an account of the key without a name", "us", [activityOf(undefined)]],
    ["for an account that another key has ended", "us", [activityOf("emea", true)]],
    ["not for an active account of another configured key", undefined, [activityOf("emea")]],
    ["for one that its key has given up", "us", [givenUp]],
    ["for one whose key lists none of its accounts", "us", [activityOf("emea"), { lists: [["emea", LACKS_ALL]] }]],
    ["without a name for one that a key has given up", "", [givenUp, { key: undefined, keys: undefined }]],
    [
      "for one that the configuration lists for it",
      "us",
      [activityOf("emea"), { keyOfListed: new Map([[accountId, "us"]]) }],
    ],
    [
      "not for an account of another name if the configured keys are unknown",
      undefined,
      [activityOf("old"), { keys: undefined }],
    ],
    ["without a name for an account of any key", "", [activityOf("emea"), { key: undefined, keys: undefined }]],
    ["if the table cannot be read", "us", ["unreadable"]],
  ])("%s", (_, expected, [known, settings]) => {
    expect(registeredKey(known, settings)).toBe(expected);
  });
});

describe("a manual run registers its key", () => {
  it.each<[string, string | undefined, Parameters<typeof registeredKey>[0]]>([
    ["for a new account", "us", "none"],
    ["not for an active account of another key", undefined, activityOf("old")],
    ["not for an account that has ended", undefined, activityOf("old", true)],
    ["not if the table cannot be read, because the account may be known", undefined, "unreadable"],
  ])("%s", (_, expected, known) => {
    expect(registeredKey(known, { trigger: "manual" })).toBe(expected);
  });
});
