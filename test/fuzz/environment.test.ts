import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect } from "@jest/globals";
import fc from "fast-check";
import { type Config, readConfig } from "../../core/config.ts";
import { InputError } from "../../core/domain/errors.ts";
import { ENV } from "../../core/names/environment.ts";
import { fuzz } from "./fuzz.ts";

const folder = mkdtempSync(join(tmpdir(), "environment-fuzz-"));
afterAll(() => rmSync(folder, { recursive: true }));

const ACCOUNTS = Array.from({ length: 4 }, (_, at) => `account_af2937b0-9846-4fe7-bfe9-ccc22d93511${at}`);

/** The value of a variable, and the expected configuration. */
interface Setting {
  readonly name: string;
  readonly given: string | undefined;
  /** The content of the file whose path the variable then is. */
  readonly file?: string;
  readonly expected: Partial<Config>;
}

const NUMBERS = [
  [ENV.pageSize, "pageSize", 1, 1000, 1, undefined],
  [ENV.maxPages, "maxPages", 1, 100_000, 1, 1000],
  [ENV.accountsAtOnce, "accountsAtOnce", 1, 100, 1, 16],
  [ENV.readsPerTenSeconds, "readsPerTenSeconds", 1, 100_000, 1, 600],
  [ENV.requestTimeoutMs, "requestTimeoutMs", 1, 300_000, 1, 10_000],
  [ENV.maxAttempts, "maxAttempts", 1, 100, 1, 6],
  [ENV.retentionDays, "retentionDays", 1, 36_500, 1, undefined],
  [ENV.latenessLimitSeconds, "latenessLimitMs", 1, 366 * 86_400, 1000, 3_600_000],
  [ENV.reserveSeconds, "reserveMs", 1, 600, 1000, 15_000],
] as const;

const anySpace = fc.constantFrom("", "", " ", "\t", "\n", "\r\n ");
const padded = (text: fc.Arbitrary<string>) => fc.tuple(anySpace, text, anySpace).map((parts) => parts.join(""));
const unset = fc.constantFrom(undefined, "", " ", "\n");
const word = fc.stringMatching(/^[a-z][a-zA-Z0-9_./:-]{0,30}$/);

const anyNumber = fc.constantFrom(...NUMBERS).chain(([name, key, min, max, scale, preset]) =>
  fc.oneof(
    fc
      .record({ value: fc.integer({ min, max }), zeros: fc.constantFrom("", "0", "000") })
      .chain(({ value, zeros }) =>
        padded(fc.constant(`${zeros}${value}`)).map(
          (given): Setting => ({ name, given, expected: { [key]: value * scale } }),
        ),
      ),
    unset.map((given): Setting => ({ name, given, expected: { [key]: preset } })),
  ),
);

const host = fc.constantFrom("api.cdp.coinbase.com", "sandbox.cdp.coinbase.com", "xn--bcher-kva.example", "10.0.0.1");
const anyUrl = fc
  .tuple(
    fc.oneof(
      host.map((name) => `https://${name}`),
      fc.constantFrom("http://localhost", "http://127.0.0.1", "http://[::1]", "http://127.8.9.10"),
    ),
    fc.constantFrom("", ":8443", ":1"),
    fc.constantFrom("", "/", "/platform", "/a/b%20c//", "/platform/"),
    fc.boolean(),
  )
  .chain(([origin, port, path, loud]) => {
    const text = `${loud ? origin.toUpperCase() : origin}${port}${path}`;
    const expected = { apiBaseUrl: `${origin}${port}${path}`.replace(/\/+$/, "") };
    return padded(fc.constant(text)).map((given): Setting => ({ name: ENV.apiBaseUrl, given, expected }));
  });

const anyText = fc
  .constantFrom([ENV.tableName, "tableName"] as const, [ENV.apiKeySecretId, "apiKeySecretId"] as const)
  .chain(([name, key]) =>
    word.chain((text) =>
      padded(fc.constant(text)).map((given): Setting => ({ name, given, expected: { [key]: text } })),
    ),
  );

const anyAccounts = fc
  .record({ ids: fc.array(fc.constantFrom(...ACCOUNTS), { minLength: 1, maxLength: 6 }), indent: fc.nat(2) })
  .map(({ ids, indent }): Setting => {
    const file = JSON.stringify(ids, null, indent);
    return { name: ENV.accountsFile, given: undefined, file, expected: { accounts: [...new Set(ids)] } };
  });

const anySettings = fc.uniqueArray(fc.oneof(anyNumber, anyUrl, anyText, anyAccounts), {
  maxLength: 8,
  selector: ({ name }) => name,
});

