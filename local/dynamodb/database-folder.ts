import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Level } from "level";
import { messageWithFix, StoreError } from "../../core/domain/errors.ts";
import { closeOnError } from "../close-after.ts";
import { databaseIn, notAFolder } from "../data-folder.ts";

const MAX_WAIT_MS = 90_000;
const POLL_INTERVAL_MS = 200;

/**
 * Locks the database in a folder, and creates it if it does not exist. Waits while another process uses it.
 * @returns the database's path, and a function that unlocks it
 * @throws StoreError `folder_in_use` after 90 s; `folder_unusable` if the database is damaged or not writable
 * @throws InputError if a file stands in the place of a folder
 */
export async function openDatabaseFolder(folder: string) {
  const unlock = await lockFolder(folder, MAX_WAIT_MS, () =>
    console.error(`${folder} is in use by another command. Waiting for it to end …`),
  );
  const path = databaseIn(folder);
  await closeOnError(async () => {
    await createFolder(path);
    await assertOpens(path);
  }, unlock);
  const stopWatching = watchForDamage(path);
  return {
    path,
    release: async () => {
      stopWatching();
      await unlock();
    },
  };
}

/** Checks that the database opens, because dynalite would report a failure as an uncaught exception. */
async function assertOpens(path: string): Promise<void> {
  const database = new Level(path);
  try {
    await database.open();
  } catch (thrown) {
    throw unusableDatabase(path, thrown);
  }
  await database.close();
}

/**
 * Ends the process with a message if dynalite throws later, because the database turns out to be damaged or the disk is full.
 * @returns stops watching
 */
function watchForDamage(path: string): () => void {
  const exitWithMessage = (thrown: Error & { code?: unknown }) => {
    const isDatabaseError = String(thrown.code).startsWith("LEVEL_");
    process.stderr.write(`${isDatabaseError ? messageWithFix(unusableDatabase(path, thrown)) : thrown.stack}\n`);
    process.exit(1);
  };
  process.on("uncaughtException", exitWithMessage);
  return () => process.removeListener("uncaughtException", exitWithMessage);
}

/**
 * Locks a folder for this process. Uses LevelDB's lock, which the operating system releases when the process ends for any
 * reason, so that no stale lock remains.
 * @param maxWaitMs how long to wait while another process holds the lock
 * @param onWait called once when the wait begins
 * @returns releases the lock
 * @throws StoreError `folder_in_use` if the folder is still locked after the wait; `folder_unusable`
 */
export async function lockFolder(folder: string, maxWaitMs: number, onWait: () => void): Promise<() => Promise<void>> {
  await createFolder(folder);
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

/** Creates a folder for its user only, as the XDG specification asks, unless it exists. */
async function createFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 }).catch((thrown) => {
    throw ["EEXIST", "ENOTDIR"].includes(thrown.code) ? notAFolder(path) : unusableDatabase(path, thrown);
  });
}

/** Converts an error of LevelDB into one that says what to do. */
function unusableDatabase(path: string, thrown: unknown): StoreError {
  const { message, cause } = thrown as { message: string; cause?: { message?: string } };
  return new StoreError(
    "folder_unusable",
    `Cannot open the database in ${path}: ${(cause?.message ?? message).replace(/\.$/, "")}.`,
    {
      suggestedFix:
        "If the disk is full or the folder belongs to another user, fix that, or choose another folder with --data. " +
        "If the database is damaged, restore a copy of it, or move it away to start with an empty one.",
      cause: thrown,
    },
  );
}
