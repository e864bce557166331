import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { readJobConfig } from "../../core/config.ts";
import { readConfigurationFile } from "../../core/configuration-file.ts";
import { InputError } from "../../core/domain/errors.ts";
import { ENV } from "../../core/names/environment.ts";
import { describe, expect, it } from "../support/jest.ts";
import { newFolder } from "../support/new-folder.ts";

const ID = "account_af2937b0-9846-4fe7-bfe9-ccc22d935114";

function fileWith(content: unknown): string {
  const path = join(newFolder(), "configuration.json");
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

function problemsOf(path: string): string[] {
  const problems: string[] = [];
  readConfigurationFile(path, problems);
  return problems;
}

describe("the configuration file", () => {
  it.each([
    ["nothing", {}],
    ["the defaults", { accounts: "all", explainedMoves: {} }],
  ])("may contain %s", (_, content) => {
    const defaults = readConfigurationFile(undefined, []);

    expect(readConfigurationFile(fileWith(content), [])).toEqual(defaults);
    expect(defaults).toEqual({ accounts: "all", explainedMoves: {} });
  });

  it("may have a byte order mark, or be in UTF-16, as PowerShell writes it", () => {
    const text = `\ufeff${JSON.stringify({ accounts: [ID] })}`;
    const read = (encoding: BufferEncoding) => {
      const path = join(newFolder(), "configuration.json");
      writeFileSync(path, Buffer.from(text, encoding));
      return readConfigurationFile(path, []).accounts;
    };

    expect([read("utf8"), read("utf16le")]).toEqual([[ID], [ID]]);
  });

  it.each([
    ["nothing", "", "could not be read: it is not JSON"],
    ["a list", [ID], 'is not an object. Expected a JSON object such as {"accounts": ["account_…"]}.'],
    ["an unknown key", { account: [ID] }, "has fields other than accounts, explainedMoves and keys"],
    ["no accounts", { accounts: [] }, "accounts: is not a list with at least one account id"],
    ["one account without a list", { accounts: ID }, "accounts: is not a list with at least one account id"],
    ["a list of moves", { explainedMoves: ["usdc"] }, "explainedMoves: is not an object"],
    ["an id with a line end", { accounts: [`${ID}\n`] }, "accounts: has entries that are not account ids (1)"],
    [
      "many invalid ids",
      { accounts: Array.from({ length: 5000 }, (_, at) => `wrong-${at}`) },
      'accounts: has entries that are not account ids (5000), such as "wrong-0", "wrong-1", "wrong-2".',
    ],
    [
      "an empty asset",
      { explainedMoves: { "": "pays suppliers" } },
      "explainedMoves: has names that are not assets (1)",
    ],
    ["a move without a reason", { explainedMoves: { usdc: true } }, "explainedMoves: is not an object"],
  ])("is rejected if it contains %s", (_, content, expected) => {
    const path = fileWith(content);

    const problems = problemsOf(path);

    expect(problems).toHaveLength(1);
    expect(problems[0]?.replace(`${path}: `, `${path} `)).toContain(`${ENV.configurationFile}: ${path} ${expected}`);
  });

  it.each([".", "\u0000", "/nowhere/x.json"])("is rejected if it cannot be read: %j", (path) => {
    expect(problemsOf(path)).toEqual([
      expect.stringMatching(/^SNAPSHOT_CONFIGURATION_FILE: .* could not be read: .*Expected a JSON object such as /),
    ]);
  });

  it.each([
    ["a key", "MC4CAQAwBQYDK2VwBCIEIA", /^SNAPSHOT_CONFIGURATION_FILE: .* could not be read: it is not JSON/],
    ["a key file", { privateKey: "MC4CAQAwBQYDK2VwBCIEIA" }, /has fields other than/],
    ["a key as the name of a key", { MC4CAQAwBQYDK2VwBCIEIA: 1 }, /has fields other than/],
    ["a large id", { accounts: ["x".repeat(100_000)] }, /such as "x+…/],
    ["deep nesting", `{"accounts": ${"[".repeat(9_999)}${"]".repeat(9_999)}}`, /such as a list of 1/],
  ])("is described in a few words, without its secrets, if it contains %s", (_, content, expected) => {
    const problems = problemsOf(fileWith(content)).join("\n");

    expect(problems).toMatch(expected);
    expect(problems).not.toContain("MC4C");
    expect(problems.length).toBeLessThan(600);
  });

  it.each([ENV.accountsOwner, ENV.accountsType])("excludes %s if it lists accounts", (filter) => {
    const env = { [ENV.apiKeySecretId]: "s", [ENV.tableName]: "t", [filter]: "prime" };
    const read = () => readJobConfig({ ...env, [ENV.configurationFile]: fileWith({ accounts: [ID] }) });

    expect(read).toThrow(InputError);
    expect(read).toThrow(`${filter}: filters the API's list of accounts, but ${ENV.configurationFile} lists accounts.`);
    expect(readJobConfig({ ...env, [ENV.configurationFile]: fileWith({}) }).accounts).toBe("all");
  });
});
