import { RootConstruct } from "constructs";
import { ConfigError } from "../../infra/config/config-error.ts";
import { readConfig } from "../../infra/config/context.ts";
import { validateProps } from "../../infra/config/validate.ts";
import { describe, expect, it } from "../support/jest.ts";
import { makeEcKey, makeEd25519Key } from "../support/keys.ts";
import { accountId } from "./configurations.ts";

const read = (given: object, flags: Record<string, unknown> = {}) => {
  const { node } = new RootConstruct();
  for (const [key, value] of Object.entries({ balanceSnapshots: given, ...flags })) node.setContext(key, value);
  return validateProps(readConfig(node).snapshots).apiKeys;
};

/** Returns the problems that the error lists, one per line. */
function problems(given: object, flags: Record<string, unknown> = {}): string[] {
  try {
    read(given, flags);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as Error).message.split("\n  ").slice(1);
  }
  return [];
}

const secretArn = (region: string) => `arn:aws:secretsmanager:${region}:123456789012:secret:cdp-a1B2c3`;
const many = (count: number, from = 0) => Array.from({ length: count }, (_, i) => accountId(from + i));
const numbered = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, {}]));

const HOURLY = { accounts: "all", schedule: "cron(0 * * * ? *)", timezone: "UTC", latenessMinutes: 60 };

describe("the keys of a configuration", () => {
  it("are one without a name, with the fields at the top level, unless the configuration has keys", () => {
    expect(read({})).toEqual([{ name: undefined, ...HOURLY }]);
    expect(read({ secretName: "cdp", accountsOwner: "entity", readsPerTenSeconds: 100 })).toEqual([
      { name: undefined, ...HOURLY, secretName: "cdp", accountsOwner: ["entity"], readsPerTenSeconds: 100 },
    ]);
  });

  it("are in alphabetical order, and take when and how fast from the top level unless they have their own", () => {
    const keys = { us: { schedule: "cron(0/15 * * * ? *)", latenessMinutes: 10 }, emea: { secretName: "cdp/emea" } };
    const common = { schedule: "cron(0 18 * * ? *)", timezone: "Europe/Berlin", readsPerTenSeconds: 300 };

    expect(read({ keys, ...common })).toEqual([
      // The shortest period is a day with 23 hours.
      { ...HOURLY, ...common, name: "emea", secretName: "cdp/emea", latenessMinutes: 23 * 60 },
      { ...HOURLY, ...common, name: "us", schedule: "cron(0/15 * * * ? *)", latenessMinutes: 10 },
    ]);
  });

  it("can be given with -c as JSON, whose fields can be text as at the top level", () => {
    const keys = { emea: { accounts: `${accountId(1)}, ${accountId(2)}`, readsPerTenSeconds: "200" }, us: {} };

    expect(read({}, { keys: JSON.stringify(keys) })).toEqual([
      { ...HOURLY, name: "emea", accounts: many(2, 1), readsPerTenSeconds: 200 },
      { ...HOURLY, name: "us" },
    ]);
  });

  it("divide a shared limit: the keys that set none get equal parts of the rest", () => {
    const limits = (given: object) => read(given).map(({ readsPerTenSeconds }) => readsPerTenSeconds);
    const keys = { a: {}, b: { readsPerTenSeconds: 100 }, c: {} };

    expect(limits({ keys })).toEqual([undefined, 100, undefined]);
    expect(limits({ keys, sharedReadLimit: true })).toEqual([250, 100, 250]);
    expect(limits({ keys, sharedReadLimit: "true", readsPerTenSeconds: 111 })).toEqual([5, 100, 5]);
    expect(limits({ keys, readsPerTenSeconds: 111 })).toEqual([111, 100, 111]);
  });
});

