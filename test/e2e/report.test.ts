import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Locator, Page } from "playwright-core";
import { subtract, sum } from "../../core/domain/amount.ts";
import { renderReport } from "../../report-page/build/render.ts";
import type { ReportAccount, ReportData } from "../../report-page/data/report-data.ts";
import { findChromium, startChromium } from "../support/chromium.ts";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "../support/jest.ts";
import { expectedTable, readablePixels } from "../support/report-page.ts";
import { HOUR, makeReport } from "../unit/report-page/make-report.ts";

// Opens reports as their readers do: from a file in a browser.

const executable = findChromium();
const MARKUP = `<img src=x onerror="document.title='broken'">`;

(executable === undefined ? describe.skip : describe)("the report in Chromium", () => {
  let home = "";
  let browser: Browser;
  let page: Page;
  let problems: string[] = [];
  let requests: string[] = [];

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), "report-test-"));
    browser = await startChromium(executable ?? "");
    page = await browser.newPage();
    page.context().on("request", (request) => requests.push(request.url()));
    page.context().on("console", (message) => problems.push(message.text()));
    page.on("pageerror", (error) => problems.push(String(error)));
  });
  afterAll(async () => {
    await browser.close();
    rmSync(home, { recursive: true });
  });
  afterEach(() => {
    expect({ problems, requests: requests.length }).toEqual({ problems: [], requests: 1 });
  });

  async function open(data: ReportData, viewport = { width: 1280, height: 900 }): Promise<void> {
    const file = join(home, "report.html");
    writeFileSync(file, await renderReport(data));
    await page.setViewportSize(viewport);
    await page.emulateMedia({ colorScheme: "light" });
    [problems, requests] = [[], []];
    await page.goto(pathToFileURL(file).href);
  }

  const textOf = async (locator: Locator) => (await locator.textContent()) ?? "";
  const text = (selector: string) => textOf(page.locator(selector));
  const press = (name: string) => page.locator("#presets button", { hasText: name }).click();
  const fact = (plot: string, term: string) => {
    const facts = page.locator(`#${plot}-readout .facts div`, { has: page.getByText(term, { exact: true }) });
    return textOf(facts.locator("dd"));
  };
  const legend = async (plot: string) => {
    const rows = await page.locator(`#${plot}-readout .legend tr`).all();
    const pairs = rows.map((row) => Promise.all([textOf(row.locator("th")), textOf(row.locator("td"))]));
    return new Map(await Promise.all(pairs));
  };
  /** Moves the mouse to the middle of a step and returns the plot's colour there. `height` is from 0 to 1. */
  async function hover(plot: string, step: number, steps: number, height = 0.97): Promise<string> {
    const over = page.locator(`#${plot}-plot .u-over`);
    await over.scrollIntoViewIfNeeded();
    const box = await over.boundingBox();
    if (box === null) throw new Error(`The ${plot} plot is not visible.`);
    const [x, y] = [box.x + (box.width * (step + 0.5)) / steps, box.y + box.height * height];
    await page.mouse.move(x, y);
    const canvas = await page.locator(`#${plot}-plot canvas`).boundingBox();
    const position = `${x - (canvas?.x ?? 0)}, ${y - (canvas?.y ?? 0)}`;
    return page.evaluate(`String(${readablePixels(plot)}.getImageData(${position}, 1, 1).data)`);
  }
  /** Returns the texts of the balance table's cells by symbol. */
  async function table(): Promise<Map<string, string[]>> {
    const rows: [string, string[]][] = await page.evaluate(`[...document.querySelectorAll("#balances-body tr")].map(
      (row) => [row.dataset.symbol, [...row.querySelectorAll("td")].map((cell) => cell.textContent)])`);
    return new Map(rows);
  }

  it("shows exact amounts at the cursor, and distinguishes not held, no price and a gap with its reason", async () => {
    const data = makeReport({ steps: 100, timezone: "Europe/Zurich" });
    const [account] = data.accounts as [ReportAccount];
    await open(data);

    const filled = await hover("value", 20, 100);
    expect(await fact("value", "At the cursor")).toBe("2026-11-01 21:00:00 +01:00");
    expect(await fact("value", "Captured")).toBe("2026-11-01 21:00:01.020 +01:00");
    expect(await fact("value", "Coverage")).toBe("covers 29 of 30 assets; no price: sushi");
    const shown = await legend("value");
    expect(shown.get("total")).toBe(account.snapshots[20]?.total);
    expect(shown.get("btc")).toBe(account.assets[0]?.values[20]);
    const separate = [...shown.keys()].filter((label) => !/^(total|other)/.test(label));
    expect(separate).toHaveLength(8);
    const others = account.assets.filter(({ symbol }) => !separate.includes(symbol));
    expect(shown.get("other (22 assets)")).toBe(sum(others.flatMap(({ values }) => values[20] ?? [])));
    expect((await legend("quantity")).get("quantity")).toBe(account.assets[0]?.quantities[20]);

    const gap = await hover("value", 7, 100);
    expect(gap).not.toBe(filled);
    expect(await fact("value", "No data")).toContain("api_unavailable: the API answered 503 four times");
    expect(new Set((await legend("value")).values())).toEqual(new Set(["gap"]));

    await page.selectOption("#asset", "sol");
    await hover("quantity", 40, 100);
    expect(new Set((await legend("quantity")).values())).toEqual(new Set(["not held"]));
    await hover("quantity", 41, 100);
    expect((await legend("quantity")).get("quantity")).toBe("gap");
    await page.selectOption("#asset", "xrp");
    await hover("quantity", 90, 100);
    expect((await legend("quantity")).get("value (usd)")).toBe("no price");
    expect((await legend("quantity")).get("quantity")).toMatch(/^\d+\.\d{18}$/);
    expect(await text("#quantity-title")).toBe("Quantity over time: xrp");
  });

  it("shows closing balances that match an independent computation for every range, and sorts them", async () => {
    const data = makeReport({ steps: 300, every: 24 * HOUR, days: true });
    const [account] = data.accounts as [ReportAccount];
    await open(data);
    expect(await table()).toEqual(expectedTable(account, 0, 299));
    expect(await text("#status")).toContain("2026-11-01 to 2027-08-27 (open) · 300 intervals of 1 day");
    await hover("value", 20, 300);
    expect(await fact("value", "At the cursor")).toBe("2026-11-21");
    await page.fill("#from", "2026-11-10");
    await page.fill("#to", "2026-11-12");
    expect(await text("#status")).toContain("2026-11-10 to 2026-11-12 · 3 intervals of 1 day");
    expect(await table()).toEqual(expectedTable(account, 9, 11));
    await press("90 d");
    expect(await table()).toEqual(expectedTable(account, 209, 299));
    await press("7 d");
    expect(await table()).toEqual(expectedTable(account, 292, 299));
    expect(await text("#balances-note")).toContain("The total covers 28 of 30 assets; no price: sushi, xrp.");
    const total = subtract(account.snapshots[299]?.total ?? "", account.snapshots[292]?.total ?? "");
    expect(await text("#balances-foot td:last-child")).toBe(total.startsWith("-") ? total : `+${total}`);

    const symbols = async () => [...(await table()).keys()];
    const byValue = await symbols();
    await page.getByRole("button", { name: "Asset", exact: true }).click();
    expect(await symbols()).toEqual([...byValue].sort());
    expect(await text("[aria-sort=ascending]")).toBe("Asset");
    await page.getByRole("button", { name: "Value (usd)", exact: true }).press("Enter");
    expect(await symbols()).toEqual(byValue);
    expect(await text("[aria-sort=descending]")).toBe("Value (usd)");
  });

  it("changes the range by button, date, drag and keyboard", async () => {
    await open(makeReport({ steps: 400, every: 6 * HOUR, timezone: "Europe/Zurich" }));
    await press("7 d");
    expect(await text("#status")).toContain("2027-02-01 19:00 to 2027-02-08 19:00 · 29 intervals of 6 hours");
    expect(await text("#presets [aria-pressed=true]")).toBe("7 d");
    expect(await page.locator("#from").inputValue()).toBe("2027-02-01");

    await page.fill("#from", "2026-12-01");
    await page.fill("#to", "2026-12-02");
    expect(await text("#status")).toContain("2026-12-01 01:00 to 2026-12-02 19:00 · 8 intervals");
    await page.click("#reset");
    expect(await text("#status")).toContain("400 intervals");

    await hover("value", 100, 400);
    await page.mouse.down();
    await hover("value", 200, 400, 0.5);
    await page.mouse.up();
    expect(await text("#status")).toContain("101 intervals");

    const plot = page.locator("#value-plot");
    await plot.focus();
    await plot.press("Escape");
    expect(await text("#status")).toContain("400 intervals");
    await plot.press("Home");
    expect(await plot.getAttribute("aria-valuetext")).toMatch(
      /^2026-11-01 01:00: total \d+\.\d\d usd, covers 29 of 30 assets;/,
    );
    await plot.press("ArrowRight");
    expect(await fact("quantity", "Slot")).toBe("2026-11-01T06:00:00.000Z");
    await plot.press("End");
    await plot.press("+");
    expect(await text("#status")).toContain("201 intervals");
  });

  it("adds up all accounts only where every account has a snapshot", async () => {
    const data = makeReport({ accounts: 3, steps: 100 });
    await open(data);
    await page.selectOption("#account", "all");
    await hover("value", 20, 100);
    const shown = await legend("value");
    expect(shown.get("total")).toBe(sum(data.accounts.map(({ snapshots }) => snapshots[20]?.total ?? "")));
    expect(shown.get("btc")).toBe(sum(data.accounts.map(({ assets }) => assets[0]?.values[20] ?? "")));
    expect(await fact("value", "Coverage")).toBe("covers 87 of 90 balances in 3 accounts; no price: sushi");
    await hover("value", 42, 100);
    expect(await fact("value", "No data")).toContain("gap: 1 of 3 accounts has no snapshot");
    expect(await text("#gaps-note")).toContain("only some accounts have a snapshot there");
  });

  it("shows markup in names as text", async () => {
    const data = makeReport({ steps: 60, assets: 3 });
    const [account] = data.accounts as [ReportAccount];
    const assets = account.assets.map((asset) => ({ ...asset, symbol: `${asset.symbol}${MARKUP}`, name: MARKUP }));
    await open({ ...data, title: MARKUP, accounts: [{ ...account, accountId: MARKUP, assets }] });
    expect(await page.title()).toBe(MARKUP);
    expect(await page.locator("img").count()).toBe(0);
    expect(await textOf(page.locator("#balances-body .name").first())).toBe(MARKUP);
  });

  it("follows the colour scheme and prints in light colours", async () => {
    await open(makeReport({ steps: 100 }));
    const paper = () => page.evaluate("getComputedStyle(document.body).backgroundColor");
    const light = [await paper(), await hover("value", 20, 100)];
    await page.emulateMedia({ colorScheme: "dark" });
    const dark = [await paper(), await hover("value", 20, 100)];
    expect([light[0], dark[0]]).toEqual(["rgb(255, 255, 255)", "rgb(20, 23, 26)"]);
    expect(dark[1]).not.toBe(light[1]);

    await page.evaluate("dispatchEvent(new Event('beforeprint'))");
    expect([await paper(), await hover("value", 20, 100)]).toEqual(light);
    await page.evaluate("dispatchEvent(new Event('afterprint'))");
    expect([await paper(), await hover("value", 20, 100)]).toEqual(dark);
    expect((await page.pdf({ format: "A4" })).subarray(0, 5).toString()).toBe("%PDF-");
  });

  it("shows the last time label in full at the end of the axis", async () => {
    // Hours up to the end of the year, so that the last label has a new year.
    await open(makeReport({ steps: 61 * 24, assets: 2 }));
    await page.fill("#from", "2026-12-31");
    const isDrawn = (right: number, width: number) =>
      page.evaluate(`(() => {
        const context = ${readablePixels("value")};
        const { width, height } = context.canvas;
        return context.getImageData(width - ${right}, height - 40, ${width}, 40).data.some((byte) => byte > 0);
      })()`);

    expect(await isDrawn(24, 23)).toBe(true);
    expect(await isDrawn(1, 1)).toBe(false);
  });

  it("fits a phone without layout shifts", async () => {
    await open(makeReport({ accounts: 2, steps: 100 }), { width: 375, height: 700 });
    // On a busy machine, the browser may paint once before the script fills the page, so shifts count after the next paint.
    await page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))");
    await page.evaluate(`new PerformanceObserver((list) => {
      globalThis.shifts = (globalThis.shifts ?? 0) + list.getEntries().length;
    }).observe({ type: "layout-shift" })`);
    for (const step of [3, 7, 20, 60, 90]) await hover("value", step, 100, 0.5);
    await page.waitForTimeout(100);
    expect(await page.evaluate("[document.documentElement.scrollWidth, globalThis.shifts ?? 0]")).toEqual([375, 0]);
    const reason = await page.locator("#gaps-body tr:first-child td:last-child").boundingBox();
    expect((reason?.x ?? 375) + (reason?.width ?? 375)).toBeLessThanOrEqual(375);
  });

  it("draws five years of 30 assets, and the sum of three accounts, with less than a second of script time each", async () => {
    // The command reduces five years of hours to days: no screen shows more than 2,000 steps.
    const data = makeReport({ accounts: 3, assets: 30, steps: 1826, every: 24 * HOUR, timezone: "Europe/Zurich" });
    const devTools = await page.context().newCDPSession(page);
    // CPU time of the page's thread: elapsed time would depend on what else runs on this machine.
    await devTools.send("Performance.enable", { timeDomain: "threadTicks" });
    const scriptSeconds = async () => {
      const { metrics } = await devTools.send("Performance.getMetrics");
      return metrics.find(({ name }) => name === "ScriptDuration")?.value ?? Number.NaN;
    };

    await open(data);
    const opened = await scriptSeconds();
    await page.selectOption("#account", "all");
    const combined = (await scriptSeconds()) - opened;

    expect(await text("#status")).toContain("All 3 accounts");
    expect(await page.locator("#gaps-body tr").count()).toBe(100);
    expect(opened).toBeGreaterThan(0);
    expect(opened).toBeLessThan(1);
    expect(combined).toBeGreaterThan(0);
    expect(combined).toBeLessThan(1);
    await devTools.detach();
  });
});
