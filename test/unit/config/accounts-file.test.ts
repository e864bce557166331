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
  it("may hold 5,000 ids, and keeps their order", () => {
    const ids = Array.from({ length: 5000 }, (_, at) => `account_${String(at).padStart(8, "0")}${ID.slice(16)}`);

    const config = configOf({ [ENV.accountsFile]: fileWith(JSON.stringify(ids)) });

    expect(config.accounts).toEqual(ids);
  });

  it("counts an id that is there twice once", () => {
    const config = configOf({ [ENV.accountsFile]: fileWith(JSON.stringify([ID, OTHER_ID, ID])) });

    expect(config.accounts).toEqual([ID, OTHER_ID]);
  });

  it("is not there: names the file and why", () => {
    const path = join(folder, "nowhere.json");

    const problems = problemsOf({ [ENV.accountsFile]: path });

    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(`${ENV.accountsFile}: ${path} cannot be read as JSON: ENOENT`);
  });

  it.each([
    ["broken JSON", `["${ID}"`, "cannot be read as JSON"],
    ["nothing", "", "cannot be read as JSON"],
    ["an id a line", `${ID}\n${OTHER_ID}\n`, "cannot be read as JSON"],
    ["an empty list", "[]", "holds no list of account ids"],
    ["an object", `{"accounts": ["${ID}"]}`, "holds no list of account ids"],
    ["a text", `"${ID}"`, "holds no list of account ids"],
    ["null", "null", "holds no list of account ids"],
    ["an id too short", `["${ID}", "account_1"]`, 'holds 1 that are no account ids, such as "account_1"'],
    ["an id in capitals", `["${ID.toUpperCase()}"]`, "holds 1 that are no account ids"],
    ["an id with a path behind it", `["${ID}/../x"]`, "holds 1 that are no account ids"],
    ["an id with a line end", `["${ID}\\n"]`, "holds 1 that are no account ids"],
    ["an id without its prefix", `["${ID.slice(8)}"]`, "holds 1 that are no account ids"],
    ["other types", `[7, null, {"id": "${ID}"}, ["${ID}"]]`, "holds 4 that are no account ids, such as 7, null, "],
  ])("holds %s: says so", (_, text, expected) => {
    const path = fileWith(text);

    const problems = problemsOf({ [ENV.accountsFile]: path });

    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(`${ENV.accountsFile}: ${path} ${expected}`);
  });

  it("names the first few of many wrong ids alone", () => {
    const path = fileWith(JSON.stringify(Array.from({ length: 5000 }, (_, at) => `wrong-${at}`)));

    const [problem = ""] = problemsOf({ [ENV.accountsFile]: path });

    expect(problem).toContain('5000 that are no account ids, such as "wrong-0", "wrong-1", "wrong-2".');
    expect(problem).not.toContain("wrong-3");
  });

  it.each([ENV.accountsOwner, ENV.accountsType])("does not go with %s", (filter) => {
    const problems = problemsOf({ [ENV.accountsFile]: fileWith(JSON.stringify([ID])), [filter]: "prime" });

    expect(problems).toEqual([
      expect.stringMatching(`^${filter}: filters .*${ENV.accountsFile}.* Set one of them\\.$`),
    ]);
  });
});
