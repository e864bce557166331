import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Level } from "level";

/** Looked for so often. */
const EVERY_MS = 200;

/**
 * Holds a folder for this process alone. LevelDB's lock is the operating system's: it goes with the process, however
 * that ends, so none is ever left behind. (The embedded DynamoDB is on LevelDB too, but its answer to a folder in use
 * is an uncaught exception, so it may only be started under this lock.)
 * @param patienceMs how long to wait while another process holds it
 * @param onWait called once, if there is a wait
 * @returns releases the folder
 * @throws Error if the folder is still held after that
 */
export async function lockFolder(folder: string, patienceMs: number, onWait: () => void): Promise<() => Promise<void>> {
  await mkdir(folder, { recursive: true });
  const until = performance.now() + patienceMs;
  for (let waits = 0; ; waits++) {
    const lock = new Level(join(folder, "lock"));
    try {
      await lock.open();
      return () => lock.close();
    } catch (thrown) {
      const cause = (thrown as Error).cause as { code?: string } | undefined;
      if (cause?.code !== "LEVEL_LOCKED") throw thrown;
    }
    if (performance.now() > until) {
      throw new Error(`${folder} is still in use by another command. Wait until it has ended, then try again.`);
    }
    if (waits === 0) onWait();
    await sleep(EVERY_MS);
  }
}
