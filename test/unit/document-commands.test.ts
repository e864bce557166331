import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "../support/jest.ts";

const ROOT = new URL("../../", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, ROOT), "utf8");
const documentsIn = (folder: string) =>
  readdirSync(fileURLToPath(new URL(folder, ROOT)))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `${folder}${name}`);

/** Returns the shell commands of a document. */
const shellBlocks = (path: string) =>
  [...read(path).matchAll(/^ *```sh\n([\s\S]*?)^ *```/gm)].map(([, block = ""]) => block);
const WITH_COMMANDS = ["./", "docs/"].flatMap(documentsIn).filter((path) => shellBlocks(path).length > 0);

it.each(WITH_COMMANDS)("%s has shell commands that bash can parse", (path) => {
  const { status, stderr } = spawnSync("bash", ["-n"], { input: shellBlocks(path).join("\n"), encoding: "utf8" });

  expect([status, stderr]).toEqual([0, ""]);
});

it("docs/runbook.md queries the deployed table, not the local one", () => {
  // The function `balances` at the top of the page adds --stack.
  const commands = read("docs/runbook.md").match(/npm run -s balances -- (?!"\$@").*/g) ?? [];

  expect(read("docs/runbook.md")).toContain('balances() { npm run -s balances -- "$@" --stack "$STACK"; }');
  expect(commands.filter((command) => !/--(table|stack|help)/.test(command))).toEqual([]);
});
