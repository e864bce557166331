import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { InputError } from "../../../core/domain/errors.ts";
import { parseEvent } from "../../../lambda/snapshot/event.ts";

const ID = "account_af2937b0-9846-4fe7-bfe9-ccc22d935114";
const OTHER_ID = "account_00000000-9846-4fe7-bfe9-ccc22d935114";
const NOW = Date.parse("2026-11-23T10:20:30.456Z");

function problemsOf(event: unknown, configured: readonly string[] | "all" = "all"): readonly string[] {
  try {
    parseEvent(event, configured, NOW);
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(InputError);
    expect((thrown as InputError).code).toBe("event_invalid");
    return (thrown as InputError).problems;
  }
  return [];
}

describe("an event", () => {
  it.each([[{}], [undefined], [null]])("%j is the order to snapshot all that is configured, now", (event) => {
    const order = parseEvent(event, [ID], NOW);

    expect(order).toEqual({ slot: "2026-11-23T10:20:30.456Z", trigger: "manual", dryRun: false, accounts: [ID] });
  });

  it("of the schedule is for the schedule's own time", () => {
    const order = parseEvent({ scheduledTime: "2026-11-23T10:00:00Z" }, "all", NOW);

    expect(order).toEqual({ slot: "2026-11-23T10:00:00.000Z", trigger: "schedule", dryRun: false, accounts: "all" });
  });

  it("with dryRun is a dry run, and with false none", () => {
    const orders = [true, false].map((dryRun) => parseEvent({ dryRun }, "all", NOW).dryRun);

    expect(orders).toEqual([true, false]);
  });

  it("may name accounts where all are configured; each counts once", () => {
    const order = parseEvent({ accounts: [OTHER_ID, ID, OTHER_ID] }, "all", NOW);

    expect(order.accounts).toEqual([OTHER_ID, ID]);
    expect(order.trigger).toBe("manual");
  });

  it("may name some of the configured accounts, and no other", () => {
    const [known, unknown] = [{ accounts: [ID] }, { accounts: [OTHER_ID, ID] }];

    const order = parseEvent(known, [ID], NOW);
    const problems = problemsOf(unknown, [ID]);

    expect(order.accounts).toEqual([ID]);
    expect(problems).toEqual([`The event's accounts hold ${OTHER_ID}, which is not among the configured accounts.`]);
  });

  it("may combine all of it", () => {
    const order = parseEvent(
      { scheduledTime: "2026-11-23T10:00:00.000Z", accounts: [ID], dryRun: true },
      [OTHER_ID, ID],
      NOW,
    );

    expect(order).toEqual({ slot: "2026-11-23T10:00:00.000Z", trigger: "schedule", dryRun: true, accounts: [ID] });
  });

  it("of the Lambda console's default test is refused, key by key, with examples of what is possible", () => {
    const problems = problemsOf({ key1: "value1", key2: "value2", key3: "value3" });

    expect(problems).toHaveLength(3);
    for (const [at, problem] of problems.entries()) {
      expect(problem).toContain(`key "key${at + 1}" is unknown. Give {}, {"scheduledTime": "2026-11-23T10:00:00Z"}`);
    }
  });

  it("with a key in other capitals is refused, and not taken for an order without it", () => {
    const problems = problemsOf({ dryrun: true });

    expect(problems).toEqual([expect.stringContaining('The event\'s key "dryrun" is unknown.')]);
  });

  it.each([
    ["no slot of the calendar", { scheduledTime: "2026-02-30T10:00:00Z" }, "scheduledTime"],
    ["a placeholder that was not replaced", { scheduledTime: "<aws.scheduler.scheduled-time>" }, "scheduledTime"],
    ["a number", { scheduledTime: NOW }, "scheduledTime"],
    ["null for a time", { scheduledTime: null }, "scheduledTime"],
    ["an empty time", { scheduledTime: "" }, "scheduledTime"],
    ["a text for dryRun", { dryRun: "true" }, "dryRun"],
    ["a number for dryRun", { dryRun: 1 }, "dryRun"],
    ["null for dryRun", { dryRun: null }, "dryRun"],
    ["no account", { accounts: [] }, "accounts"],
    ["one account that is no list", { accounts: ID }, "accounts"],
    ["null for accounts", { accounts: null }, "accounts"],
    ["a wrong id", { accounts: ["account_1"] }, "accounts"],
    ["a path for an id", { accounts: [`${ID}/../../x`] }, "accounts"],
    ["a number for an id", { accounts: [7] }, "accounts"],
  ])("with %s is refused by the name of the key", (_, event, key) => {
    const problems = problemsOf(event);

    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(`The event's ${key} `);
  });

  it("that is wrong in several ways is told all of them at once", () => {
    const problems = problemsOf({ scheduledTime: "now", dryRun: "yes", accounts: ["x", OTHER_ID, ID], what: 1 }, [ID]);

    expect(problems).toEqual([
      expect.stringContaining('"what" is unknown'),
      expect.stringContaining('scheduledTime is "now". Give an instant in UTC like "2026-11-23T10:00:00Z"'),
      expect.stringContaining('dryRun is "yes". Give true or false.'),
      expect.stringContaining('accounts hold "x", which is no account id.'),
      expect.stringContaining(`accounts hold ${OTHER_ID}, which is not among`),
    ]);
  });

  it.each([["a text"], [7], [true], [false], [0], [""], [[]], [[{}]]])("that is no object, %j, is refused", (event) => {
    const problems = problemsOf(event);

    expect(problems).toEqual([expect.stringMatching(/^The event is no JSON object\. Give \{\}/)]);
  });

  it("of any JSON gives an order, or an InputError that names what is wrong", () => {
    const json = fc.jsonValue();
    const event = fc.oneof(
      json,
      fc.record(
        {
          scheduledTime: fc.oneof(
            json,
            fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
          ),
          accounts: fc.oneof(json, fc.array(fc.oneof(fc.constantFrom(ID, OTHER_ID), json), { maxLength: 3 })),
          dryRun: fc.oneof(fc.boolean(), json),
        },
        { requiredKeys: [] },
      ),
      fc.constant(JSON.parse('{"__proto__": {"dryRun": true}}')),
    );
    fc.assert(
      fc.property(event, fc.constantFrom("all" as const, [ID]), (given, configured) => {
        try {
          const order = parseEvent(given, configured, NOW);

          const named = (given ?? {}) as { accounts?: string[]; dryRun?: boolean };
          expect(order.slot).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
          expect(order.accounts).toEqual(named.accounts === undefined ? configured : [...new Set(named.accounts)]);
          expect(order.dryRun).toBe(named.dryRun ?? false);
        } catch (thrown) {
          if (!(thrown instanceof InputError)) throw thrown;
          expect(thrown.problems.length).toBeGreaterThan(0);
          for (const problem of thrown.problems) expect(problem).toMatch(/^The event('s| is)/);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
