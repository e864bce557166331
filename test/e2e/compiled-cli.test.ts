import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cacheOf } from "../../tools/package/cached-cli.js";
import { beforeAll, describe, expect, it } from "../support/jest.ts";
import { newClone } from "../support/new-clone.ts";

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command line of a clone. */
function balances(clone: string, ...args: string[]): Promise<Ended> {
  const env = { PATH: process.env["PATH"], HOME: clone };
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [join(clone, "cli", "bin.js"), ...args],
      { env, cwd: clone },
      (_, ...output) => resolve({ code: child.exitCode, stdout: output[0], stderr: output[1] }),
    );
  });
}

/** Returns the names of the bundles of a clone. */
const bundlesOf = (clone: string) => readdirSync(cacheOf(clone)).filter((name) => name.startsWith("bundle-"));

const OLD = "Takes balance snapshots of Coinbase accounts";
const NEW = "Takes snapshots of Coinbase accounts";

/** Replaces a text in a source of a clone. */
function edit(clone: string, path: string, from: string, to: string): void {
  const file = join(clone, path);
  const text = readFileSync(file, "utf8");
  expect(text).toContain(from);
  writeFileSync(file, text.replace(from, to));
}

describe("the command line of a clone", () => {
  let clone: string;
  beforeAll(() => {
    clone = newClone();
  });

  it("is compiled once, then loaded without TypeScript, and finds the clone's data folder", async () => {
    const first = await balances(clone, "--help");
    const bundles = bundlesOf(clone);
    const latest = await balances(clone, "latest");

    expect(first).toMatchObject({ code: 0, stderr: "" });
    expect(first.stdout).toContain(OLD);
    expect(bundles).toHaveLength(1);
    expect(bundlesOf(clone)).toEqual(bundles);
    expect(latest.code).toBe(2);
    expect(latest.stderr).toContain(`No snapshots in ${join(clone, ".local")}.`);
  });

  it("is compiled again when a source changes, to the same size, too", async () => {
    edit(clone, "cli/program.ts", OLD, OLD.replace("Takes", "Keeps"));
    const changed = await balances(clone, "--help");
    edit(clone, "cli/program.ts", OLD.replace("Takes", "Keeps"), NEW);

    expect(changed.stdout).toContain("Keeps balance snapshots");
    expect((await balances(clone, "--help")).stdout).toContain(NEW);
    edit(clone, "cli/program.ts", NEW, OLD);
  });

  it.each(["node_modules/.package-lock.json", "tools/package/bundle-cli.js"])(
    "is compiled again when %s changes",
    async (path) => {
      await balances(clone, "--version");
      const before = bundlesOf(clone);

      if (existsSync(join(clone, path))) utimesSync(join(clone, path), new Date(), new Date());
      else writeFileSync(join(clone, path), "{}");
      await balances(clone, "--version");

      expect(bundlesOf(clone).length).toBe(before.length + 1);
    },
  );

  it("keeps a bundle that a process may still load from, and removes it an hour after its replacement", async () => {
    const [current] = bundlesOf(clone).filter((name) =>
      readFileSync(join(cacheOf(clone), "current.json"), "utf8").includes(name),
    );
    const hourAgo = new Date(Date.now() - 3_700_000);
    for (const name of bundlesOf(clone)) utimesSync(join(cacheOf(clone), name), hourAgo, hourAgo);

    edit(clone, "cli/program.ts", OLD, NEW);
    await balances(clone, "--help");

    expect(bundlesOf(clone)).toHaveLength(2);
    expect(bundlesOf(clone)).toContain(current);
    edit(clone, "cli/program.ts", NEW, OLD);
  });

  it("is compiled again if the description of the bundle is damaged, or the bundle is gone", async () => {
    writeFileSync(join(cacheOf(clone), "current.json"), '{"folder":');
    const damaged = await balances(clone, "--version");
    for (const name of bundlesOf(clone)) rmSync(join(cacheOf(clone), name), { recursive: true });
    const gone = await balances(clone, "--version");

    expect([damaged, gone]).toEqual([damaged, damaged]);
    expect(damaged).toMatchObject({ code: 0, stderr: "" });
  });

  it("reports an error in a source as Node.js does, and leaves no bundle of it", async () => {
    const before = bundlesOf(clone);
    edit(clone, "cli/program.ts", "export async function runProgram", "export async function (");
    const broken = await balances(clone, "--help");
    edit(clone, "cli/program.ts", "export async function (", "export async function runProgram");

    expect(broken.code).toBe(1);
    expect(broken.stderr).toContain("cli/program.ts");
    expect(bundlesOf(clone)).toEqual(before);
  });

  it("works when several processes compile it at once", async () => {
    rmSync(cacheOf(clone), { recursive: true });

    const ended = await Promise.all(Array.from({ length: 2 }, () => balances(clone, "completion", "bash")));

    expect(ended.map(({ code, stderr }) => ({ code, stderr }))).toEqual(Array(2).fill({ code: 0, stderr: "" }));
    expect(new Set(ended.map(({ stdout }) => stdout)).size).toBe(1);
  });

  it("runs its source if the folder of the bundles cannot be written", async () => {
    rmSync(join(clone, "node_modules", ".cache"), { recursive: true });
    // Root may write to any folder, but not to a file as if it were one.
    writeFileSync(join(clone, "node_modules", ".cache"), "");

    const ended = await balances(clone, "--help");
    rmSync(join(clone, "node_modules", ".cache"));

    expect(ended).toMatchObject({ code: 0, stderr: "" });
    expect(ended.stdout).toContain(OLD);
  });
});
