import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { COMMANDS } from "../../cli/commands.ts";
import { runBalances } from "../support/history-cli.ts";
import { beforeAll, describe, expect, it } from "../support/jest.ts";
import { newFolder } from "../support/new-folder.ts";

const scripts = newFolder();
const folder = newFolder();
mkdirSync(join(folder, "heads"));
writeFileSync(join(folder, "heads 1.csv"), "");

/** In the place of the functions of zsh that need a terminal: print what they would offer. */
const ZSH_FUNCTIONS = `
compdef() { : }
compset() { : }
_message() { : }
_files() { print -l -- "heads 1.csv" heads }
compadd() { shift; print -l -- $@ }
_describe() { local list=$@[-1]; print -l -- \${\${(P)list}%%:*} }
`;

/** Returns what a shell runs before its script, and after it to print what it offers for words. The last one is at the cursor. */
const COMPLETE = {
  bash: (words: readonly string[]) => [
    "",
    `COMP_WORDS=(${words.map(quoted).join(" ")}); COMP_CWORD=${words.length - 1}; _balances; printf '%s\\n' "\${COMPREPLY[@]}"`,
  ],
  zsh: (words: readonly string[]) => [
    ZSH_FUNCTIONS,
    `words=(${words.map(quoted).join(" ")}); CURRENT=${words.length}; _balances; true`,
  ],
  fish: (words: readonly string[]) => [
    "",
    `for line in (complete -C ${quoted(words.join(" "))}); string split -f1 \\t -- $line; end; true`,
  ],
};

type Shell = keyof typeof COMPLETE;

const SHELLS = (Object.keys(COMPLETE) as Shell[]).filter(isInstalled);

function quoted(word: string): string {
  return `'${word}'`;
}

/** Every shell is installed in CI. @throws in CI for one that is not */
function isInstalled(shell: Shell): boolean {
  if (spawnSync(shell, ["-c", "true"]).status === 0) return true;
  if (process.env["CI"] === "true") throw new Error(`${shell} is not installed. Install the package ${shell}.`);
  console.warn(`Skipped: completion in ${shell}, which is not installed.`);
  return false;
}

describe.each(SHELLS)("the completion of %s", (shell) => {
  let script: string;
  beforeAll(async () => {
    script = (await runBalances(["completion", shell], folder, {})).stdout;
  });

  /** Returns what the shell offers, sorted. */
  const offered = (...words: string[]) => {
    const [before, after] = COMPLETE[shell](["balances", ...words]);
    const file = join(scripts, `complete.${shell}`);
    writeFileSync(file, [before, script, after].join("\n"));
    const env = { PATH: process.env["PATH"], HOME: scripts };
    const output = execFileSync(shell, [file], { cwd: folder, env, encoding: "utf8" });
    return output.split("\n").filter(Boolean).sort();
  };

  it("offers all commands", () => {
    expect(offered("")).toEqual(expect.arrayContaining(COMMANDS.map(({ name }) => name)));
  });

  it("offers the options of a command, those of its own command, and the shells", () => {
    const snapshot = offered("snapshot", "--");

    expect(snapshot).toEqual(expect.arrayContaining(["--key-file", "--all", "--help"]));
    expect(snapshot).not.toContain("--format");
    expect(offered("accounts", "")).toContain("retire");
    expect(offered("accounts", "retire", "--")).toEqual(["--data", "--help", "--key", "--stack", "--table"]);
    expect(offered("completion", "")).toEqual(expect.arrayContaining(["bash", "fish", "zsh"]));
  });

  it("offers the choices of an option, also after another value that is a command's name", () => {
    expect(offered("export", "--format", "")).toEqual(["csv", "json", "parquet"]);
    expect(offered("latest", "--account", "snapshot", "--by", "")).toEqual([
      "account",
      "asset",
      "key",
      "owner",
      "type",
    ]);
  });

  it("offers files for an option that takes one, and nothing for a text", () => {
    // Fish adds a slash to a folder, and quotes a space.
    const files = offered("verify", "--anchor", "")
      .map((name) => name.replace(/[\\/]/, ""))
      .sort();

    expect(files).toEqual(["heads", "heads 1.csv"]);
    expect(offered("latest", "--denomination", "")).toEqual([]);
  });
});

it("completion of an unknown shell is a usage error that names the shells", async () => {
  const { code, stderr } = await runBalances(["completion", "tcsh"], folder, {});

  expect(code).toBe(2);
  expect(stderr).toContain("Allowed choices are bash, zsh, fish.");
});
