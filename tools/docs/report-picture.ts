import { existsSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const CHROMIUM = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium";

/** Draws a report as a person sees it who opens it. Where there is no Chromium it says so, and the picture stays as it is. */
export async function drawReport(page: string, picture: string): Promise<void> {
  if (!existsSync(CHROMIUM)) {
    process.stderr.write(`${picture} is as it was: there is no Chromium at ${CHROMIUM}; name one in CHROMIUM_PATH.\n`);
    return;
  }
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
  const tab = await browser.newPage({ viewport: { width: 1240, height: 1010 }, colorScheme: "light" });
  await tab.goto(pathToFileURL(page).href);
  await tab.screenshot({ path: picture });
  await browser.close();
}
