import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { readJobConfigs, readKeyNames } from "../../core/config.ts";
import type { InputError } from "../../core/domain/errors.ts";
import type { Environment } from "../../core/environment-settings.ts";
import { shareAmong } from "../../core/job.ts";
import { ENV } from "../../core/names/environment.ts";
import { describe, expect, it } from "../support/jest.ts";
import { newFolder } from "../support/new-folder.ts";

const ID = "account_af2937b0-9846-4fe7-bfe9-ccc22d935114";
const OTHER_ID = "account_00000000-9846-4fe7-bfe9-ccc22d935114";
const ONE_SECRET = { [ENV.apiKeySecretId]: "cdp-api-key", [ENV.tableName]: "t" };

/** Returns the environment of these keys, each with the secret `cdp/NAME`. */
function envOf(keys: unknown, more: Environment = {}, others: object = {}): Environment {
  const path = join(newFolder(), "configuration.json");
  writeFileSync(path, JSON.stringify({ ...others, ...(keys !== undefined && { keys }) }));
  const names = typeof keys === "object" && keys !== null ? Object.keys(keys) : ["emea"];
  const ids = Object.fromEntries(names.map((name) => [name, `cdp/${name}`]));
  return {
    ...{ [ENV.tableName]: "t", [ENV.configurationFile]: path, [ENV.apiKeySecretIds]: JSON.stringify(ids) },
    ...more,
  };
}

/** Returns the problems, without the file's path. */
function problemsOf(env: Environment): string[] {
  try {
    readJobConfigs(env);
  } catch (thrown) {
    expect(thrown).toMatchObject({ name: "InputError", code: "config_invalid" });
    return (thrown as InputError).problems.map((problem) => problem.replaceAll(` ${env[ENV.configurationFile]}:`, ""));
  }
  return [];
}

