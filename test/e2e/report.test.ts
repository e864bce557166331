import { readFileSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { subtract, sum } from "../../core/domain/amount.ts";
import type { ReportAccount, ReportPoint } from "../../report-page/data/report-data.ts";
import { findChromium, startChromium } from "../support/chromium.ts";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "../support/jest.ts";
import { expectedTable, ReportTab, readablePixels } from "../support/report-page.ts";
import { HOUR, makeReport } from "../unit/report-page/make-report.ts";

// Opens reports as their readers do: from a file in a browser.

const executable = findChromium();
const MARKUP = `<img src=x onerror="document.title='broken'">`;

(executable === undefined ? describe.skip : describe)("the report in Chromium", () => {
  let browser: Browser;
  let tab: ReportTab;
  let page: Page;

  beforeAll(async () => {
    browser = await startChromium(executable ?? "");
    tab = await ReportTab.in(browser);
    page = tab.page;
  });
  afterAll(async () => {
    await browser.close();
    tab.close();
  });
  afterEach(() => {
    expect({ problems: tab.problems, requests: tab.requests.length }).toEqual({ problems: [], requests: 1 });
  });

  const status = async () => (await tab.read()).status;
  const press = (label: string) =>
    tab.click(`#presets button:nth-child(${["All", "1 y", "90 d", "30 d", "7 d"].indexOf(label) + 1})`);

  it("opens with all accounts and the headline, and sums only where every account has a snapshot", async () => {
    const data = makeReport({ accounts: 3, steps: 100 });
    const ends = data.accounts.map(({ end }) => end as ReportPoint);
    const month = data.accounts[0]?.closes[1] as ReportPoint;
    await tab.open(data);

    const opened = await tab.read();
    const total = sum(ends.map((end) => end.total ?? ""));
    expect(opened.total).toBe(total);
    expect(opened.provenance).toBe(
      "Snapshots of 2026-11-05 03:00 UTC, complete for 3 of 3 accounts. Generated 2026-11-05 03:00 UTC.",
    );
    expect(opened.changes["This month"]?.[0]).toBe(`+${subtract(total, month.total ?? "")}`);
    const joined = sum(ends.slice(1).map((end) => end.total ?? ""));
    expect(opened.changes["This month"]?.[2]).toBe(
      `since 2026-10-31; of which +${joined} in 2 new accounts; covered 29 of 30 then`,
    );
    expect(opened.changes["This year"]).toEqual(["–", "", "not active at 2025-12-31"]);
    const values = data.accounts.flatMap(({ allocation }) => allocation.filter(([symbol]) => symbol === "btc"));
    expect(opened.allocation["btc"]?.[1]).toBe(sum(values.map(([, value]) => value ?? "")));
    expect(await page.locator("#account option").allTextContents()).toEqual([
      ...["All 3 accounts", "Treasury 00000000", "00000001", "00000002"],
    ]);

    await tab.hover("value", 20, 100);
    const { value } = (await tab.read()).readouts;
    expect(value["total"]).toBe(sum(data.accounts.map(({ snapshots }) => snapshots[20]?.total ?? "")));
    expect(value["btc"]).toBe(sum(data.accounts.map(({ assets }) => assets[0]?.values[20] ?? "")));
    expect(value["coverage"]).toBe("covers 87 of 90 balances in 3 accounts; no price: sushi");
    await tab.hover("value", 42, 100);
    expect((await tab.read()).readouts.value["coverage"]).toContain("gap: 1 of 3 accounts has no snapshot (00000001)");
    expect(await page.textContent("#gaps-note")).toContain("only some accounts have a snapshot there");
  });

  it("keeps account, range, asset and order in its address, and saves what it shows as CSV", async () => {
    const data = makeReport({ accounts: 2, steps: 240, assets: 5 });
    const [account] = data.accounts as [ReportAccount];
    await tab.open(data, { fragment: "#account=nobody&sort=price" });
    const opened = await tab.read();
    await page.selectOption("#account", account.accountId);
    await page.selectOption("#asset", "eth");
    await tab.setDates("2026-11-02", "2026-11-03");
    await tab.click("[data-column=symbol] button");

    const shown = await tab.read();
    await page.reload();
    const reloaded = await tab.read();
    const files = await Promise.all(
      ["balances", "values"].map(async (name) => {
        const [download] = await Promise.all([
          page.waitForEvent("download", (one) => one.suggestedFilename() === `${name}-00000000-2026-11-03.csv`),
          tab.click(`#save-${name}`),
        ]);
        return readFileSync(await download.path(), "utf8")
          .trimEnd()
          .split("\r\n");
      }),
    );
    for (let back = 0; back < 5; back++) await page.evaluate("history.back()");
    await page.waitForFunction(`location.hash === "#account=nobody&sort=price"`);
    const returned = await tab.read();
    // The reload was the second request.
    expect(tab.requests.splice(1)).toHaveLength(1);

    expect(shown.table).not.toEqual(opened.table);
    expect(reloaded).toEqual(shown);
    expect(returned).toEqual(opened);
    expect(Object.fromEntries(shown.table)).toEqual(expectedTable(account, 24, 71));
    const [balances = [], values = []] = files;
    expect(balances.slice(1, -1).map((line) => line.split(",").slice(6, 10))).toEqual(
      shown.table.map(([symbol, [quantity]]) => [symbol, `The ${symbol} coin`, expect.any(String), quantity]),
    );
    expect(values).toHaveLength(1 + 48);
    const [header = [], third = []] = [values[0], values[3]].map((line) => line?.split(","));
    expect(third[header.indexOf("btc")]).toBe(account.assets[0]?.values[26]);
    expect(third.slice(0, 4)).toEqual([...[account.accountId, "Treasury", "2026-11-02T02:00:00.000Z", "false"]]);
  });

  it("shows exact amounts at the cursor, and distinguishes not held, no price and a gap with its reason", async () => {
    const data = makeReport({ steps: 100, timezone: "Europe/Zurich" });
    const [account] = data.accounts as [ReportAccount];
    await tab.open(data);

    const filled = await tab.hover("value", 20, 100);
    const { value, quantity } = (await tab.read()).readouts;
    expect(value).toMatchObject({
      step: "2026-11-01 21:00",
      times: "slot 2026-11-01T20:00:00.000Z, captured 2026-11-01T20:00:01.020Z",
      coverage: "covers 29 of 30 assets; no price: sushi",
      total: account.snapshots[20]?.total,
      btc: account.assets[0]?.values[20],
    });
    const separate = Object.keys(value).filter((label) => !/^(total|other|step|times|coverage)/.test(label));
    expect(separate).toHaveLength(8);
    const others = account.assets.filter(({ symbol }) => !separate.includes(symbol));
    expect(value["other (22 assets)"]).toBe(sum(others.flatMap(({ values }) => values[20] ?? [])));
    expect(quantity["quantity"]).toBe(account.assets[0]?.quantities[20]);

    const gap = await tab.hover("value", 7, 100);
    const { step, times, coverage, ...amounts } = (await tab.read()).readouts.value;
    expect(gap).not.toBe(filled);
    expect([step, times]).toEqual(["2026-11-01 08:00", ""]);
    expect(coverage).toContain("api_unavailable: the API answered 503 four times");
    expect(new Set(Object.values(amounts))).toEqual(new Set(["gap"]));

    await page.selectOption("#asset", "sol");
    await tab.hover("quantity", 40, 100);
    expect((await tab.read()).readouts.quantity).toMatchObject({ quantity: "not held", "value (usd)": "not held" });
    await tab.hover("quantity", 41, 100);
    expect((await tab.read()).readouts.quantity["quantity"]).toBe("gap");
    await page.selectOption("#asset", "xrp");
    await tab.hover("quantity", 90, 100);
    const xrp = (await tab.read()).readouts.quantity;
    expect([xrp["value (usd)"], /^\d+\.\d{18}$/.test(xrp["quantity"] ?? "")]).toEqual(["no price", true]);
    expect(await page.textContent("#quantity-title")).toBe("Quantity of xrp");
  });

  it("shows closing balances that match an independent computation for every range, and sorts them", async () => {
    const data = makeReport({ steps: 300, every: 24 * HOUR, days: true });
    const [account] = data.accounts as [ReportAccount];
    await tab.open(data);
    const table = async () => Object.fromEntries((await tab.read()).table);
    expect(await table()).toEqual(expectedTable(account, 0, 299));
    expect(await status()).toBe("2026-11-01 to 2027-08-27 (open) · 300 intervals of 1 day, 15 gaps");
    await tab.setDates("2026-11-10", "2026-11-12");
    expect(await status()).toContain("2026-11-10 to 2026-11-12 · 3 intervals of 1 day");
    expect(await table()).toEqual(expectedTable(account, 9, 11));
    await press("90 d");
    expect(await table()).toEqual(expectedTable(account, 209, 299));
    await press("7 d");
    expect(await table()).toEqual(expectedTable(account, 292, 299));
    expect(await page.textContent("#balances-note")).toContain(
      "The total covers 28 of 30 assets; no price: sushi, xrp.",
    );
    const total = subtract(account.snapshots[299]?.total ?? "", account.snapshots[292]?.total ?? "");
    const shown = await page.textContent("#balances .total td:last-child");
    expect(shown?.replace("−", "-")).toBe(total.startsWith("-") ? total : `+${total}`);

    const symbols = async () => (await tab.read()).table.map(([symbol]) => symbol);
    const byValue = await symbols();
    await page.getByRole("button", { name: "Asset", exact: true }).click();
    expect(await symbols()).toEqual([...byValue].sort());
    expect(await page.textContent("[aria-sort=ascending]")).toBe("Asset");
    await page.getByRole("button", { name: "Value (usd)", exact: true }).press("Enter");
    expect(await symbols()).toEqual(byValue);
    expect(await page.textContent("[aria-sort=descending]")).toBe("Value (usd)");
  });

  it("changes the range by button, date, drag and keyboard", async () => {
    await tab.open(makeReport({ steps: 400, every: 6 * HOUR, timezone: "Europe/Zurich" }));
    await press("7 d");
    expect(await status()).toContain("2027-02-01 19:00 to 2027-02-08 19:00 · 29 intervals of 6 hours");
    expect(await page.textContent("#presets [aria-pressed=true]")).toBe("7 d");
    expect(await page.inputValue("#from")).toBe("2027-02-01");

    await tab.setDates("2026-12-01", "2026-12-02");
    expect(await status()).toContain("2026-12-01 01:00 to 2026-12-02 19:00 · 8 intervals");
    await tab.click("#reset");
    expect(await status()).toContain("400 intervals");

    await tab.hover("value", 100, 400);
    await page.mouse.down();
    await tab.hover("value", 200, 400, 0.5);
    await page.mouse.up();
    expect(await status()).toContain("101 intervals");

    const plot = page.locator("#value-plot");
    await plot.focus();
    await page.keyboard.press("Escape");
    expect(await status()).toContain("400 intervals");
    await page.keyboard.press("Home");
    expect(await plot.getAttribute("aria-valuetext")).toMatch(
      /^2026-11-01 01:00: total \d+\.\d\d usd, covers 29 of 30 assets;/,
    );
    await page.keyboard.press("ArrowRight");
    expect((await tab.read()).readouts.quantity["times"]).toContain("slot 2026-11-01T06:00:00.000Z");
    await page.keyboard.press("End");
    await page.keyboard.press("+");
    expect(await status()).toContain("201 intervals");
  });

  it("shows markup in names as text", async () => {
    const data = makeReport({ steps: 60, assets: 3 });
    const [account] = data.accounts as [ReportAccount];
    const assets = account.assets.map((asset) => ({ ...asset, symbol: `${asset.symbol}${MARKUP}`, name: MARKUP }));
    const allocation = account.allocation.map(([symbol, value]) => [`${symbol}${MARKUP}`, value] as const);
    await tab.open({
      ...data,
      title: MARKUP,
      accounts: [{ ...account, name: MARKUP, accountId: MARKUP, assets, allocation }],
    });
    expect(await page.title()).toBe(MARKUP);
    expect(await page.locator("img").count()).toBe(0);
    expect(await page.textContent("#balances .name")).toBe(MARKUP);
    expect(await page.textContent("#account-name")).toContain(MARKUP);
  });
  it("follows the colour scheme and prints in light colours, with the total below its assets", async () => {
    await tab.open(makeReport({ steps: 100 }));
    const paper = () => page.evaluate("getComputedStyle(document.body).backgroundColor");
    const light = [await paper(), await tab.hover("value", 20, 100)];
    await page.emulateMedia({ colorScheme: "dark" });
    const dark = [await paper(), await tab.hover("value", 20, 100)];
    expect([light[0], dark[0]]).toEqual(["rgb(255, 255, 255)", "rgb(20, 23, 26)"]);
    expect(dark[1]).not.toBe(light[1]);

    await page.evaluate("dispatchEvent(new Event('beforeprint'))");
    expect([await paper(), await tab.hover("value", 20, 100)]).toEqual(light);
    await page.evaluate("dispatchEvent(new Event('afterprint'))");
    expect([await paper(), await tab.hover("value", 20, 100)]).toEqual(dark);

    await page.emulateMedia({ media: "print" });
    const [ending, controls] = await page.evaluate<[string, string]>(`[
      getComputedStyle(document.querySelector("#balances-end")).breakInside,
      getComputedStyle(document.querySelector("#presets")).display,
    ]`);
    await page.emulateMedia({ media: null });
    expect([ending, controls]).toEqual(["avoid", "none"]);
    // The total is in the part of the table that stays on one page, below three assets.
    expect(await page.locator("#balances-end tr").count()).toBe(4);
    expect((await page.pdf({ preferCSSPageSize: true })).subarray(0, 5).toString()).toBe("%PDF-");
  });

  it("shows the last time label in full at the end of the axis", async () => {
    // Hours up to the end of the year, so that the last label has a new year.
    await tab.open(makeReport({ steps: 61 * 24, assets: 2 }));
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
    await tab.open(makeReport({ accounts: 2, steps: 100 }), { width: 390, height: 700 });
    // On a busy machine, the browser may paint once before the script fills the page, so shifts count after the next paint.
    await page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))");
    await page.evaluate(`new PerformanceObserver((list) => {
      globalThis.shifts = (globalThis.shifts ?? 0) + list.getEntries().length;
    }).observe({ type: "layout-shift" })`);
    for (const step of [3, 7, 20, 60, 90]) await tab.hover("value", step, 100, 0.5);
    await page.waitForTimeout(100);
    expect(await page.evaluate("[document.documentElement.scrollWidth, globalThis.shifts ?? 0]")).toEqual([390, 0]);
    const reason = await page.locator("#gaps-body tr:first-child td:last-child").boundingBox();
    expect((reason?.x ?? 390) + (reason?.width ?? 390)).toBeLessThanOrEqual(390);
  });

  it("draws five years of 30 assets, summed over three accounts, with less than a second of script time", async () => {
    // The command reduces five years of hours to days: no screen shows more than 2,000 steps.
    const data = makeReport({ accounts: 3, assets: 30, steps: 1826, every: 24 * HOUR, timezone: "Europe/Zurich" });
    const devTools = await page.context().newCDPSession(page);
    // CPU time of the page's thread: elapsed time would depend on what else runs on this machine.
    await devTools.send("Performance.enable", { timeDomain: "threadTicks" });
    const scriptSeconds = async () => {
      const { metrics } = await devTools.send("Performance.getMetrics");
      return metrics.find(({ name }) => name === "ScriptDuration")?.value ?? Number.NaN;
    };

    await tab.open(data);
    const opened = await scriptSeconds();

    expect(await page.locator("#gaps-body tr").count()).toBe(100);
    expect(opened).toBeGreaterThan(0);
    expect(opened).toBeLessThan(1);
    await devTools.detach();
  });
});
