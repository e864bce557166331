// @ts-check
// The compiled command line of a clone. Only modules of Node.js are loaded here: this runs at the start of every command.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join, sep } from "node:path";
import { pathToFileURL } from "node:url";

/** What the bundle is made of, apart from the sources: its packages, and how it is made. */
const OTHER_INPUTS = [
  "package-lock.json",
  "node_modules/.package-lock.json",
  "tools/package/bundle-cli.js",
  "tools/package/cached-cli.js",
];

/** A process may load from a bundle for this long after a newer one has replaced it. No command loads its last module later. */
const REPLACED_MAX_AGE_MS = 3_600_000;

/** The file that names the newest bundle and the state of its inputs. */
const CURRENT = "current.json";

/**
 * The newest bundle of the clone at `root`. `stamps` has the time of change and the size of each input, by its path in the clone; `null`: missing.
 * @typedef {{ root: string, folder: string, stamps: Record<string, string | null> }} Current
 */

/**
 * Returns the URL of the compiled command line, and compiles it first if an input has changed.
 * @param {string} root the folder of the clone
 * @returns {Promise<string>}
 * @throws if it cannot be compiled, or its folder is not writable
 */
export async function cachedCli(root) {
  const cache = cacheOf(root);
  const current = readCurrent(cache);
  if (current !== undefined && isFresh(root, cache, current)) return entryOf(cache, current.folder);
  return entryOf(cache, await rebuild(root, cache));
}

/**
 * Returns the folder of a clone's bundles. Clones that share `node_modules` have separate ones, named like their paths. Two paths that
 * differ only in punctuation share one, and replace each other's bundle. A hash would take longer to load than all else here.
 * @param {string} root
 */
export function cacheOf(root) {
  const name = root.replaceAll(/[^A-Za-z0-9]+/g, "-").slice(-100);
  return join(root, "node_modules", ".cache", "cdp-balance-snapshots", name);
}

/** @param {string} cache @param {string} folder */
function entryOf(cache, folder) {
  return pathToFileURL(join(cache, folder, "balances.js")).href;
}

/** @param {string} cache @returns {Current | undefined} */
function readCurrent(cache) {
  try {
    return JSON.parse(readFileSync(join(cache, CURRENT), "utf8"));
  } catch {
    // There is no bundle yet, or its description is damaged: the command line is compiled again.
    return undefined;
  }
}

/** @param {string} root @param {string} cache @param {Current} current */
function isFresh(root, cache, { root: builtFrom, folder, stamps }) {
  return (
    builtFrom === root &&
    existsSync(join(cache, folder, "balances.js")) &&
    Object.entries(stamps).every(([path, stamp]) => stampOf(join(root, path)) === stamp)
  );
}

/** @param {string} path */
function stampOf(path) {
  const found = statSync(path, { throwIfNoEntry: false });
  return found === undefined ? null : `${found.mtimeMs} ${found.size}`;
}

/**
 * Compiles the command line into a new folder, and then makes it the current one. Two processes that do so at once do not affect each
 * other: each has its own folder, and the later one replaces the file that names the current folder as a whole.
 * @param {string} root @param {string} cache
 */
async function rebuild(root, cache) {
  mkdirSync(cache, { recursive: true });
  const outdir = mkdtempSync(join(cache, "bundle-"));
  try {
    const stamps = await compile(root, outdir);
    const previous = readCurrent(cache);
    const folder = outdir.slice(cache.length + 1);
    const description = join(outdir, CURRENT);
    writeFileSync(description, JSON.stringify({ root, folder, stamps }));
    renameSync(description, join(cache, CURRENT));
    if (previous !== undefined) markReplaced(join(cache, previous.folder));
    removeOld(cache, folder);
    return folder;
  } catch (thrown) {
    rmSync(outdir, { recursive: true, force: true });
    throw thrown;
  }
}

/**
 * @param {string} root @param {string} outdir
 * @returns {Promise<Current["stamps"]>} the stamps of the inputs from before they were read, so that a later change is noticed
 */
async function compile(root, outdir) {
  // Loaded only here, because it takes longer than the start of a command.
  const { bundleCli } = await import("./bundle-cli.js");
  const stamps = Object.fromEntries(OTHER_INPUTS.map((path) => [path, stampOf(join(root, path))]));
  /** @param {string} path the absolute path of an input */
  const takeStamp = (path) => {
    stamps[path.slice(root.length + 1)] = stampOf(path);
  };
  await bundleCli({ root, outdir, plugins: [sourcesIn(root, takeStamp)] });
  return stamps;
}

/**
 * Returns a plugin that reads the sources of the project. What they find by their own location, they find from the bundle, too.
 * @param {string} root @param {(path: string) => void} onRead called with each path before it is read
 * @returns {import("esbuild").Plugin}
 */
function sourcesIn(root, onRead) {
  const sources = root + sep;
  const packages = join(root, "node_modules") + sep;
  return {
    name: "sources",
    setup(build) {
      build.onLoad({ filter: /\.(ts|json)$/ }, ({ path }) => {
        if (!path.startsWith(sources) || path.startsWith(packages)) return undefined;
        onRead(path);
        const location = JSON.stringify(pathToFileURL(path).href);
        const contents = readFileSync(path, "utf8").replaceAll("import.meta.url", location);
        return { contents, loader: path.endsWith(".ts") ? "ts" : "json" };
      });
    },
  };
}

/** Notes when a bundle was replaced. @param {string} folder */
function markReplaced(folder) {
  const now = new Date();
  try {
    utimesSync(folder, now, now);
  } catch {
    // Another process has removed it.
  }
}

/** Removes the bundles that were replaced long ago. @param {string} cache @param {string} current */
function removeOld(cache, current) {
  for (const name of readdirSync(cache)) {
    if (name === current || name === CURRENT) continue;
    const found = statSync(join(cache, name), { throwIfNoEntry: false });
    if (found === undefined || Date.now() - found.mtimeMs < REPLACED_MAX_AGE_MS) continue;
    rmSync(join(cache, name), { recursive: true, force: true });
  }
}