/** Configurations, and the only problem of each. */
const REJECTED: readonly [object, string][] = [
  [{ keys: {} }, "keys: given 0 keys; expected 1 to 20 API keys by name"],
  [{ keys: numbered(21) }, "keys: given 21 keys; expected 1 to 20 API keys by name"],
  [{ keys: [{}] }, "keys: given a list; expected 1 to 20 API keys by name"],
  [{ keys: null }, "keys: given null; expected 1 to 20 API keys by name"],
  [
    { keys: "{emea}" },
    "keys: given text that is not JSON: unexpected e at character 2 (a shell removes double quotes, unless the text is in single",
  ],
  [{ keys: '{"emea": {"time' }, "keys: given text that is not JSON: it ends too early, after 15 characters; expected"],
  [{ keys: "" }, "keys: given text that is not JSON: it is empty; expected"],
  [{ keys: "null" }, "keys: given text that is JSON, but not an object; expected"],
  [{ keys: '{"emea": {}, "us": {}, "emea": {}}' }, "keys: given emea more than once; expected each name once"],
  [
    { keys: '{"emea": {"secretName": "a", "secretName": "b"}}' },
    "keys.emea: given secretName more than once; expected each name once",
  ],
  // A name can be written with escapes, and a text can look like one.
  [
    { keys: String.raw`{"emea" : {"timezone":"\"}},\"us\":"}, "us":{}, "u\u0073" :{}}` },
    "keys: given us more than once; expected each name once",
  ],
  [
    { keys: '{"emea": {"accounts": [{"a": 1}, {"a": 1, "b": {}, "b": {}}]}}' },
    "keys.emea.accounts: given b more than once; expected each name once",
  ],
  [{ keys: { "us.east": {} } }, 'keys."us.east": not the name of a key; expected a lowercase letter'],
  [{ keys: JSON.parse('{"__proto__": {}}') }, "keys.__proto__: not the name of a key; expected"],
  [{ keys: { abcdefghijklmnopqrstu: {} } }, "keys.abcdefghijklmnopqrstu: not the name of a key; expected"],
  [{ keys: { "us-1": {}, us1: {} } }, "keys: given us-1 and us1; expected names that differ not only in hyphens"],
  [{ keys: { emea: "cdp/emea" } }, 'keys.emea: given text; expected an object such as {"secretName": "prod/cdp-key"}'],
  [{ keys: { emea: { scheduel: "x" } } }, "keys.emea.scheduel: unknown key; did you mean schedule?"],
  [{ keys: { emea: { pageSize: 5 } } }, 'keys.emea.pageSize: given for one key; expected beside "keys"'],
  [{ keys: { emea: { stage: "dev" } } }, 'keys.emea.stage: given for one key; expected beside "keys"'],
  [{ keys: { emea: { tableName: "x" } } }, "keys.emea.tableName: unknown key; expected secretName, secretKmsKeyArn, "],
  [{ keys: { emea: { schedule: "hourly" } } }, 'keys.emea.schedule: given "hourly"; expected an EventBridge'],
  [
    { keys: { emea: { schedule: "cron(0/5 * * * ? *)" } }, latenessMinutes: 30 },
    "latenessMinutes: given 30; expected at most 5 for keys.emea, the shortest period of cron(0/5 * * * ? *)",
  ],
  [
    { keys: { emea: { accounts: many(1), accountsType: "prime" } } },
    "keys.emea.accountsType: given with a list of accounts; expected only with accounts",
  ],
  [
    { keys: { emea: {} }, secretName: "cdp" },
    "secretName: given with keys; expected in a key, such as keys.emea.secretName",
  ],
  [
    { keys: { emea: { accounts: many(2) }, us: { accounts: many(2, 1) } } },
    `keys.us.accounts: given ${accountId(1)}, which is in keys.emea.accounts; expected it in one key`,
  ],
  [
    { keys: { emea: { accounts: many(3_000) }, us: { accounts: many(2_001, 3_000) } } },
    "keys: given 5001 accounts; expected at most 5000 in all keys together",
  ],
  [
    { keys: { emea: { secretName: "cdp" }, us: { secretName: "cdp" } } },
    "keys.us.secretName: given the secret of keys.emea; expected another secret, or sharedReadLimit true",
  ],
  [
    { keys: { emea: { secretName: secretArn("eu-west-1") }, us: { secretName: "cdp" } } },
    "given the secret of keys.emea; expected another secret, or sharedReadLimit true, or two full ARNs if",
  ],
  // The characters change if a secret is deleted and created again, and then only one of the two exists.
  [
    {
      keys: {
        emea: { secretName: secretArn("eu-west-1") },
        us: { secretName: secretArn("eu-west-1").replace("a1B2c3", "d4E5f6") },
      },
    },
    "keys.us.secretName: given the secret of keys.emea; expected another secret, or sharedReadLimit true",
  ],
  [
    { keys: { emea: { secretName: secretArn("eu-west-1") }, us: { secretName: secretArn("us-east-1") } } },
    "keys.us.secretName: given in us-east-1; expected in eu-west-1, the region of keys.emea.secretName",
  ],
  [
    { keys: { emea: { accounts: many(1) } }, explainedMoves: { [`${accountId(2)}/usdc`]: "pays suppliers" } },
    `explainedMoves: given for ${accountId(2)}; expected one of the configured accounts`,
  ],
  [
    { keys: numbered(20), tags: Object.fromEntries(many(10).map((id) => [id, "v".repeat(162)])) },
    "tags: given 10 with 2060 characters, with 20 keys; expected fewer or shorter ones",
  ],
  [{ keys: { emea: {} }, sharedReadLimit: "yes" }, 'sharedReadLimit: given "yes"; expected true or false'],
  [
    { keys: { a: { readsPerTenSeconds: 400 }, b: { readsPerTenSeconds: 201 } }, sharedReadLimit: true },
    "keys: given 601 as the sum of readsPerTenSeconds of a, b; expected at most 600 of the 600 that all keys share (sharedReadLimit)",
  ],
  [
    { keys: { a: { readsPerTenSeconds: 99 }, b: {}, c: {} }, sharedReadLimit: true, readsPerTenSeconds: 100 },
    "keys: given 99 as the sum of readsPerTenSeconds of a; expected at most 98 of the 100 that all keys share (sharedReadLimit), " +
      "which leaves one for each key without its own (b, c)",
  ],
  [
    { keys: { a: { readsPerTenSeconds: 9 }, ...numbered(3) }, sharedReadLimit: true, readsPerTenSeconds: 3 },
    "readsPerTenSeconds: given 3 for 4 keys; expected at least 4, one for each key, because they share it (sharedReadLimit)",
  ],
];

