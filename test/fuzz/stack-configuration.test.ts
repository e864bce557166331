import { RootConstruct } from "constructs";
import fc from "fast-check";
import { readJobConfig } from "../../core/config.ts";
import { ENV } from "../../core/names/environment.ts";
import { slotRule } from "../../core/schedule/slot-rule.ts";
import { ConfigError, readConfig } from "../../infra/config/config.ts";
import type { KEYS } from "../../infra/config/config-keys.ts";
import { describe, expect, it } from "../support/jest.ts";
import { fuzz } from "./fuzz.ts";
import { anySchedule } from "./schedules.ts";
import { deep } from "./texts.ts";

/** A given value of a key, from cdk.json or as text from `-c`, and the expected value in the configuration. */
interface Setting {
  readonly key: keyof typeof KEYS;
  readonly given: unknown;
  readonly expected: unknown;
}

const ID = "af2937b0-9846-4fe7-bfe9-ccc22d935114";
const accounts = Array.from({ length: 4 }, (_, at) => `account_${ID.slice(0, -1)}${at}`);
const owners = ["entity", "customer", `entity_${ID}`, `customer_${ID}`];
const emails = ["a@example.com", "on.call+night@sub.example.org", "ü@example.com"];

const same = (key: Setting["key"], values: fc.Arbitrary<unknown>) =>
  values.map((given): Setting => ({ key, given, expected: given }));
const list = (key: Setting["key"], items: readonly string[]) =>
  fc
    .tuple(fc.subarray([...items], { minLength: 1 }), fc.constantFrom<string | undefined>(undefined, ",", ", ", " ,"))
    .map(
      ([given, comma]): Setting => ({ key, given: comma === undefined ? given : given.join(comma), expected: given }),
    );
const integer = (key: Setting["key"], max: number) =>
  fc
    .tuple(fc.integer({ min: 1, max }), fc.boolean())
    .map(([number, asText]): Setting => ({ key, given: asText ? String(number) : number, expected: number }));
const flag = (key: Setting["key"]) =>
  fc
    .tuple(fc.boolean(), fc.boolean())
    .map(([value, asText]): Setting => ({ key, given: asText ? String(value) : value, expected: value }));

const tagWord = fc.oneof(
  fc.stringMatching(/^[A-Za-z0-9_:/=+@ -]{1,20}$/).map((text) => text.replaceAll("=", "").trim() || "x"),
  fc.constantFrom("team", "constructor", "1", "toString"),
);
const anyTags = fc
  .tuple(
    fc.uniqueArray(
      tagWord.filter((key) => !/^aws:/i.test(key)),
      { minLength: 1, maxLength: 5 },
    ),
    tagWord,
    fc.boolean(),
  )
  .map(([keys, value, asText]): Setting => {
    const entries = keys.map((key) => [key, value] as const);
    const given = asText ? entries.map((entry) => entry.join("=")).join(",") : Object.fromEntries(entries);
    return { key: "tags", given, expected: Object.fromEntries(entries) };
  });

