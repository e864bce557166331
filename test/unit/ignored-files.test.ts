import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "../support/jest.ts";

// The commands in the documents write balances, and read keys, in the clone. None of these files may be committed.

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const DOCUMENTS = ["README.md", ...readdirSync(join(ROOT, "docs")).map((name) => join("docs", name))];

/** A relative path that a command writes to, or reads from: a redirect, an option's value, or the AWS CLI's `file://`. */
const FILE = /(?:\s>\s+|--out |--key-file |--anchor |file:\/\/)([\w*][\w*./-]*\.\w+)/g;

const codeBlocks = DOCUMENTS.filter((name) => name.endsWith(".md")).flatMap(
  (name) => readFileSync(join(ROOT, name), "utf8").match(/^ *```[\s\S]*?^ *```/gm) ?? [],
);
const documented = [...new Set(codeBlocks.flatMap((code) => [...code.matchAll(FILE)].map(([, path = ""]) => path)))];

describe(".gitignore", () => {
  it("covers the files of the documents and of other commands", () => {
    const paths = [...documented, "balances.csv", "balances.parquet", "heads.jsonl", "a-folder/report.html"];

    const ignored = execFileSync("git", ["check-ignore", "--no-index", ...paths], { cwd: ROOT, encoding: "utf8" });

    expect(ignored.trimEnd().split("\n")).toEqual(paths);
  });

  it("knows the files of the documents", () => {
    expect(documented).toEqual(expect.arrayContaining(["report.html", "heads.jsonl", "cdp_api_key.json"]));
  });

  it("hides no file of the repository", () => {
    const hidden = execFileSync("git", ["ls-files", "--cached", "--ignored", "--exclude-standard"], { cwd: ROOT });

    expect(String(hidden)).toBe("");
  });
});