describe("the validation of keys", () => {
  it.each(REJECTED.map(([given, expected]) => [expected, given] as const))("reports %s", (expected, given) => {
    expect(problems(given)).toEqual([expect.stringContaining(expected)]);
  });

  it("reports all problems of all keys at once", () => {
    const keys = { Emea: { timezone: "Mars", acounts: "all" }, us: { accountsType: "x", pageSize: 1 }, x: 1 };

    const paths = problems({ keys, accountsOwner: "entity" }).map((problem) => problem.split(":")[0]);

    expect(paths.sort()).toEqual(
      ["accountsOwner", "keys.Emea", "keys.Emea.acounts", "keys.Emea.timezone"].concat(
        ...["keys.us.accountsType", "keys.us.pageSize", "keys.x"],
      ),
    );
  });

  it("reports each name that the JSON of keys repeats, once", () => {
    const keys =
      '{"emea": {}, "emea": {"timezone": "UTC", "timezone": "UTC", "timezone": "UTC"}, "a b": {}, "a b": {}}';

    expect(problems({}, { keys })).toEqual([
      "keys: given emea more than once; expected each name once",
      "keys.emea: given timezone more than once; expected each name once",
      'keys: given "a b" more than once; expected each name once',
    ]);
  });

  it("reports a lateness limit beside an invalid time zone, or says that it is not checked beside an invalid schedule", () => {
    const keys = { a: { timezone: "Mars", latenessMinutes: 61 }, b: { schedule: "hourly", latenessMinutes: 90 } };

    expect(problems({ keys })).toEqual([
      expect.stringMatching(/^keys\.a\.timezone: given "Mars"/),
      "keys.a.latenessMinutes: given 61; expected at most 60, the shortest period of cron(0 * * * ? *)",
      expect.stringMatching(/^keys\.b\.schedule: given "hourly"/),
      "keys.b.latenessMinutes: given 90; not checked, because its maximum is one period of the schedule",
    ]);
  });

  it("shows nothing of a key file that is given by mistake", () => {
    const secret = "c2VjcmV0";
    const file = { id: secret.slice(1), privateKey: secret };

    for (const keys of [
      JSON.stringify(file),
      `${JSON.stringify(file)},`,
      JSON.stringify(file).slice(1),
      file,
      { emea: secret },
      [secret],
      { emea: { privateKey: secret } },
      secret,
    ])
      expect(problems({}, { keys }).join()).not.toMatch(/c2VjcmV0|2VjcmV0/);
  });

  it("shows nothing of a key in the place of its secret's name", () => {
    for (const { file, formats } of [makeEd25519Key(), makeEcKey()]) {
      for (const secretName of [file, ...Object.values(formats)]) {
        const reported = [...problems({ secretName }), ...problems({ keys: { emea: { secretName } } })];
        expect(reported).toEqual([
          expect.stringMatching(/^secretName: given .*\[redacted\]/),
          expect.stringMatching(/^keys\.emea\.secretName: given .*\[redacted\]/),
        ]);
        expect(reported.join()).not.toContain(secretName.slice(30, 50));
      }
    }
  });

  it("accepts secrets with the same name in two accounts, and a name that only looks like the end of an ARN", () => {
    const arn = secretArn("eu-west-1");
    const pairs = [
      [arn, arn.replace("123456789012", "210987654321")],
      ["cdp-a1B2c3", arn],
      ["cdp-a1B2c3", "cdp"],
      ["prod/cdp", arn],
    ];
    for (const [a, b] of pairs) expect(problems({ keys: { a: { secretName: a }, b: { secretName: b } } })).toEqual([]);
  });

  it("accepts a shared secret with a shared limit, and all accounts of some keys with explained moves", () => {
    const keys = { a: { secretName: "cdp", accountsType: "prime" }, b: { secretName: "cdp", accountsType: "cdp" } };
    const explainedMoves = { [`${accountId(2)}/usdc`]: "pays suppliers" };

    expect(problems({ keys, sharedReadLimit: true })).toEqual([]);
    expect(problems({ keys: { a: { accounts: many(1) }, b: {} }, explainedMoves })).toEqual([]);
    // cdk.json has it, and it is the default of the keys.
    expect(problems({ keys: { a: {} }, accounts: "all" })).toEqual([]);
  });
});
