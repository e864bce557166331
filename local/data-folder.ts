import { existsSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, isAbsolute, join, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { InputError } from "../core/domain/errors.ts";

export const DATA_VARIABLE = "BALANCES_DATA";

const NAME = "cdp-balance-snapshots";

export interface Platform {
  readonly name: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
}

/**
 * Returns the absolute path of the folder with the embedded table and the demo's state.
 * @param given the value of `--data`; default: `BALANCES_DATA`
 */
export function dataFolder(given = process.env[DATA_VARIABLE]?.trim() || undefined): string {
  return given === undefined ? defaultDataFolder() : resolve(given);
}

/** Returns `.local/` in the clone that contains this program, or else a folder for the user's data. */
export function defaultDataFolder(): string {
  const clone = cloneOf(fileURLToPath(import.meta.url));
  if (clone !== undefined) return join(clone, ".local");
  return platformDataFolder({ name: process.platform, env: process.env, home: homedir() });
}

/** Returns the clone of this project that contains a file; `undefined` if none does, or if a package manager installed it. */
export function cloneOf(file: string): string | undefined {
  if (file.includes(`${sep}node_modules${sep}`)) return undefined;
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(join(folder, "cli", "balances.ts"))) return folder;
  }
  return undefined;
}

/**
 * Returns the folder for the user's data. Sources: XDG Base Directory Specification, which says to ignore a relative path;
 * Apple's File System Programming Guide; Microsoft's KNOWNFOLDERID.
 */
export function platformDataFolder({ name, env, home }: Platform): string {
  if (name === "darwin") return join(home, "Library", "Application Support", NAME);
  if (name === "win32") return join(env["LOCALAPPDATA"] || join(home, "AppData", "Local"), NAME);
  const { XDG_DATA_HOME: folder = "" } = env;
  return join(isAbsolute(folder) ? folder : join(home, ".local", "share"), NAME);
}

/** Returns the file of the demo's state. A folder with it belongs to the demo: other accounts would falsify its totals. */
export function demoMarketIn(folder: string): string {
  return join(folder, "market.json");
}

/** Returns the file of the transfers in the demo's example history, for `reconcile --transfers`. */
export function demoTransfersIn(folder: string): string {
  return join(folder, "transfers.json");
}

/** Returns the path of the database in a data folder. */
export function databaseIn(folder: string): string {
  return join(folder, "dynamodb");
}

/**
 * Returns whether a data folder contains a database.
 * @throws InputError if a file stands in its place
 */
export function hasDatabase(folder: string): boolean {
  try {
    return readdirSync(databaseIn(folder)).length > 0;
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    if (code === "ENOTDIR") throw notAFolder(databaseIn(folder));
    // Of any other error, such as a missing permission, opening the database reports the reason.
    return code !== "ENOENT";
  }
}

/** Returns the error that names the file which stands in the place of a folder or of one that contains it. */
export function notAFolder(folder: string): InputError {
  let file = folder;
  while (!existsSync(file)) file = dirname(file);
  return new InputError("usage", [`${file} is not a folder. Expected the data folder: see --data.`]);
}