const REQUIRED = { [ENV.apiKeySecretId]: "cdp-api-key", [ENV.tableName]: "balance-snapshots" };

function environmentOf(settings: readonly Pick<Setting, "name" | "given" | "file">[]) {
  const path = join(folder, "accounts.json");
  const variables = settings.map(({ name, given, file }) => {
    if (file !== undefined) writeFileSync(path, file);
    return [name, file === undefined ? given : path] as const;
  });
  return { ...REQUIRED, ...Object.fromEntries(variables) };
}

const CONFIDENTIAL = "what-nobody-else-may-read";
const INVALID_URLS =
  "http://api.cdp.coinbase.com api.cdp.coinbase.com ftp://localhost https:// //localhost https://me:pass@example.com " +
  "https://me@example.com https://example.com? https://example.com/a?b=c https://example.com# http://localhost.example.com " +
  "http://127.0.0.1.example.com javascript:alert(1) file:///etc/passwd http://0.0.0.0 https://exa%40mple.com data:,x";
const INVALID_LISTS = [
  ...[
    "",
    "[",
    "{}",
    "7",
    "null",
    "true",
    '"all"',
    "[]",
    `{"privateKey": "${CONFIDENTIAL}"}`,
    `${CONFIDENTIAL}`,
    `["${CONFIDENTIAL}`,
    "\u0000",
  ],
  ...[
    `[${JSON.stringify(ACCOUNTS)}]`,
    '["account_1"]',
    "[7]",
    "[null]",
    "[{}]",
    `${"[".repeat(5_000)}${"]".repeat(5_000)}`,
  ],
  JSON.stringify([...ACCOUNTS, ` ${ACCOUNTS[0]}`]),
  JSON.stringify([CONFIDENTIAL.repeat(1_000)]),
];

const anyInvalid = fc.oneof(
  fc.constantFrom(...NUMBERS).chain(([name, , min, max]) =>
    fc
      .oneof(
        fc.constantFrom(
          "-1",
          "1.5",
          "1e2",
          "0x10",
          "١",
          "NaN",
          "Infinity",
          "+5",
          "5,0",
          "5 0",
          "1_000",
          "true",
          CONFIDENTIAL,
        ),
        fc.bigInt({ min: BigInt(max) + 1n, max: 10n ** 400n }).map(String),
        fc.integer({ min: 0, max: min - 1 }).map(String),
        fc.string({ unit: fc.constantFrom(..."0123456789.eE+-xX, "), minLength: 1, maxLength: 12 }),
      )
      .filter((given) => given.trim() !== "" && !isInteger(given.trim(), min, max))
      .map((given) => ({ name, given })),
  ),
  fc.constantFrom(...INVALID_URLS.split(" ")).map((given) => ({ name: ENV.apiBaseUrl, given })),
  fc
    .constantFrom<keyof typeof REQUIRED>(ENV.apiKeySecretId, ENV.tableName)
    .chain((name) => unset.map((given) => ({ name, given }))),
  fc.constantFrom(...INVALID_LISTS).map((text) => ({ name: ENV.accountsFile, given: undefined, file: text })),
  fc.constantFrom("/nowhere/x.json", ".", "\u0000").map((given) => ({ name: ENV.accountsFile, given })),
);

function isInteger(text: string, min: number, max: number): boolean {
  return [...text].every((digit) => "0123456789".includes(digit)) && BigInt(text) >= min && BigInt(text) <= max;
}

describe("the environment", () => {
  fuzz("a valid environment produces the expected configuration", 120, anySettings, (settings) => {
    const config = readConfig(environmentOf(settings));

    expect(config).toMatchObject(Object.assign({}, ...settings.map(({ expected }) => expected)));
  });

  fuzz(
    "an invalid environment is rejected with the name of the variable",
    120,
    fc.tuple(anySettings, anyInvalid),
    ([settings, invalid]) => {
      const { name, file } = invalid as Setting;
      const env = environmentOf([...settings.filter((setting) => setting.name !== name), invalid]);
      try {
        readConfig(env);
      } catch (thrown) {
        if (!(thrown instanceof InputError)) throw thrown;
        expect(thrown.code).toBe("config_invalid");
        expect(thrown.problems.map((problem) => problem.startsWith(`${name}: `))).toEqual([true]);
        expect(thrown.message.length).toBeLessThan(600);
        // The message shows the invalid items of a list, but nothing of any other file.
        if (file !== undefined && !file.startsWith("[")) expect(thrown.message).not.toContain("what-");
        return;
      }
      throw new Error("it was accepted");
    },
  );
});
