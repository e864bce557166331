import type { InputError } from "../../../core/domain/errors.ts";
import { parseEvent } from "../../../lambda/snapshot/event.ts";
import type { KeyAccounts } from "../../../lambda/snapshot/event-keys.ts";
import { describe, expect, it } from "../../support/jest.ts";

const [A = "", B = "", C = "", D = ""] = [0, 1, 2, 3].map((at) => `account_0000000${at}-9846-4fe7-bfe9-ccc22d935114`);
const NOW = Date.parse("2026-11-23T10:20:30.456Z");
const LISTS: readonly KeyAccounts[] = [
  { key: "emea", accounts: [A, B] },
  { key: "us", accounts: [C] },
];
const OPEN: readonly KeyAccounts[] = [...LISTS, { key: "prime", accounts: "all" }];

const STARTED_AT = "2026-11-23T10:20:00.000Z";
const take = (key: string) => ({ name: "take", key, startedAt: STARTED_AT });

/** Returns the accounts of each run. */
function runsOf(event: object, configured: readonly KeyAccounts[] | undefined): unknown[] {
  return parseEvent(event, configured, NOW).runs.map(({ key, request }) => [key, request.accounts]);
}

function problemsOf(event: object, configured: readonly KeyAccounts[] | undefined): readonly string[] {
  try {
    parseEvent(event, configured, NOW);
  } catch (thrown) {
    return (thrown as InputError).problems;
  }
  return [];
}

describe("the runs of an event", () => {
  it.each<[string, object, readonly KeyAccounts[] | undefined, unknown[]]>([
    [
      "all keys",
      {},
      OPEN,
      [
        ["emea", [A, B]],
        ["us", [C]],
        ["prime", "all"],
      ],
    ],
    ["the key that it names", { key: "us" }, OPEN, [["us", [C]]]],
    [
      "the keys that list its accounts",
      { accounts: [C, A, C] },
      OPEN,
      [
        ["emea", [A]],
        ["us", [C]],
      ],
    ],
    ["accounts of the key that it names", { key: "prime", accounts: [D] }, OPEN, [["prime", [D]]]],
    ["any name, if the keys are unknown", { key: "us", accounts: [A] }, undefined, [["us", [A]]]],
    ["all accounts, if the keys are unknown", {}, undefined, [[undefined, "all"]]],
  ])("are those of %s", (_, event, configured, expected) => {
    expect(runsOf(event, configured)).toEqual(expected);
  });

  it.each<[string, object, readonly KeyAccounts[] | undefined, unknown[]]>([
    ["its key", { step: take("us") }, OPEN, [["us", [C]]]],
    [
      "its key, among those that list the event's accounts",
      { accounts: [C, A], step: take("us") },
      OPEN,
      [["us", [C]]],
    ],
    ["no key, if the event's accounts are those of others", { accounts: [A], step: take("us") }, OPEN, []],
    ["no key, if the event is for another one", { key: "emea", step: take("us") }, OPEN, []],
    [
      "no key, if the dead letter is for another one",
      { FunctionName: "f", Payload: { key: "emea" }, step: take("us") },
      OPEN,
      [],
    ],
    ["no key, if it is not configured", { step: take("old") }, OPEN, []],
    ["its key, if the keys are unknown", { step: take("us") }, undefined, [["us", "all"]]],
  ])("are in a step those of %s", (_, event, configured, expected) => {
    expect(runsOf(event, configured)).toEqual(expected);
  });

  it("are in the last step those of all keys, each with what it has taken", () => {
    const taken = ["us", "emea", "prime"].map(take);
    const step = { name: "finish", startedAt: STARTED_AT, taken };

    const { runs } = parseEvent({ step }, OPEN, NOW);

    expect(runs.map(({ key, request }) => [key, request.taken])).toEqual([
      ["emea", taken[1]],
      ["us", taken[0]],
      ["prime", taken[2]],
    ]);
  });

  it("are refused in every step if keys have all accounts and the event does not say which of them has the named ones", () => {
    const open: readonly KeyAccounts[] = ["emea", "us"].map((key) => ({ key, accounts: "all" }));
    const finish = { name: "finish", startedAt: STARTED_AT, taken: [take("emea"), take("us")] };

    for (const step of [take("emea"), take("us"), finish]) {
      expect(problemsOf({ accounts: [A], step }, open)).toEqual([
        `The event's accounts contain ${A}, which no key lists. Name its key in the event, too: {"key": "emea", …}.`,
      ]);
      expect(problemsOf({ accounts: [A], key: "us", step }, open)).toEqual([]);
    }
  });

  it("are for the same slot, and one for a dead letter that names a key", () => {
    const { runs } = parseEvent({ scheduledTime: "2026-11-23T10:00:00Z", dryRun: true }, LISTS, NOW);
    const Payload = '{"scheduledTime":"2026-11-23T10:00:00Z","key":"us"}';
    const dead = parseEvent({ FunctionName: "f", InvocationType: "Event", Payload }, LISTS, NOW).runs;

    const slot = { slot: "2026-11-23T10:00:00.000Z", trigger: "schedule" };
    expect(runs.map(({ request }) => request)).toMatchObject([slot, slot]);
    expect(dead).toMatchObject([{ key: "us", request: { ...slot, dryRun: false, accounts: [C] } }]);
  });

  it.each<[string, object, readonly KeyAccounts[] | undefined, string]>([
    [
      "an unknown key",
      { key: "emae" },
      OPEN,
      'key is "emae". Expected the name of a key: emea, us, prime. Did you mean "emea"?',
    ],
    [
      "a key, although there is one without a name",
      { key: "emea" },
      [{ accounts: "all" }],
      "has one key without a name. Omit it.",
    ],
    ["a key that is a number", { key: 7 }, OPEN, "key is 7. Expected the name of a key: emea, us, prime."],
    ["a name that no key can have", { key: "E!" }, undefined, 'key is "E!", which is not the name of a key.'],
    [
      "an account that no key lists",
      { accounts: [A.replace("0", "f")] },
      OPEN,
      'which no key lists. Name its key in the event, too: {"key": "prime", …}.',
    ],
    [
      "an account that another key lists, although the key has all accounts",
      { key: "prime", accounts: [D, C] },
      OPEN,
      `accounts contain ${C}, which the configuration lists for another key. Name that one in the event: {"key": "us", …}.`,
    ],
  ])("do not exist for %s", (_, event, configured, expected) => {
    expect(problemsOf(event, configured)).toEqual([expect.stringMatching(/^The event's /)]);
    expect(problemsOf(event, configured)[0]).toContain(expected);
  });

  it("are shown in the examples of an event, if there are several", () => {
    const [problem] = problemsOf({ kye: "us" }, OPEN);

    expect(problem).toContain('Expected {}, {"scheduledTime": "2026-11-23T10:00:00Z"}, {"key": "emea"}, {"accounts": ');
    expect(problemsOf({ kye: "us" }, [{ accounts: "all" }])[0]).not.toContain('"key"');
  });

  it("do not exist for an event with several problems, which are all reported", () => {
    expect(problemsOf({ key: "x", accounts: ["y"], what: 1 }, LISTS)).toHaveLength(3);
    expect(problemsOf({ key: "x".repeat(100_000) }, LISTS)[0]?.length).toBeLessThan(300);
  });
});
