import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { ENV } from "../../../core/names/environment.ts";
import { configOf, problemsOf } from "./harness.ts";

const ID = "account_af2937b0-9846-4fe7-bfe9-ccc22d935114";
const OTHER_ID = "account_00000000-9846-4fe7-bfe9-ccc22d935114";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "config-test-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function fileWith(text: string): string {
  const path = join(mkdtempSync(join(folder, "accounts-")), "accounts.json");
  writeFileSync(path, text);
  return path;
}

describe("the accounts file", () => {
  it("may contain an id twice, which counts once, and keeps the order", () => {
    const config = configOf({ [ENV.accountsFile]: fileWith(JSON.stringify([ID, OTHER_ID, ID])) });

    expect(config.accounts).toEqual([ID, OTHER_ID]);
  });

  it.each([
    ["an id per line", `${ID}\n${OTHER_ID}\n`, "could not be read: it is not JSON"],
    ["an empty list", "[]", "is not a list of account ids"],
    ["an object", `{"accounts": ["${ID}"]}`, "is not a list of account ids"],
    [
      "an id that is too short",
      `["${ID}", "account_1"]`,
      'has entries that are not account ids (1), such as "account_1"',
    ],
    ["an id with a line end", `["${ID}\\n"]`, "has entries that are not account ids (1)"],
    [
      "many invalid ids",
      JSON.stringify(Array.from({ length: 5000 }, (_, at) => `wrong-${at}`)),
      'has entries that are not account ids (5000), such as "wrong-0", "wrong-1", "wrong-2".',
    ],
    [
      "other types",
      `[7, null, {"id": "${ID}"}, ["${ID}"]]`,
      "has entries that are not account ids (4), such as 7, null, an object.",
    ],
  ])("is rejected if it contains %s", (_, text, expected) => {
    const path = fileWith(text);

    const problems = problemsOf({ [ENV.accountsFile]: path });

    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(`${ENV.accountsFile}: ${path} ${expected}`);
  });

  it.each([ENV.accountsOwner, ENV.accountsType])("excludes %s", (filter) => {
    const problems = problemsOf({ [ENV.accountsFile]: fileWith(JSON.stringify([ID])), [filter]: "prime" });

    expect(problems).toEqual([
      expect.stringMatching(`^${filter}: filters .*${ENV.accountsFile}.* Set only one of them\\.$`),
    ]);
  });
});