const VALID: fc.Arbitrary<Setting>[] = [
  same("stage", fc.stringMatching(/^[a-z][a-z0-9-]{0,19}$/)),
  same("stackName", fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,99}$/)),
  list("accounts", accounts),
  list("accountsOwner", owners),
  same("accountsType", fc.constantFrom("prime", "business", "cdp")),
  same("schedule", anySchedule),
  same("timezone", fc.constantFrom("UTC", "Europe/Zurich", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe")),
  same("secretName", fc.constantFrom("prod/cdp-key", `arn:aws:secretsmanager:eu-west-1:123456789012:secret:x-AbC123`)),
  same("kmsKeyArn", fc.constant(`arn:aws:kms:eu-west-1:123456789012:key/${ID}`)),
  integer("retentionDays", 36_500),
  same("backup", fc.constantFrom("daily", "weekly", "monthly")),
  flag("staticEgress"),
  flag("testEvents"),
  list("alarmEmails", emails),
  same(
    "apiBaseUrl",
    fc.constantFrom("https://api.cdp.coinbase.com/platform", "https://x.example:8443/a/b/", "https://[::1]/"),
  ),
  integer("pageSize", 1_000),
  integer("accountsAtOnce", 100),
  integer("readsPerTenSeconds", 600),
  anyTags,
];
const anySettings = fc
  .uniqueArray(fc.oneof(...VALID), { maxLength: 8, selector: ({ key }) => key })
  .filter((settings) => {
    const keys = settings.map(({ key }) => key);
    return !keys.includes("accounts") || !keys.some((key) => key === "accountsOwner" || key === "accountsType");
  });

/** Reads a configuration from `cdk.json` and the flags of `-c`. */
function read(inFile: readonly Setting[], flags: readonly Pick<Setting, "key" | "given">[] = []) {
  const { node } = new RootConstruct();
  node.setContext("balanceSnapshots", Object.fromEntries(inFile.map(({ key, given }) => [key, given])));
  for (const { key, given } of flags) node.setContext(key, given);
  return readConfig(node);
}

describe("the stack's configuration", () => {
  fuzz(
    "a valid configuration of the stack produces a valid configuration of the function",
    45,
    fc.tuple(anySettings, anySettings),
    ([inFile, flags]) => {
      const settings = [...inFile.filter(({ key }) => !flags.some((flag) => flag.key === key)), ...flags];
      const keys = settings.map(({ key }) => key);
      fc.pre(!keys.includes("accounts") || !keys.some((key) => key === "accountsOwner" || key === "accountsType"));

      const config = read(inFile, flags);
      const environment = readJobConfig({
        [ENV.apiKeySecretId]: "from-the-stack",
        [ENV.tableName]: "from-the-stack",
        [ENV.latenessLimitSeconds]: String(config.latenessMinutes * 60),
        [ENV.schedule]: config.schedule,
        [ENV.scheduleTimezone]: config.timezone,
        [ENV.accountsOwner]: config.accountsOwner?.join(","),
        [ENV.accountsType]: config.accountsType,
        [ENV.apiBaseUrl]: config.apiBaseUrl,
        [ENV.pageSize]: config.pageSize?.toString(),
        [ENV.accountsAtOnce]: config.accountsAtOnce?.toString(),
        [ENV.readsPerTenSeconds]: config.readsPerTenSeconds?.toString(),
        [ENV.retentionDays]: config.retentionDays?.toString(),
      });

      const expectedValues = Object.fromEntries(settings.map(({ key, expected }) => [key, expected]));
      const stackName = [expectedValues["stackName"] ?? "cdp-balance-snapshots", expectedValues["stage"]]
        .filter(Boolean)
        .join("-");
      expect(config).toMatchObject({ ...expectedValues, stackName });
      expect(Object.keys(config.tags ?? {})).toEqual(Object.keys(expectedValues["tags"] ?? {}));
      expect(environment.schedule).toEqual({ expression: config.schedule, timezone: config.timezone });
      expect(slotRule({ expression: config.schedule, timezone: config.timezone })).toBeDefined();
    },
  );
});

// Regression tests for what fuzzing found.
describe("a configuration of the stack", () => {
  const configOf = (given: object) => {
    const { node } = new RootConstruct();
    node.setContext("balanceSnapshots", given);
    return readConfig(node);
  };
  const errorOf = (given: object): ConfigError => {
    try {
      configOf(given);
    } catch (thrown) {
      if (thrown instanceof ConfigError) return thrown;
      throw thrown;
    }
    throw new Error("expected a ConfigError");
  };

  it("with a period of more than a year has a lateness limit that the function accepts", () => {
    const { latenessMinutes } = configOf({ schedule: "cron(0 0 1 1 ? 2026/2)", latenessMinutes: 366 * 1440 });
    const env = {
      [ENV.latenessLimitSeconds]: String(latenessMinutes * 60),
      [ENV.tableName]: "t",
      [ENV.apiKeySecretId]: "s",
    };

    expect(readJobConfig(env).latenessLimitMs).toBe(366 * 86_400_000);
    expect(errorOf({ schedule: "cron(0 0 1 1 ? 2026/2)", latenessMinutes: 366 * 1440 + 1 }).message).toContain(
      "a year",
    );
  });

  it.each([
    ["two tags with the same key", { tags: "team=finance,team=treasury" }],
    ["a tag with a key that an object does not keep", { tags: "__proto__=finance,team=treasury" }],
    ["the same in cdk.json", { tags: JSON.parse('{"__proto__": "finance", "team": "treasury"}') }],
  ])("with %s is rejected, because one tag would be lost silently", (_, given) => {
    expect(errorOf(given).message).toContain("  tags: given ");
  });

  it.each([
    ["a long value", { timezone: "x".repeat(50_000) }],
    ["a long key", { ["x".repeat(50_000)]: 1 }],
    ["a deep value", { pageSize: deep(20_000) }],
    ["a value of several lines", { timezone: "Europe\nZurich" }],
  ])("with %s is rejected in one short line", (_, given) => {
    const { message } = errorOf(given);

    expect(message.split("\n")).toHaveLength(2);
    expect(message.length).toBeLessThan(1_000);
  });
});
