import { describe, expect } from "@jest/globals";
import fc from "fast-check";
import { InputError } from "../../core/domain/errors.ts";
import { parseEvent } from "../../lambda/snapshot/event.ts";
import { fuzz } from "./fuzz.ts";
import { DEEP, deep, hostileText } from "./texts.ts";

const NOW = "2026-11-23T10:20:30.456Z";
const CONFIGURED = Array.from({ length: 5 }, (_, at) => `account_af2937b0-9846-4fe7-bfe9-ccc22d93511${at}`);
const STRANGE = "account_00000000-0000-0000-0000-000000000000";

/** An instant in one of its valid spellings, and as a slot. */
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

const anyRequest = fc.record(
  {
    instant: anyInstant,
    accounts: fc.array(fc.constantFrom(...CONFIGURED), { minLength: 1, maxLength: 8 }),
    dryRun: fc.boolean(),
  },
  { requiredKeys: [] },
);
const anyConfigured = fc.constantFrom<readonly string[] | "all">("all", CONFIGURED);

interface Request {
  readonly instant?: { readonly text: string };
  readonly accounts?: readonly string[];
  readonly dryRun?: boolean;
}

const eventOf = ({ instant, ...rest }: Request): Record<string, unknown> => ({
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

/** A key with an invalid value, and how the message names it. */
const anyInvalidKey = fc.oneof(
  fc
    .oneof(anyJunk, fc.constantFrom(...NO_INSTANTS))
    .filter((value) => !isInstant(value) || NO_INSTANTS.includes(value as string))
    .map((value) => ({ key: "scheduledTime", value, words: "scheduledTime is " })),
  anyJunk.filter((value) => typeof value !== "boolean").map((value) => ({ key: "dryRun", value, words: "dryRun is " })),
  anyJunk
    .filter((value) => value !== DEEP && (!Array.isArray(value) || value.length === 0))
    .map((value) => ({ key: "accounts", value, words: "accounts is " })),
  fc
    .tuple(
      fc.array(fc.constantFrom(...CONFIGURED), { maxLength: 3 }),
      fc.oneof(anyJunk, fc.constantFrom(...NO_ACCOUNTS)),
    )
    .map(([right, wrong]) => ({ key: "accounts", value: [...right, wrong], words: "accounts contain " })),
  fc
    .tuple(hostileText, anyJunk)
    .filter(([key]) => !["scheduledTime", "dryRun", "accounts", "__proto__"].includes(key))
    .map(([key, value]) => ({ key, value, words: "key " })),
);

describe("events", () => {
  fuzz(
    "a valid event becomes the matching run request",
    120,
    fc.tuple(anyRequest, anyConfigured),
    ([given, configured]) => {
      const request = parseEvent(eventOf(given), configured, Date.parse(NOW));

      const { instant, accounts, dryRun } = given;
      expect(request).toEqual({
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
    fc.tuple(anyRequest, anyConfigured, anyInvalidKey),
    ([given, configured, { key, value, words }]) => {
      const event = { ...eventOf(given), [key]: value === DEEP ? deep(20_000) : value };
      try {
        parseEvent(event, configured, Date.parse(NOW));
      } catch (thrown) {
        if (!(thrown instanceof InputError)) throw thrown;
        expect(thrown.code).toBe("event_invalid");
        expect(thrown.problems[0]?.startsWith(`The event's ${words}`)).toBe(true);
        expect(
          thrown.problems.filter((problem) => !/^The event('s accounts contain| has)/.test(problem)).slice(1),
        ).toEqual([]);
        expect(thrown.problems[0]?.length).toBeLessThan(600);
        expect(thrown.message.length).toBeLessThan(5_000);
        return;
      }
      throw new Error("the event was accepted");
    },
  );
});
