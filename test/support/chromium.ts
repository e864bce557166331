import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

/** The first one, without a user interface, takes half as much processor time. */
const USUAL_PATHS = ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"].map(
  (name) => `/usr/bin/${name}`,
);

const { CHROMIUM_PATH } = process.env;
const PATHS = CHROMIUM_PATH === undefined ? USUAL_PATHS : [CHROMIUM_PATH];

/** Returns the path of Chromium: that of `CHROMIUM_PATH`, or a usual one. `undefined`: there is none. */
export function chromiumPath(): string | undefined {
  return PATHS.find((path) => existsSync(path));
}

export const NO_CHROMIUM = `Chromium not found at ${PATHS.join(", ")}. Install it (apt-get install chromium-headless-shell) or set CHROMIUM_PATH.`;

/**
 * Returns the path of Chromium. If it is missing, prints how to install it and returns `undefined`.
 * @throws Error in CI, where the browser tests must not be skipped
 */
export function findChromium(): string | undefined {
  const found = chromiumPath();
  if (found !== undefined) return found;
  if (process.env["CI"] === "true") throw new Error(NO_CHROMIUM);
  process.stderr.write(`Skipped the browser tests of the report. ${NO_CHROMIUM}\n`);
  return undefined;
}

/** Starts a headless Chromium that makes no background requests. */
export function startChromium(executablePath: string): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--no-first-run",
      "--no-default-browser-check",
    ],
  });
}
