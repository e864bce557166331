import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Level } from "level";
import { StoreError } from "../../core/domain/errors.ts";

/** Looked for so often. */
const EVERY_MS = 200;

/**
 * Holds a folder for this process alone. LevelDB's lock is the operating system's: it goes with the process, however
 * that ends, so none is ever left behind.
 * @param patienceMs how long to wait while another process holds it
 * @param onWait called once, if there is a wait
 * @returns releases the folder
 * @throws StoreError `folder_in_use` if the folder is still held after that, `folder_unusable`
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
      if (cause?.code !== "LEVEL_LOCKED") throw unusable(folder, thrown);
    }
    if (performance.now() > until) {
      throw new StoreError(
        "folder_in_use",
        `${folder} is still in use by another command. Wait until it has ended, then try again.`,
      );
    }
    if (waits === 0) onWait();
    await sleep(EVERY_MS);
  }
}

/** LevelDB's error as a person can act on it. */
export function unusable(path: string, thrown: unknown): StoreError {
  const { message, cause } = thrown as { message: string; cause?: { message?: string } };
  return new StoreError(
    "folder_unusable",
    `The database in ${path} cannot be used: ${(cause?.message ?? message).replace(/\.$/, "")}. If the disk is full or the folder is ` +
      "someone else's, mend that. If the database is damaged, put a copy of it back, or move it away to start afresh.",
    { cause: thrown },
  );
}
