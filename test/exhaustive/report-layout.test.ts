import { findChromium } from "../support/chromium.ts";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "../support/jest.ts";
import { NO_TRACES, ReportTab, readablePixels } from "../support/report-page.ts";
import { HOUR, makeReport } from "../unit/report-page/make-report.ts";

// How reports look and how they are operated. test/e2e/report.test.ts checks what they show.

const executable = findChromium();

(executable === undefined ? describe.skip : describe)("the layout of the report in Chromium", () => {
  const tab = new ReportTab();
  beforeAll(() => tab.start(executable ?? ""));
  afterAll(() => tab.close());
  afterEach(() => expect(tab.traces).toEqual(NO_TRACES));

  it("changes the range by button, date, drag and keyboard", async () => {
    await tab.open(makeReport({ steps: 400, every: 6 * HOUR, timezone: "Europe/Zurich" }));
    await tab.press("7 d");
    expect(await tab.status()).toContain("2027-02-01 19:00 to 2027-02-08 19:00 · 29 intervals of 6 hours");
    expect(await tab.page.textContent("#presets [aria-pressed=true]")).toBe("7 d");
    expect(await tab.page.inputValue("#from")).toBe("2027-02-01");

    await tab.setDates("2026-12-01", "2026-12-02");
    expect(await tab.status()).toContain("2026-12-01 01:00 to 2026-12-02 19:00 · 8 intervals");
    await tab.click("#reset");
    expect(await tab.status()).toContain("400 intervals");

    await tab.hover("value", 100, 400);
    await tab.page.mouse.down();
    await tab.hover("value", 200, 400, 0.5);
    await tab.page.mouse.up();
    expect(await tab.status()).toContain("101 intervals");

    const plot = tab.page.locator("#value-plot");
    await plot.focus();
    await tab.page.keyboard.press("Escape");
    expect(await tab.status()).toContain("400 intervals");
    await tab.page.keyboard.press("Home");
    expect(await plot.getAttribute("aria-valuetext")).toMatch(
      /^2026-11-01 01:00: total \d+\.\d\d usd, covers 29 of 30 assets;/,
    );
    await tab.page.keyboard.press("ArrowRight");
    expect((await tab.read()).readouts.quantity["times"]).toContain("slot 2026-11-01T06:00:00.000Z");
    await tab.page.keyboard.press("End");
    await tab.page.keyboard.press("+");
    expect(await tab.status()).toContain("201 intervals");
  });

  it("follows the colour scheme and prints in light colours, with the total below its assets", async () => {
    await tab.open(makeReport({ steps: 100 }));
    const paper = () => tab.page.evaluate("getComputedStyle(document.body).backgroundColor");
    const light = [await paper(), await tab.hover("value", 20, 100)];
    await tab.page.emulateMedia({ colorScheme: "dark" });
    const dark = [await paper(), await tab.hover("value", 20, 100)];
    expect([light[0], dark[0]]).toEqual(["rgb(255, 255, 255)", "rgb(20, 23, 26)"]);
    expect(dark[1]).not.toBe(light[1]);

    await tab.page.evaluate("dispatchEvent(new Event('beforeprint'))");
    expect([await paper(), await tab.hover("value", 20, 100)]).toEqual(light);
    await tab.page.evaluate("dispatchEvent(new Event('afterprint'))");
    expect([await paper(), await tab.hover("value", 20, 100)]).toEqual(dark);

    await tab.page.emulateMedia({ media: "print" });
    const [ending, controls] = await tab.page.evaluate<[string, string]>(`[
      getComputedStyle(document.querySelector("#balances-end")).breakInside,
      getComputedStyle(document.querySelector("#presets")).display,
    ]`);
    await tab.page.emulateMedia({ media: null });
    expect([ending, controls]).toEqual(["avoid", "none"]);
    // The total is in the part of the table that stays on one page, below three assets.
    expect(await tab.page.locator("#balances-end tr").count()).toBe(4);
    expect((await tab.page.pdf({ preferCSSPageSize: true })).subarray(0, 5).toString()).toBe("%PDF-");
  });

  it("shows the last time label in full at the end of the axis", async () => {
    // Hours up to the end of the year, so that the last label has a new year.
    await tab.open(makeReport({ steps: 61 * 24, assets: 2 }));
    await tab.page.fill("#from", "2026-12-31");
    const isDrawn = (right: number, width: number) =>
      tab.page.evaluate(`(() => {
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
    await tab.page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))");
    await tab.page.evaluate(`new PerformanceObserver((list) => {
      globalThis.shifts = (globalThis.shifts ?? 0) + list.getEntries().length;
    }).observe({ type: "layout-shift" })`);
    for (const step of [3, 7, 20, 60, 90]) await tab.hover("value", step, 100, 0.5);
    await tab.page.waitForTimeout(100);
    expect(await tab.page.evaluate("[document.documentElement.scrollWidth, globalThis.shifts ?? 0]")).toEqual([390, 0]);
    const reason = await tab.page.locator("#gaps-body tr:first-child td:last-child").boundingBox();
    expect((reason?.x ?? 390) + (reason?.width ?? 390)).toBeLessThanOrEqual(390);
  });

  it("draws five years of 30 assets, summed over three accounts, with less than a second of script time", async () => {
    // The command reduces five years of hours to days: no screen shows more than 2,000 steps.
    const data = makeReport({ accounts: 3, assets: 30, steps: 1826, every: 24 * HOUR, timezone: "Europe/Zurich" });
    const devTools = await tab.page.context().newCDPSession(tab.page);
    // CPU time of the page's thread: elapsed time would depend on what else runs on this machine.
    await devTools.send("Performance.enable", { timeDomain: "threadTicks" });
    const scriptSeconds = async () => {
      const { metrics } = await devTools.send("Performance.getMetrics");
      return metrics.find(({ name }) => name === "ScriptDuration")?.value ?? Number.NaN;
    };

    await tab.open(data);
    const opened = await scriptSeconds();

    expect(await tab.page.locator("#gaps-body tr").count()).toBe(100);
    expect(opened).toBeGreaterThan(0);
    expect(opened).toBeLessThan(1);
    await devTools.detach();
  });
});
