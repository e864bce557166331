import { existsSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const CHROMIUM = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium";

/** Writes a screenshot of a report. Without Chromium, prints a notice and keeps the existing picture. */
export async function drawReport(page: string, picture: string): Promise<void> {
  if (!existsSync(CHROMIUM)) {
    process.stderr.write(
      `${picture} was not updated: Chromium not found at ${CHROMIUM}. Set CHROMIUM_PATH to its location.\n`,
    );
    return;
  }
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
  const tab = await browser.newPage({ viewport: { width: 1240, height: 1010 }, colorScheme: "light" });
  await tab.goto(pathToFileURL(page).href);
  await tab.screenshot({ path: picture });
  await browser.close();
}
