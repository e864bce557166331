import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const USUAL = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/**
 * The path of a Chromium: that of the environment's `CHROMIUM_PATH`, else a usual one; `undefined`, and it says so,
 * where there is none.
 * @throws Error in CI, where it has to be there
 */
export function findChromium(): string | undefined {
  const named = process.env["CHROMIUM_PATH"];
  const found = named === undefined ? USUAL.find((path) => existsSync(path)) : named;
  if (found !== undefined && existsSync(found)) return found;
  const missing = "There is no Chromium here: install one (`apt-get install chromium`) or name one in CHROMIUM_PATH.";
  if (process.env["CI"] === "true") throw new Error(missing);
  process.stderr.write(`Skipped: the report in a browser. ${missing}\n`);
  return undefined;
}

/** Starts it without a window, and without the calls that a browser makes on its own. */
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
