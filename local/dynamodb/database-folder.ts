import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Level } from "level";
import { messageWithFix } from "../../core/domain/errors.ts";
import { lockFolder, unusableDatabase } from "./folder-lock.ts";

const MAX_WAIT_MS = 90_000;

/** A database that only this process can open until it is released. */
export interface LockedDatabase {
  readonly path: string;
  release(): Promise<void>;
}

/**
 * Locks the database in a folder, and creates it if it does not exist. Waits while another process uses it.
 * @throws StoreError `folder_in_use` after 90 s; `folder_unusable` if the database is damaged or not writable
 */
export async function openDatabaseFolder(folder: string): Promise<LockedDatabase> {
  const unlock = await lockFolder(folder, MAX_WAIT_MS, () =>
    console.error(`${folder} is in use by another command. Waiting for it to end …`),
  );
  const path = join(folder, "dynamodb");
  try {
    await mkdir(path, { recursive: true });
    await assertOpens(path);
  } catch (thrown) {
    await unlock();
    throw thrown;
  }
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
