import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { lockFolder } from "../../../local/dynamodb/folder-lock.ts";

const LOADER = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
const LOCK = new URL("../../../local/dynamodb/folder-lock.ts", import.meta.url).href;

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "folder-lock-test-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A process that holds the folder until it is killed. */
async function startHolder(): Promise<ChildProcess> {
  const script = `const { lockFolder } = await import(${JSON.stringify(LOCK)});
    await lockFolder(${JSON.stringify(folder)}, 0, () => {});
    process.stdout.write("held");
    setInterval(() => {}, 1000);`;
  const holder = spawn(process.execPath, ["--import", LOADER, "--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
    env: {},
  });
  await Promise.race([
    once(holder.stdout, "data"),
    once(holder, "exit").then(() => Promise.reject(new Error("the holder ended"))),
  ]);
  return holder;
}

const never = () => {
  throw new Error("waited");
};

describe("lockFolder", () => {
  it("makes the folder, and takes it at once where nobody holds it", async () => {
    const deep = join(folder, "a", "b");

    await (await lockFolder(deep, 0, never))();
    await (await lockFolder(deep, 0, never))();

    expect(existsSync(deep)).toBe(true);
  });

  it("has the second wait until the first releases, and tells it once that it waits", async () => {
    const events: string[] = [];
    const release = await lockFolder(folder, 0, never);

    const second = lockFolder(folder, 10_000, () => events.push("waits")).then((releaseSecond) => {
      events.push("second has it");
      return releaseSecond;
    });
    await sleep(700);
    events.push("first releases");
    await release();
    await (await second)();

    expect(events).toEqual(["waits", "first releases", "second has it"]);
  });

  it("gives up after its patience, with a message that names the folder and the remedy", async () => {
    const release = await lockFolder(folder, 0, never);
    const startedAt = performance.now();

    const attempt = lockFolder(folder, 300, () => {});

    await expect(attempt).rejects.toThrow(
      `${folder} is still in use by another command. Wait until it has ended, then try again.`,
    );
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(300);
    await release();
  });

  it("lets one in at a time, however many want to", async () => {
    let inside = 0;
    let most = 0;
    const visit = async () => {
      const release = await lockFolder(folder, 20_000, () => {});
      inside++;
      most = Math.max(most, inside);
      await sleep(20);
      inside--;
      await release();
    };

    await Promise.all(Array.from({ length: 5 }, visit));

    expect(most).toBe(1);
  });

  it("says what is wrong with a folder that cannot be one, and does not wait", async () => {
    const attempt = lockFolder("/dev/null/folder", 60_000, never);

    await expect(attempt).rejects.toMatchObject({ code: "ENOTDIR" });
  });

  it("holds against another process, and is free as soon as that was killed", async () => {
    const holder = await startHolder();
    const waited: string[] = [];

    const whileHeld = lockFolder(folder, 0, () => waited.push("waited")).then(
      () => "got it",
      (thrown: Error) => thrown.message,
    );
    const answer = await whileHeld;
    holder.kill("SIGKILL");
    await once(holder, "exit");
    const release = await lockFolder(folder, 0, never);

    expect(answer).toContain("is still in use by another command");
    await release();
  });
});
