import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { RootConstruct } from "constructs";
import fc from "fast-check";
import { readJobConfig, readJobConfigs } from "../../core/config.ts";
import { ENV } from "../../core/names/environment.ts";
import { slotRule } from "../../core/schedule/slot-rule.ts";
import { ConfigError } from "../../infra/config/config-error.ts";
import { readConfig } from "../../infra/config/context.ts";
import { validateProps } from "../../infra/config/validate.ts";
import { fileContent } from "../../infra/snapshot/configuration-layer.ts";
import { describe, expect, it } from "../support/jest.ts";
import { newFolder } from "../support/new-folder.ts";
import { fuzz } from "./fuzz.ts";
import { anySchedule } from "./schedules.ts";
import { deep } from "./texts.ts";

const ID = "af2937b0-9846-4fe7-bfe9-ccc22d935114";
const OWNERS = ["entity", "customer", `entity_${ID}`, `customer_${ID}`];

/** Returns the stack's configuration of what `cdk.json` contains. */
function configOf(given: object) {
  const { node } = new RootConstruct();
  node.setContext("balanceSnapshots", given);
  return validateProps(readConfig(node).snapshots);
}

/** The keys that the function receives; test/infra/config.test.ts tests how each key can be written. */
const anyConfiguration = fc.record(
  {
    schedule: anySchedule,
    timezone: fc.constantFrom("UTC", "Europe/Zurich", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"),
    accountsOwner: fc.subarray(OWNERS, { minLength: 1 }),
    accountsType: fc.constantFrom("prime", "business", "cdp"),
    apiBaseUrl: fc.constantFrom(
      ...["https://api.cdp.coinbase.com/platform", "https://x.example:8443/a/b/", "https://[::1]/"],
    ),
    pageSize: fc.integer({ min: 1, max: 1_000 }),
    accountsAtOnce: fc.integer({ min: 1, max: 320 }),
    readsPerTenSeconds: fc.integer({ min: 1, max: 600 }),
    retentionDays: fc.integer({ min: 1, max: 36_500 }),
  },
  { requiredKeys: [] },
);

describe("the stack's configuration", () => {
  fuzz(
    "a valid configuration of the stack produces a valid configuration of the function",
    20,
    anyConfiguration,
    (given) => {
      const { apiKeys, ...config } = configOf(given);
      const [key] = apiKeys;
      assert(key);
      const environment = readJobConfig({
        [ENV.apiKeySecretId]: "from-the-stack",
        [ENV.tableName]: "from-the-stack",
        [ENV.latenessLimitSeconds]: String(key.latenessMinutes * 60),
        [ENV.schedule]: key.schedule,
        [ENV.scheduleTimezone]: key.timezone,
        [ENV.accountsOwner]: key.accountsOwner?.join(","),
        [ENV.accountsType]: key.accountsType,
        [ENV.apiBaseUrl]: config.apiBaseUrl,
        [ENV.pageSize]: config.pageSize?.toString(),
        [ENV.accountsAtOnce]: config.accountsAtOnce?.toString(),
        [ENV.readsPerTenSeconds]: key.readsPerTenSeconds?.toString(),
        [ENV.retentionDays]: config.retentionDays?.toString(),
      });

      const schedule = { expression: key.schedule, timezone: key.timezone };
      expect({ ...config, ...key }).toMatchObject(given);
      expect(environment.schedule).toEqual(schedule);
      expect(slotRule(schedule)).toBeDefined();
    },
  );
});

const anyKey = fc.record(
  {
    secretName: fc.stringMatching(/^[\w/+=.@-]{1,20}$/),
    // Any schedule would take seconds per key. The test above has them.
    schedule: fc.constantFrom("cron(0/15 * * * ? *)", "cron(0 18 ? * MON-FRI *)", "cron(30 6 1 * ? *)"),
    timezone: fc.constantFrom("UTC", "Europe/Zurich", "Australia/Lord_Howe"),
    accountsOwner: fc.subarray(OWNERS, { minLength: 1 }),
    accountsType: fc.constantFrom("prime", "business", "cdp"),
    readsPerTenSeconds: fc.integer({ min: 1, max: 30 }),
  },
  { requiredKeys: [] },
);

const anyKeys = fc.record({
  keys: fc
    .dictionary(fc.stringMatching(/^[a-z][a-z0-9-]{0,19}$/), anyKey, { minKeys: 1, maxKeys: 5, noNullPrototype: true })
    .filter(
      (keys) => new Set(Object.keys(keys).map((name) => name.replaceAll("-", ""))).size === Object.keys(keys).length,
    ),
  sharedReadLimit: fc.constant(true),
});

describe("several keys in the stack's configuration", () => {
  fuzz(
    "give the function the settings of each, and a shared limit that they do not exceed together",
    20,
    anyKeys,
    (given) => {
      const { apiKeys } = configOf(given);
      const file = join(newFolder(), "configuration.json");
      writeFileSync(file, JSON.stringify(fileContent({ apiKeys, explainedMoves: undefined })));
      const read = readJobConfigs({
        [ENV.tableName]: "from-the-stack",
        [ENV.apiKeySecretIds]: JSON.stringify(Object.fromEntries(apiKeys.map(({ name }) => [name, "from-the-stack"]))),
        [ENV.configurationFile]: file,
      });

      expect(apiKeys.map(({ name = "" }) => name)).toEqual(Object.keys(given.keys).sort());
      expect(read.reduce((sum, { readsPerTenSeconds }) => sum + readsPerTenSeconds, 0)).toBeLessThanOrEqual(600);
      for (const [i, { name = "", latenessMinutes, ...key }] of apiKeys.entries()) {
        expect(key).toMatchObject(given.keys[name] ?? {});
        expect(read[i]).toMatchObject({
          key: name,
          accounts: key.accounts,
          accountsOwner: key.accountsOwner?.join(","),
          accountsType: key.accountsType,
          readsPerTenSeconds: key.readsPerTenSeconds,
          latenessLimitMs: latenessMinutes * 60_000,
          schedule: { expression: key.schedule, timezone: key.timezone },
        });
      }
    },
  );
});

// Regression tests for what fuzzing found.
describe("a configuration of the stack", () => {
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
    const { apiKeys } = configOf({ schedule: "cron(0 0 1 1 ? 2026/2)", latenessMinutes: 366 * 1440 });
    const [{ latenessMinutes } = { latenessMinutes: 0 }] = apiKeys;
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
