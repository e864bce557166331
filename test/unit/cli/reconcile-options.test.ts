import { keyGroups } from "../../../cli/shared/reconcile/key-groups.ts";
import { transferProblems } from "../../../cli/shared/reconcile/transfer-options.ts";
import type { AccountActivity } from "../../../core/domain/account-activity.ts";
import { OUTPUTS } from "../../../core/names/outputs.ts";
import { expectFailure, runBalances } from "../../support/history-cli.ts";
import { describe, expect, it } from "../../support/jest.ts";
import { newFolder } from "../../support/new-folder.ts";

describe("the options of transfers", () => {
  it.each<[string, Parameters<typeof transferProblems>[0]]>([
    ["a key file", { keyFile: "k.json" }],
    ["a secret with a table", { secret: "s", table: "t" }],
    ["the secrets of a stack", { stack: "s" }],
    ["a file, with the table of a stack", { transfers: "t.json", stack: "s" }],
    ["a file to save", { keyFile: "k.json", saveTransfers: "t.json", out: "o.json", sandbox: true }],
  ])("accept %s", (_, options) => {
    expect(transferProblems(options)).toEqual([]);
  });

  it.each<[Parameters<typeof transferProblems>[0], RegExp]>([
    [{}, /^No source of transfers is given\. Add --key-file, --secret or --stack to ask the API, or --transfers/],
    [{ keyFile: "k", transfers: "t" }, /^Use either --key-file or --transfers\.$/],
    [
      { secret: "s" },
      /^--secret requires --table or --stack: with the embedded table, AWS is not used\. Or give --key-file\.$/,
    ],
    [
      { transfers: "t", api: "http://x", saveTransfers: "u" },
      /^With --transfers, the API is not asked\. Leave --api and --save-transfers out\.$/,
    ],
    [{ keyFile: "k", api: "http://x", sandbox: true }, /^Use either --api or --sandbox\.$/],
    [
      { keyFile: "k", saveTransfers: "-" },
      /^--save-transfers: stdout has the reconciliation\. Expected the path of a file\.$/,
    ],
    [
      { keyFile: "k", saveTransfers: "./a", out: "a" },
      /^--save-transfers: \.\/a is also the file of --out\. Choose another file\.$/,
    ],
  ])("refuse %j", (options, message) => {
    expect(transferProblems(options)).toEqual([expect.stringMatching(message)]);
  });
});

describe("reconcile", () => {
  const run = (line: string) => runBalances(["reconcile", ...line.split(" ")], newFolder(), {});

  it("reports all problems of its options at once, before it reads anything", async () => {
    const ended = await run(
      "--to tomorrow --timezone UTC --by asset --detail --key-file /nowhere/k.json --api ftp://x",
    );

    expectFailure(ended, 2, /^--to: "tomorrow" is not a valid date/);
    expect(ended.stderr).toMatch(
      /^A reconciliation needs a period\. Add --from, such as --from 2026-10-01, and --to\.$/m,
    );
    expect(ended.stderr).toMatch(
      /^--detail lists the transfers of each account\. Use either --detail or --by asset\.$/m,
    );
    expect(ended.stderr).toMatch(/^--api: /m);
    expect(ended.stderr).toMatch(/^--key-file: cannot read \/nowhere\/k\.json \(ENOENT\)\./m);
  });

  it.each<[string, RegExp]>([
    [
      "--from 2026-10-01 --transfers /nowhere/t.json",
      /^--transfers: cannot read \/nowhere\/t\.json \(ENOENT\)\. Expected the file of/,
    ],
    ["--from 2026-10-01 --stack s --fees both", /'both' is invalid\. Allowed choices are included, excluded\./],
    [
      "--from 2026-10-01 --stack s --out x.html",
      /^--out: x\.html ends in \.html, but the command writes table, json, csv\./,
    ],
  ])("refuses %s", async (line, message) => {
    expectFailure(await run(line), 2, message);
  });
});

describe("the keys to ask", () => {
  const activity = (key: string | undefined, noKeySince?: string): AccountActivity => ({
    periods: [],
    descriptions: [{ from: 0, name: undefined, key, noKeySince }],
  });
  const accounts: Readonly<Record<string, AccountActivity>> = {
    a: activity("emea"),
    b: activity("us-east"),
    c: activity("emea"),
    unknown: activity(undefined),
    lost: activity("emea", "2026-11-01T00:00:00.000Z"),
  };
  const history = {
    activity: (id: string) => accounts[id] as AccountActivity,
    description: (accountId: string) => ({ accountId, key: accounts[accountId]?.descriptions?.[0]?.key }),
  };
  const stackWith = (outputs: Readonly<Record<string, string>>) => ({
    ...{ name: "s", status: "CREATE_COMPLETE", outputs: new Map(Object.entries(outputs)) },
  });
  const twoKeys = stackWith({ [OUTPUTS.keys]: "emea,us-east", SecretIdEmea: "1", SecretIdUsEast: "2" });

  it("are those of the stack, each for its accounts; accounts that no key serves are asked of none", () => {
    expect(keyGroups(history, ["a", "b", "c", "unknown", "lost"], {}, twoKeys)).toEqual([
      { key: "emea", accountIds: ["a", "c"], place: { secret: "1" } },
      { key: "us-east", accountIds: ["b"], place: { secret: "2" } },
      { key: null, accountIds: ["unknown", "lost"], place: undefined },
    ]);
  });

  it("is the only key of a stack without names", () => {
    const stack = stackWith({ [OUTPUTS.secretId]: "only" });

    expect(keyGroups(history, ["unknown"], {}, stack)).toEqual([
      { key: null, accountIds: ["unknown"], place: { secret: "only" } },
    ]);
  });

  it("is the given one, before the secrets of a stack", () => {
    expect(keyGroups(history, ["a", "c"], { keyFile: "k.json" }, twoKeys)).toEqual([
      { key: "emea", accountIds: ["a", "c"], place: { file: "k.json" } },
    ]);
  });

  it.each([
    [
      ["a", "b"],
      /^--secret: the accounts are of the keys emea and us-east, and .* with --key emea or --key us-east, or use --stack\.$/,
    ],
    [["a", "unknown"], /^--secret: the accounts are of the key emea and of a key that is not known, /],
  ])("cannot be a single one for %j", (ids, message) => {
    expect(() => keyGroups(history, ids, { secret: "s" }, undefined)).toThrow(message);
  });
});
