import { execFile } from "node:child_process";
import fs, { mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { type FactsWorld, startFactsWorld } from "../support/facts-world.ts";
import { HOUR, makeFacts } from "../support/history-facts.ts";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from "../support/jest.ts";

// What a command does to the file of --out.

const FROM = Date.parse("2026-11-01T00:00:00Z");
const NOW = FROM + 3 * HOUR;
const run = promisify(execFile);

let world: FactsWorld;
let csv: string;
beforeAll(async () => {
  world = await startFactsWorld(makeFacts({ seed: 1, from: FROM, hours: 3, assets: [2], kind: "typical" }), NOW);
  csv = (await world.balances("export", "--from", "2026-11-01")).stdout;
});
afterAll(() => world.close());

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(world.home, "out-"));
});
afterEach(() => {
  jest.restoreAllMocks();
});

const exportTo = (out: string, ...options: string[]) =>
  world.balances("export", "--from", "2026-11-01", "--out", out, ...options);
const modeOf = (path: string) => statSync(path).mode & 0o7777;

/** Writes a file with a mode, whatever the umask is. */
function existing(name: string, mode: number): string {
  const path = join(folder, name);
  writeFileSync(path, "old");
  fs.chmodSync(path, mode);
  return path;
}

describe("--out", () => {
  it("- and /dev/stdout are stdout, for every command that has it", async () => {
    const exported = [await exportTo("-"), await exportTo("/dev/stdout")];
    const report = await world.balances("report", "--out", "-", "--format", "html");

    const stderr = expect.stringMatching(/^3 snapshots, \d+ rows\n$/);
    expect(exported).toMatchObject(Array(2).fill({ code: 0, stdout: csv, stderr }));
    expect(csv).toMatch(/^record,.*\r\n(amount,.*\r\n)+control,.*\r\n$/);
    expect(report).toMatchObject({ code: 0, stderr: expect.stringMatching(/^Wrote stdout \(\d+ KB\)\.\n$/) });
    expect(report.stdout).toMatch(/^<!doctype html>/i);
  });

  it.each([
    ["x", /^record,/],
    ["x.JSONL", /^\{"record":"amount"/],
    ["x.json", /^\{"record":"amount"/],
    ["x.parquet", /^PAR1/],
  ])("%s gets the format of its ending", async (name, start) => {
    const path = join(folder, name);

    const { code, stderr } = await exportTo(path);

    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining(`written to ${path}\n`) });
    expect(readFileSync(path, "latin1")).toMatch(start);
    expect(readdirSync(folder)).toEqual([name]);
  });

  it("keeps the mode of the file that it replaces, and its owner and group if root replaces it", async () => {
    const path = existing("x.csv", 0o2640);
    const isRoot = process.getuid?.() === 0;
    if (isRoot) fs.chownSync(path, 12_345, 23_456);
    fs.chmodSync(path, 0o2640);
    const { uid, gid } = statSync(path);

    await exportTo(path);

    expect(statSync(path)).toMatchObject({ uid, gid });
    expect({ mode: modeOf(path), text: readFileSync(path, "utf8") }).toEqual({ mode: 0o2640, text: csv });
  });

  it("keeps the group if only root may keep the owner", async () => {
    const path = existing("x.csv", 0o640);
    const chown = jest.spyOn(fs, "fchownSync").mockImplementation((_, uid) => {
      if (uid !== -1) throw Object.assign(new Error("EPERM: operation not permitted, fchown"), { code: "EPERM" });
    });

    const { code } = await exportTo(path);

    const { uid, gid } = statSync(path);
    expect({ code, mode: modeOf(path), text: readFileSync(path, "utf8") }).toEqual({ code: 0, mode: 0o640, text: csv });
    expect(chown.mock.calls.map(([, ...owner]) => owner)).toEqual([
      [uid, gid],
      [-1, gid],
    ]);
  });

  it("creates or replaces the target of links, and keeps the links", async () => {
    mkdirSync(join(folder, "elsewhere"));
    symlinkSync("elsewhere", join(folder, "by-folder"));
    symlinkSync("../target", join(folder, "elsewhere", "link"));
    symlinkSync("by-folder/link", join(folder, "x.csv"));

    await exportTo(join(folder, "x.csv"));
    const created = readFileSync(join(folder, "target"), "utf8");
    existing("target", 0o640);
    await exportTo(join(folder, "x.csv"));

    const target = join(folder, "target");
    expect(created).toBe(csv);
    expect({ mode: modeOf(target), text: readFileSync(target, "utf8") }).toEqual({ mode: 0o640, text: csv });
    expect(fs.readlinkSync(join(folder, "x.csv"))).toBe("by-folder/link");
    expect(readdirSync(folder).sort()).toEqual(["by-folder", "elsewhere", "target", "x.csv"]);
  });

  it("writes to no name that can be prepared as a link to another file", async () => {
    const victim = existing("victim", 0o600);
    symlinkSync("victim", join(folder, "x.csv.partial"));

    const { code } = await exportTo(join(folder, "x.csv"));

    expect({ code, text: readFileSync(victim, "utf8") }).toEqual({ code: 0, text: "old" });
  });

  it("accepts a name as long as the file system allows", async () => {
    const path = join(folder, `${"x".repeat(251)}.csv`);

    await exportTo(path);

    expect(readFileSync(path, "utf8")).toBe(csv);
  });

  it("leaves the file as it was, and nothing else, if the disk is full", async () => {
    const path = existing("x.csv", 0o644);
    jest.spyOn(fs, "fsyncSync").mockImplementation(() => {
      throw Object.assign(new Error("ENOSPC: no space left on device, fsync"), { code: "ENOSPC", syscall: "fsync" });
    });

    const { code, stderr } = await exportTo(path);

    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `--out: writing ${path} failed: ENOSPC: no space left on device, fsync. The file was left as it was. Free some space, or choose another folder.\n`,
    });
    expect(readFileSync(path, "utf8")).toBe("old");
    expect(readdirSync(folder)).toEqual(["x.csv"]);
  });

  it("ends with the code of any signal that interrupts the writing", async () => {
    const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
    const listeners = () => signals.map((signal) => process.listenerCount(signal));
    const before = listeners();
    const exit = jest.spyOn(process, "exit").mockImplementation(() => undefined as never);
    jest.spyOn(fs, "fsyncSync").mockImplementation(() => {
      for (const signal of signals) process.emit(signal, signal);
    });

    await exportTo(join(folder, "x.csv"));

    expect(exit.mock.calls).toEqual([[130], [143], [129]]);
    expect(listeners()).toEqual(before);
  });

  it("writes through a named pipe, once and in order", async () => {
    const [file, pipe] = [join(folder, "file.parquet"), join(folder, "pipe")];
    await exportTo(file);
    await run("mkfifo", [pipe]);
    const reading = run("cat", [pipe], { encoding: "latin1" });

    await exportTo(pipe, "--format", "parquet");

    expect((await reading).stdout).toBe(readFileSync(file, "latin1"));
    expect(statSync(pipe).isFIFO()).toBe(true);
  });

  // Linux has this device, macOS does not.
  (fs.existsSync("/dev/full") ? it : it.skip)("writes through a device, and reports that it is full", async () => {
    const { code, stderr } = await exportTo("/dev/full");

    expect(code).toBe(1);
    expect(stderr).toMatch(/^--out: writing \/dev\/full failed: ENOSPC: no space left on device, write\.$/m);
    expect(statSync("/dev/full").isCharacterDevice()).toBe(true);
  });

  it("appends to a descriptor that the shell opened, such as that of >> or >(gzip)", async () => {
    const path = existing("log", 0o644);
    const fd = fs.openSync(path, "a");

    await exportTo(`/dev/fd/${fd}`);

    fs.closeSync(fd);
    expect(readFileSync(path, "utf8")).toBe(`old${csv}`);
  });

  // Other tests in this process can have thousands of connections.
  const unused = "99999";
  // Only Linux shows them.
  const ofNode = fs.existsSync("/proc/self/fd") ? readdirSync("/proc/self/fd").filter(isEventPoll) : [unused];
  it.each([ofNode[0], unused])("refuses the descriptor %s, which the shell did not open", async (fd) => {
    const { code, stdout, stderr } = await exportTo(`/dev/fd/${fd}`);

    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(`--out: /dev/fd/${fd} is not open. npm and npx do not pass it to the command.`);
  });
});

/** Whether a descriptor of this process is one with which Node.js waits for events. */
function isEventPoll(fd: string): boolean {
  try {
    return fs.readlinkSync(`/proc/self/fd/${fd}`) === "anon_inode:[eventpoll]";
  } catch {
    // It was closed since.
    return false;
  }
}
