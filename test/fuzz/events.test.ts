import { describe, expect } from "@jest/globals";
import fc from "fast-check";
import { InputError } from "../../core/domain/errors.ts";
import { parseEvent } from "../../lambda/snapshot/event.ts";
import { fuzz } from "./fuzz.ts";
import { DEEP, deep, hostileText } from "./texts.ts";

const NOW = "2026-11-23T10:20:30.456Z";
const CONFIGURED = Array.from({ length: 5 }, (_, at) => `account_af2937b0-9846-4fe7-bfe9-ccc22d93511${at}`);
const STRANGE = "account_00000000-0000-0000-0000-000000000000";

/** An instant in one of its valid notations, and as a slot. */
const anyInstant = fc
  .record({
    instant: fc.date({ min: new Date("0001-01-01"), max: new Date("9999-12-31T23:59:59Z"), noInvalidDate: true }),
    digits: fc.integer({ min: 0, max: 3 }),
  })
  .map(({ instant, digits }) => {
    const [seconds = "", part = ""] = instant.toISOString().replace("Z", "").split(".");
    const kept = part.slice(0, digits);
    return { text: `${seconds}${kept && `.${kept}`}Z`, slot: `${seconds}.${kept.padEnd(3, "0")}Z` };
  });

const anyOrder = fc.record(
  {
    instant: anyInstant,
    accounts: fc.array(fc.constantFrom(...CONFIGURED), { minLength: 1, maxLength: 8 }),
    dryRun: fc.boolean(),
  },
  { requiredKeys: [] },
);
const anyConfigured = fc.constantFrom<readonly string[] | "all">("all", CONFIGURED);

interface Order {
  readonly instant?: { readonly text: string };
  readonly accounts?: readonly string[];
  readonly dryRun?: boolean;
}

const eventOf = ({ instant, ...rest }: Order): Record<string, unknown> => ({
  ...(instant && { scheduledTime: instant.text }),
  ...rest,
});

const anyJunk = fc.oneof(
  hostileText,
  fc.jsonValue(),
  fc.constantFrom<unknown>(
    null,
    7,
    [],
    {},
    "x".repeat(100_000),
    { x: "x".repeat(100_000) },
    DEEP,
    Array(1_000).fill("account_1"),
  ),
);
const isInstant = (given: unknown) => typeof given === "string" && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.test(given);
const NO_INSTANTS = [
  ..."2026-11-23 2026-02-30T10:00:00Z 2026-11-23T10:00:00 2026-11-23T10:00:00+01:00 2026-13-01T00:00:00Z".split(" "),
  ..."2026-11-23T24:00:00Z 2026-11-23T10:60:00Z 2026-11-23T10:00:00.1234Z +002026-11-23T10:00:00Z now <aws>".split(" "),
];
const NO_ACCOUNTS = [
  "account_1",
  STRANGE.toUpperCase(),
  ` ${STRANGE}`,
  `${STRANGE}\n`,
  `${STRANGE}/x`,
  `x${STRANGE}`,
  7,
];

/** An invalid key with its value, and the name that the message must contain. */
const anySpoiling = fc.oneof(
  fc
    .oneof(anyJunk, fc.constantFrom(...NO_INSTANTS))
    .filter((value) => !isInstant(value) || NO_INSTANTS.includes(value as string))
    .map((value) => ({ key: "scheduledTime", value, told: "scheduledTime is " })),
  anyJunk.filter((value) => typeof value !== "boolean").map((value) => ({ key: "dryRun", value, told: "dryRun is " })),
  anyJunk
    .filter((value) => value !== DEEP && (!Array.isArray(value) || value.length === 0))
    .map((value) => ({ key: "accounts", value, told: "accounts is " })),
  fc
    .tuple(
      fc.array(fc.constantFrom(...CONFIGURED), { maxLength: 3 }),
      fc.oneof(anyJunk, fc.constantFrom(...NO_ACCOUNTS)),
    )
    .map(([right, wrong]) => ({ key: "accounts", value: [...right, wrong], told: "accounts hold " })),
  fc
    .tuple(hostileText, anyJunk)
    .filter(([key]) => !["scheduledTime", "dryRun", "accounts", "__proto__"].includes(key))
    .map(([key, value]) => ({ key, value, told: "key " })),
);

describe("events", () => {
  fuzz(
    "a valid event becomes the matching run request",
    120,
    fc.tuple(anyOrder, anyConfigured),
    ([given, configured]) => {
      const order = parseEvent(eventOf(given), configured, Date.parse(NOW));

      const { instant, accounts, dryRun } = given;
      expect(order).toEqual({
        slot: instant?.slot ?? NOW,
        trigger: instant ? "schedule" : "manual",
        dryRun: dryRun === true,
        accounts: accounts ? accounts.filter((id, at) => accounts.indexOf(id) === at) : configured,
      });
    },
  );

  fuzz(
    "an event with an invalid value is rejected with the name of its key",
    120,
    fc.tuple(anyOrder, anyConfigured, anySpoiling),
    ([given, configured, { key, value, told }]) => {
      const event = { ...eventOf(given), [key]: value === DEEP ? deep(20_000) : value };
      try {
        parseEvent(event, configured, Date.parse(NOW));
      } catch (thrown) {
        if (!(thrown instanceof InputError)) throw thrown;
        expect(thrown.code).toBe("event_invalid");
        expect(thrown.problems[0]?.startsWith(`The event's ${told}`)).toBe(true);
        expect(
          thrown.problems.filter((problem) => !/^The event's (accounts hold|other)/.test(problem)).slice(1),
        ).toEqual([]);
        expect(thrown.problems[0]?.length).toBeLessThan(600);
        expect(thrown.message.length).toBeLessThan(5_000);
        return;
      }
      throw new Error("it was taken");
    },
  );
});
