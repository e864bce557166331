import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { cachedCli, cacheOf } from "../../tools/package/cached-cli.js";
import { beforeAll, describe, expect, it } from "../support/jest.ts";
import { newClone } from "../support/new-clone.ts";
import { newFolder } from "../support/new-folder.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

type Ended = Awaited<ReturnType<typeof balances>>;

/** Starts the command line of a clone. */
function start(clone: string, ...args: string[]) {
  const child = spawn(process.execPath, [join(clone, "cli", "bin.js"), ...args], {
    cwd: clone,
    env: { PATH: process.env["PATH"], HOME: clone },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const started = once(child.stdout, "data");
  const output = Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  return {
    started,
    ended: output.then(([stdout, stderr, [code]]) => ({ code: code as number | null, stdout, stderr })),
  };
}

/** Runs the command line of a clone. */
const balances = (clone: string, ...args: string[]) => start(clone, ...args).ended;

/** Returns the names of the bundles of a clone. */
const bundlesOf = (clone: string) => readdirSync(cacheOf(clone)).filter((name) => name.startsWith("bundle-"));

it("the command line of a clone is compiled once, runs without TypeScript, and finds the clone's data folder", async () => {
  const clone = newClone();

  const help = await balances(clone, "--help");
  const bundles = bundlesOf(clone);
  const latest = await balances(clone, "latest");

  expect(help).toMatchObject({ code: 0, stderr: "" });
  expect(help.stdout).toContain("Takes balance snapshots of Coinbase accounts");
  expect(bundles).toHaveLength(1);
  expect(bundlesOf(clone)).toEqual(bundles);
  expect(latest.code).toBe(2);
  expect(latest.stderr).toContain(`No snapshots in ${join(clone, ".local")}.`);
});

const TEXT = "cli/text.ts";

/**
 * Returns a clone of a program that prints a text of another module, waits until a file is gone, and prints the location of a module
 * that it loads only then.
 */
function newSmallClone(): string {
  const clone = newFolder();
  for (const path of ["cli/bin.js", "tools/package/bundle-cli.js", "tools/package/cached-cli.js"]) {
    cpSync(join(ROOT, path), join(clone, path));
  }
  mkdirSync(join(clone, "node_modules"));
  for (const name of ["esbuild", "tsx"]) {
    symlinkSync(join(ROOT, "node_modules", name), join(clone, "node_modules", name), "junction");
  }
  const write = (path: string, text: string) => writeFileSync(join(clone, path), text);
  write("package.json", '{ "type": "module" }');
  write(TEXT, 'export const text: string = "first";\n');
  write("cli/late.ts", "export const late: string = import.meta.url;\n");
  write(
    "cli/balances.ts",
    `import { existsSync } from "node:fs";
    import { setTimeout as sleep } from "node:timers/promises";
    import { text } from "./text.ts";
    console.log(text);
    while (existsSync(process.argv[2])) await sleep(20);
    console.log((await import("./late.ts")).late);\n`,
  );
  return clone;
}

/** Changes what the program of a small clone prints. */
function edit(clone: string, text: string): void {
  writeFileSync(join(clone, TEXT), `export const text: string = ${text};\n`);
}

describe("cli/bin.js in a clone", () => {
  let clone: string;
  beforeAll(() => {
    clone = newSmallClone();
  });

  /** Returns what the program prints first. Expects that it works, and that its last module knows where its source is. */
  const textOf = ({ code, stdout, stderr }: Ended) => {
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/\nfile:.*\/cli\/late\.ts\n$/);
    return stdout.split("\n")[0];
  };
  const run = async () => textOf(await balances(clone));

  it("compiles a source that has changed, to the same size, too", async () => {
    await cachedCli(clone);
    const bundles = bundlesOf(clone);
    edit(clone, '"third"');
    const changed = await run();

    expect(changed).toBe("third");
    expect(bundles).toHaveLength(1);
    expect(bundlesOf(clone)).toHaveLength(2);
  });

  it.each([
    "package-lock.json",
    "node_modules/.package-lock.json",
    "tools/package/bundle-cli.js",
    "tools/package/cached-cli.js",
  ])("compiles again when %s changes", async (path) => {
    const before = await cachedCli(clone);

    if (existsSync(join(clone, path))) utimesSync(join(clone, path), new Date(), new Date());
    else writeFileSync(join(clone, path), "{}");

    const after = await cachedCli(clone);
    expect(after).not.toBe(before);
    expect(await cachedCli(clone)).toBe(after);
  });

  it("keeps a bundle from which a process loads, and removes it an hour after its replacement", async () => {
    const signal = join(clone, "waits");
    writeFileSync(signal, "");
    const slow = start(clone, signal);
    await slow.started;
    const current = JSON.parse(readFileSync(join(cacheOf(clone), "current.json"), "utf8")).folder;
    const hourAgo = new Date(Date.now() - 3_700_000);
    for (const name of bundlesOf(clone)) utimesSync(join(cacheOf(clone), name), hourAgo, hourAgo);

    edit(clone, '"newer"');
    const newer = await run();
    rmSync(signal);

    expect(newer).toBe("newer");
    expect(bundlesOf(clone)).toHaveLength(2);
    expect(bundlesOf(clone)).toContain(current);
    expect(textOf(await slow.ended)).toBe("third");
  });

  it("compiles again if the description of the bundle is damaged, or the bundle is gone", async () => {
    writeFileSync(join(cacheOf(clone), "current.json"), '{"folder":');
    const damaged = await cachedCli(clone);
    const isWhole = existsSync(fileURLToPath(damaged));
    for (const name of bundlesOf(clone)) rmSync(join(cacheOf(clone), name), { recursive: true });

    expect(isWhole).toBe(true);
    expect(await run()).toBe("newer");
  });

  it("reports an error in a source as Node.js does, and keeps no bundle of it", async () => {
    const before = bundlesOf(clone);
    edit(clone, "(");
    const broken = await balances(clone);
    edit(clone, '"newer"');

    expect(broken.code).toBe(1);
    expect(broken.stderr).toContain(TEXT);
    expect(bundlesOf(clone)).toEqual(before);
  });

  it("works when several processes compile at once", async () => {
    rmSync(cacheOf(clone), { recursive: true });

    expect(await Promise.all([run(), run()])).toEqual(["newer", "newer"]);
  });

  it("runs the source if the folder of the bundles cannot be written", async () => {
    const folder = join(clone, "node_modules", ".cache");
    rmSync(folder, { recursive: true });
    // Root may write to any folder, but not to a file as if it were one.
    writeFileSync(folder, "");

    const text = await run();
    rmSync(folder);

    expect(text).toBe("newer");
  });
});

it("a clone without its packages, or without those for development, says what to do", async () => {
  const clone = newSmallClone();
  rmSync(join(clone, "node_modules"), { recursive: true });

  expect(await balances(clone)).toEqual({
    code: 1,
    stdout: "",
    stderr: `The packages that run this clone are not installed. Run npm ci, without --omit=dev, in ${clone}.\n`,
  });
});

it("a clone compiles once if its packages are in a folder whose path begins with the clone's", async () => {
  const clone = newSmallClone();
  const packages = `${clone}-packages`;
  renameSync(join(clone, "node_modules"), packages);
  symlinkSync(packages, join(clone, "node_modules"), "junction");
  mkdirSync(join(packages, "data"));
  writeFileSync(join(packages, "data", "package.json"), '{ "name": "data", "exports": "./package.json" }');
  writeFileSync(join(clone, TEXT), 'import data from "data" with { type: "json" };\nexport const text = data.name;\n');

  await balances(clone);
  const second = await balances(clone);
  const bundles = bundlesOf(clone);
  rmSync(packages, { recursive: true });

  expect(second).toMatchObject({ code: 0, stdout: expect.stringMatching(/^data\n/) });
  expect(bundles).toHaveLength(1);
});