describe("the configuration of several keys", () => {
  it.each([
    [1, 320, 16],
    [4, 80, 4],
    [20, 16, 1],
  ])("gives each of %d runs an equal share of what they do at once", (runs, accountsAtOnce, storedAtOnce) => {
    expect(shareAmong(readJobConfigs(ONE_SECRET), runs)).toMatchObject({ accountsAtOnce, storedAtOnce });
  });

  it("has the common settings and those of each key, in the order of their names", () => {
    const emea = { readsPerTenSeconds: 200, schedule: "cron(5 * * * ? *)", timezone: "Europe/Berlin" };
    const us = { accountsOwner: "entity,customer", accountsType: "prime", latenessLimitSeconds: 60 };
    const more = { [ENV.schedule]: "cron(0 9 * * ? *)", [ENV.readsPerTenSeconds]: "300", [ENV.maxPages]: "7" };

    const configs = readJobConfigs(envOf({ us, emea, apac: { accounts: [ID, ID] } }, more));

    const common = { maxPages: 7, keys: ["apac", "emea", "us"], keyOfListed: new Map([[ID, "apac"]]) };
    const daily = { expression: "cron(0 9 * * ? *)", timezone: "UTC" };
    expect(configs).toMatchObject([
      { ...common, key: "apac", apiKeySecretId: "cdp/apac", accounts: [ID], readsPerTenSeconds: 300, schedule: daily },
      {
        ...{ ...common, key: "emea", apiKeySecretId: "cdp/emea", accounts: "all", readsPerTenSeconds: 200 },
        schedule: { expression: "cron(5 * * * ? *)", timezone: "Europe/Berlin" },
      },
      {
        ...{ ...common, key: "us", accountsOwner: "entity,customer", accountsType: "prime", latenessLimitMs: 60_000 },
        schedule: daily,
      },
    ]);
    expect(configs.map(({ latenessLimitMs }) => latenessLimitMs)).toEqual([3_600_000, 3_600_000, 60_000]);
  });

  it.each<[string, object, string]>([
    ["a number as schedule", { schedule: 7 }, "schedule: is 7. Expected a text."],
    ["an empty time zone", { timezone: " " }, 'timezone: is " ". Expected a text.'],
    [
      "a limit in a string",
      { readsPerTenSeconds: "5" },
      'readsPerTenSeconds: is "5". Expected a whole number from 1 to 100000.',
    ],
    ["a limit of zero", { readsPerTenSeconds: 0 }, "readsPerTenSeconds: is 0."],
    [
      "a fraction",
      { latenessLimitSeconds: 1.5 },
      "latenessLimitSeconds: is 1.5. Expected a whole number from 1 to 31622400.",
    ],
    ["no accounts", { accounts: [] }, "accounts: is not a list with at least one account id."],
    ["wrong accounts", { accounts: [7] }, "accounts: has entries that are not account ids (1), such as 7."],
    [
      "a list and a filter",
      { accounts: [ID], accountsType: "prime" },
      "accountsType: filters the API's list of accounts, but keys.emea.accounts lists accounts.",
    ],
  ])("names the path of %s", (_, emea, expected) => {
    expect(problemsOf(envOf({ emea, us: {} }))).toEqual([
      expect.stringContaining(`${ENV.configurationFile}: keys.emea.${expected}`),
    ]);
  });

  it.each<[string, unknown, string]>([
    ["a list", ["emea"], "keys: is not an object. Expected an object with the names of 1 to 20 keys."],
    ["no key", {}, "keys: has 0 names. Expected an object with the names of 1 to 20 keys."],
    ["too many keys", Object.fromEntries(Array.from({ length: 21 }, (_, at) => [`k${at}`, {}])), "keys: has 21 names."],
    ["a name with a capital", { Emea: {} }, 'keys: has the name "Emea". Expected a lowercase letter, then up to 19'],
    ["a key that is a text", { emea: "MC4CAQAwBQYDK2VwBCIEIA" }, "keys.emea: is not an object."],
    [
      "a private key",
      { emea: { MC4CAQAwBQYDK2VwBCIEIA: "x" } },
      "keys.emea: has fields other than accounts, accountsOwner,",
    ],
  ])("is rejected if it contains %s", (_, keys, expected) => {
    const problems = problemsOf(envOf(keys, { [ENV.apiKeySecretIds]: '{"emea": "x"}' }));

    expect(problems.join("\n")).toContain(`${ENV.configurationFile}: ${expected}`);
    expect(problems.join("\n")).not.toContain("MC4C");
  });

  it("rejects an account of two keys, which would depend on the order of their runs", () => {
    const env = envOf({ emea: { accounts: [ID, OTHER_ID] }, us: { accounts: [OTHER_ID] } });

    expect(problemsOf(env)).toEqual([
      `${ENV.configurationFile}: keys.us.accounts: has accounts of other keys (1), such as ${OTHER_ID} of emea. Remove them from one.`,
    ]);
  });

  it.each([
    ["not JSON", "emea=cdp/emea", "is not a JSON object of names and secrets."],
    ["a list", '["cdp/emea"]', "is not a JSON object of names and secrets."],
    ["an empty secret", '{"emea": " "}', "is not a JSON object of names and secrets."],
    ["nothing", "", "is not set."],
    ["another key", '{"us": "cdp/us"}', "has no secret for emea."],
  ])("is rejected if the variable with the secrets contains %s", (_, value, expected) => {
    const problems = problemsOf(envOf({ emea: {} }, { [ENV.apiKeySecretIds]: value }));

    expect(problems[0]).toContain(`${ENV.apiKeySecretIds}: ${expected}`);
  });

  it("is rejected with all its problems at once", () => {
    const more = {
      [ENV.apiKeySecretId]: "x",
      [ENV.accountsOwner]: "entity",
      [ENV.maxPages]: "many",
      [ENV.tableName]: "",
    };

    const problems = problemsOf(envOf({ emea: { schedule: 1 }, us: { accounts: [] } }, more, { accounts: [ID] }));

    expect(problems.map((problem) => problem.replace(`${ENV.configurationFile}: `, "").split(": ")[0])).toEqual([
      ...["accounts", "keys.emea.schedule", "keys.us.accounts"],
      ...[ENV.apiKeySecretId, ENV.accountsOwner, ENV.tableName, ENV.maxPages],
    ]);
  });

  it("is rejected if the environment has a key that the file does not have", () => {
    const secrets = '{"emea": "a", "us": "b"}';

    expect(problemsOf(envOf({ emea: {} }, { [ENV.apiKeySecretIds]: secrets }))).toEqual([
      `${ENV.configurationFile}: has no keys.us. ${ENV.apiKeySecretIds} has its secret.`,
    ]);
    expect(problemsOf({ ...ONE_SECRET, [ENV.apiKeySecretIds]: secrets })).toHaveLength(3);
  });

  it("still names the keys if it is invalid", () => {
    expect(readKeyNames(envOf({ us: { schedule: 1 }, emea: {} }))).toEqual(["emea", "us"]);
    expect([ONE_SECRET, { [ENV.apiKeySecretIds]: "{" }].map(readKeyNames)).toEqual([undefined, undefined]);
  });
});
