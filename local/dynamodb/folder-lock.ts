import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Level } from "level";
import { StoreError } from "../../core/domain/errors.ts";

const POLL_INTERVAL_MS = 200;

/**
 * Locks a folder for this process. Uses LevelDB's lock, which the operating system releases when the process ends for any
 * reason, so that no stale lock remains.
 * @param maxWaitMs how long to wait while another process holds the lock
 * @param onWait called once when the wait begins
 * @returns releases the lock
 * @throws StoreError `folder_in_use` if the folder is still locked after the wait; `folder_unusable`
 */
export async function lockFolder(folder: string, maxWaitMs: number, onWait: () => void): Promise<() => Promise<void>> {
  await mkdir(folder, { recursive: true });
  const deadline = performance.now() + maxWaitMs;
  for (let attempt = 0; ; attempt++) {
    const lock = new Level(join(folder, "lock"));
    try {
      await lock.open();
      return () => lock.close();
    } catch (thrown) {
      const cause = (thrown as Error).cause as { code?: string } | undefined;
      if (cause?.code !== "LEVEL_LOCKED") throw unusableDatabase(folder, thrown);
    }
    if (performance.now() > deadline) {
      throw new StoreError("folder_in_use", `${folder} is still in use by another command.`, {
        suggestedFix: "Wait until it has ended, then try again.",
      });
    }
    if (attempt === 0) onWait();
    await sleep(POLL_INTERVAL_MS);
  }
}

/** Converts an error of LevelDB into one that says what to do. */
export function unusableDatabase(path: string, thrown: unknown): StoreError {
  const { message, cause } = thrown as { message: string; cause?: { message?: string } };
  return new StoreError(
    "folder_unusable",
    `Cannot open the database in ${path}: ${(cause?.message ?? message).replace(/\.$/, "")}.`,
    {
      suggestedFix:
        "If the disk is full or the folder belongs to another user, fix that. " +
        "If the database is damaged, restore a copy of it, or move it away to start with an empty one.",
      cause: thrown,
    },
  );
}
