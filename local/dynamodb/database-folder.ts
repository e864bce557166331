import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Level } from "level";
import { lockFolder, unusable } from "./folder-lock.ts";

const PATIENCE_MS = 90_000;

/** A folder's database, which is this process's alone until it is released. */
export interface TakenDatabase {
  readonly path: string;
  release(): Promise<void>;
}

/**
 * Takes a folder's database, which is made if there is none. Waits while another process has it.
 * @throws StoreError `folder_in_use`; `folder_unusable` for one that is damaged or cannot be written to
 */
export async function takeDatabase(folder: string): Promise<TakenDatabase> {
  const unlock = await lockFolder(folder, PATIENCE_MS, () =>
    console.error(`${folder} is in use by another command; waiting …`),
  );
  const path = join(folder, "dynamodb");
  try {
    await mkdir(path, { recursive: true });
    await assertOpens(path);
  } catch (thrown) {
    await unlock();
    throw thrown;
  }
  const endWatch = watchForDamage(path);
  return {
    path,
    release: async () => {
      endWatch();
      await unlock();
    },
  };
}

/** The embedded DynamoDB opens it itself, and answers a database that it cannot open with an uncaught exception. */
async function assertOpens(path: string): Promise<void> {
  const database = new Level(path);
  try {
    await database.open();
  } catch (thrown) {
    throw unusable(path, thrown);
  }
  await database.close();
}

/**
 * So it does where the database turns out to be damaged, or its disk full, while it is used: that ends the process with a message.
 * @returns ends the watch
 */
function watchForDamage(path: string): () => void {
  const end = (thrown: Error & { code?: unknown }) => {
    const isOfDatabase = String(thrown.code).startsWith("LEVEL_");
    process.stderr.write(`${isOfDatabase ? unusable(path, thrown).message : thrown.stack}\n`);
    process.exit(1);
  };
  process.on("uncaughtException", end);
  return () => process.removeListener("uncaughtException", end);
}
