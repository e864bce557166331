import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

/** The first one, without a user interface, takes half as much processor time. */
const USUAL_PATHS = ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"].map(
  (name) => `/usr/bin/${name}`,
);

/**
 * Returns the path of Chromium from `CHROMIUM_PATH` or a usual location. If it is missing, prints how to install it and
 * returns `undefined`.
 * @throws Error in CI, where the browser tests must not be skipped
 */
export function findChromium(): string | undefined {
  const configured = process.env["CHROMIUM_PATH"];
  const found = configured === undefined ? USUAL_PATHS.find((path) => existsSync(path)) : configured;
  if (found !== undefined && existsSync(found)) return found;
  const missing = `Chromium not found at ${found ?? USUAL_PATHS.join(", ")}. Install it (apt-get install chromium-headless-shell) or set CHROMIUM_PATH.`;
  if (process.env["CI"] === "true") throw new Error(missing);
  process.stderr.write(`Skipped the browser tests of the report. ${missing}\n`);
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
