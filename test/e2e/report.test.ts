import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Page } from "playwright-core";
import { subtract, sum } from "../../core/domain/amount.ts";
import type { ReportAccount, ReportPoint } from "../../report-page/data/report-data.ts";
import { renderStatement } from "../../report-page/statement/render.ts";
import { findChromium } from "../support/chromium.ts";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "../support/jest.ts";
import { newFolder } from "../support/new-folder.ts";
import { pdfPages } from "../support/pdf-text.ts";
import { expectedTable, NO_TRACES, ReportTab } from "../support/report-page.ts";
import { AMOUNTS, HEADS, MARKUP, number, ROWS, statement } from "../support/statement-document.ts";
import { HOUR, makeReport } from "../unit/report-page/make-report.ts";

// Opens reports, and opens and prints a statement, as their readers do: from a file in a browser.
// test/exhaustive/report-layout.test.ts checks how reports look.

const executable = findChromium();

(executable === undefined ? describe.skip : describe)("in Chromium", () => {
  const tab = new ReportTab();
  beforeAll(() => tab.start(executable ?? ""));
  afterAll(() => tab.close());

  describe("the report", () => {
    afterEach(() => expect(tab.traces).toEqual(NO_TRACES));

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
      expect(await tab.page.locator("#account option").allTextContents()).toEqual([
        ...["All 3 accounts", "Treasury 00000000", "00000001", "00000002"],
      ]);

      await tab.hover("value", 20, 100);
      const { value } = (await tab.read()).readouts;
      expect(value["total"]).toBe(sum(data.accounts.map(({ snapshots }) => snapshots[20]?.total ?? "")));
      expect(value["btc"]).toBe(sum(data.accounts.map(({ assets }) => assets[0]?.values[20] ?? "")));
      expect(value["coverage"]).toBe("covers 87 of 90 balances in 3 accounts; no price: sushi");
      await tab.hover("value", 42, 100);
      expect((await tab.read()).readouts.value["coverage"]).toContain(
        "gap: 1 of 3 accounts has no snapshot (00000001)",
      );
      expect(await tab.page.textContent("#gaps-note")).toContain("only some accounts have a snapshot there");
    });

    it("keeps account, range, asset and order in its address, and saves what it shows as CSV", async () => {
      const data = makeReport({ accounts: 2, steps: 240, assets: 5 });
      const [account] = data.accounts as [ReportAccount];
      await tab.open(data, { fragment: "#account=nobody&sort=price" });
      const opened = await tab.read();
      await tab.page.selectOption("#account", account.accountId);
      await tab.page.selectOption("#asset", "eth");
      await tab.setDates("2026-11-02", "2026-11-03");
      await tab.click("[data-column=symbol] button");

      const shown = await tab.read();
      await tab.page.reload();
      const reloaded = await tab.read();
      const files = await Promise.all(
        ["balances", "values"].map(async (name) => {
          const [download] = await Promise.all([
            tab.page.waitForEvent("download", (one) => one.suggestedFilename() === `${name}-00000000-2026-11-03.csv`),
            tab.click(`#save-${name}`),
          ]);
          return readFileSync(await download.path(), "utf8")
            .trimEnd()
            .split("\r\n");
        }),
      );
      for (let back = 0; back < 5; back++) await tab.page.evaluate("history.back()");
      await tab.page.waitForFunction(`location.hash === "#account=nobody&sort=price"`);
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

      await tab.page.selectOption("#asset", "sol");
      await tab.hover("quantity", 40, 100);
      expect((await tab.read()).readouts.quantity).toMatchObject({ quantity: "not held", "value (usd)": "not held" });
      await tab.hover("quantity", 41, 100);
      expect((await tab.read()).readouts.quantity["quantity"]).toBe("gap");
      await tab.page.selectOption("#asset", "xrp");
      await tab.hover("quantity", 90, 100);
      const xrp = (await tab.read()).readouts.quantity;
      expect([xrp["value (usd)"], /^\d+\.\d{18}$/.test(xrp["quantity"] ?? "")]).toEqual(["no price", true]);
      expect(await tab.page.textContent("#quantity-title")).toBe("Quantity of xrp");
    });

    it("shows closing balances that match an independent computation for every range, and sorts them", async () => {
      const data = makeReport({ steps: 300, every: 24 * HOUR, days: true });
      const [account] = data.accounts as [ReportAccount];
      await tab.open(data);
      const table = async () => Object.fromEntries((await tab.read()).table);
      expect(await table()).toEqual(expectedTable(account, 0, 299));
      expect(await tab.status()).toBe("2026-11-01 to 2027-08-27 (open) · 300 intervals of 1 day, 15 gaps");
      await tab.setDates("2026-11-10", "2026-11-12");
      expect(await tab.status()).toContain("2026-11-10 to 2026-11-12 · 3 intervals of 1 day");
      expect(await table()).toEqual(expectedTable(account, 9, 11));
      await tab.press("90 d");
      expect(await table()).toEqual(expectedTable(account, 209, 299));
      await tab.press("7 d");
      expect(await table()).toEqual(expectedTable(account, 292, 299));
      expect(await tab.page.textContent("#balances-note")).toContain(
        "The total covers 28 of 30 assets; no price: sushi, xrp.",
      );
      const total = subtract(account.snapshots[299]?.total ?? "", account.snapshots[292]?.total ?? "");
      const shown = await tab.page.textContent("#balances .total td:last-child");
      expect(shown?.replace("−", "-")).toBe(total.startsWith("-") ? total : `+${total}`);

      const symbols = async () => (await tab.read()).table.map(([symbol]) => symbol);
      const byValue = await symbols();
      await tab.page.getByRole("button", { name: "Asset", exact: true }).click();
      expect(await symbols()).toEqual([...byValue].sort());
      expect(await tab.page.textContent("[aria-sort=ascending]")).toBe("Asset");
      await tab.page.getByRole("button", { name: "Value (usd)", exact: true }).press("Enter");
      expect(await symbols()).toEqual(byValue);
      expect(await tab.page.textContent("[aria-sort=descending]")).toBe("Value (usd)");
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
      expect(await tab.page.title()).toBe(MARKUP);
      expect(await tab.page.locator("img").count()).toBe(0);
      expect(await tab.page.textContent("#balances .name")).toBe(MARKUP);
      expect(await tab.page.textContent("#account-name")).toContain(MARKUP);
    });
  });

  describe("the statement", () => {
    let page: Page;
    beforeAll(async () => {
      const file = join(newFolder(), "statement.html");
      writeFileSync(file, await renderStatement(statement));
      page = tab.page;
      tab.problems = [];
      await page.goto(pathToFileURL(file).href);
    });

    it("shows names as text, and violates no content security policy", async () => {
      expect(await page.title()).toBe("Statement 2026-11");
      expect(await page.locator("img, script").count()).toBe(0);
      expect(await page.locator("bdi").allTextContents()).toEqual([`חשבון ${MARKUP}`]);
      expect(tab.problems).toEqual([]);
    });

    it.each([1280, 390])("cuts nothing off at %d px: only tables scroll, and show that they do", async (width) => {
      await page.setViewportSize({ width, height: 800 });

      const found = await page.evaluate<{ body: number; pre: number; wide: number; cut: number }>(`(() => {
      const over = (element) => element.scrollWidth - element.clientWidth;
      const tables = [...document.querySelectorAll(".scroll")];
      const wide = tables.filter((table) => over(table) > 0);
      return {
        body: over(document.documentElement),
        pre: Math.max(...[...document.querySelectorAll("pre, p, h1, h2")].map(over)),
        wide: wide.length,
        cut: wide.filter((table) => getComputedStyle(table).overflowX !== "auto" || table.tabIndex !== 0).length,
      };
    })()`);

      expect(found).toMatchObject({ body: 0, pre: 0, cut: 0 });
      expect(found.wide > 0).toBe(width === 390);
    });

    it("shows a minus sign before a negative amount, and no table without rows", async () => {
      const sectionOf = (title: string) => page.locator("section", { has: page.getByRole("heading", { name: title }) });

      expect(await sectionOf("Quantities").locator("td").nth(1).textContent()).toMatch(/^−1761532653\.5/);
      expect(await sectionOf("Prices").locator("table").count()).toBe(0);
    });

    it.each([1280, 390])("shows each of many long amounts whole, below its title, at %d px", async (width) => {
      await page.setViewportSize({ width, height: 800 });

      const shown = await page.evaluate<{ text: string; isWhole: boolean }[]>(`
      [...document.querySelectorAll(".blocks td")].map((cell) => {
        const { left, right } = cell.querySelector(".fraction").getBoundingClientRect();
        return { text: cell.innerText.replace("\\n", " "), isWhole: left >= 0 && right <= innerWidth };
      })`);

      expect(shown.map(({ text }) => text)).toEqual(
        AMOUNTS.map((title, at) => `${title} ${at}761532653.557567964396646908123456`),
      );
      expect(shown.every(({ isWhole }) => isWhole)).toBe(true);
    });

    it("shows the cells of a row that ends with a text one below the other on a phone, with their titles", async () => {
      await page.setViewportSize({ width: 390, height: 800 });

      const cells = await page.evaluate<{ left: number; title: string }[]>(`
      [...document.querySelectorAll(".stacked tr:not(thead tr) > *")].map((cell) => ({
        left: cell.getBoundingClientRect().left,
        title: getComputedStyle(cell, "::before").content,
      }))`);

      expect(cells.map(({ title }) => title)).toEqual(['"account"', '"slot"', '"hash"']);
      expect(new Set(cells.map(({ left }) => left)).size).toBe(1);
    });

    it("offers the heads as a file", async () => {
      const [download] = await Promise.all([page.waitForEvent("download"), page.click(".download a")]);

      expect(download.suggestedFilename()).toBe("heads.jsonl");
      expect(readFileSync(await download.path(), "utf8")).toBe(HEADS);
    });

    it("prints page numbers, headings with their tables, column titles on each page, and neither totals nor commands alone", async () => {
      const pdf = await page.pdf({ preferCSSPageSize: true });
      const pages = pdfPages(pdf).map((text) => text.replace(/\s/g, ""));

      expect(pages.length).toBeGreaterThan(5);
      expect(pages.filter((text, at) => !text.includes(`Page${at + 1}of${pages.length}`))).toEqual([]);
      const pageOf = (text: string) => pages.findIndex((one) => one.includes(text));
      ROWS.forEach((count, at) => {
        const [heading, row, sum] = [`sec${number(at)}`, `row${number(at)}`, `sum${number(at)}`];
        const [first, last] = [`${row}-00`, `${row}-${number(count - 1)}`];
        expect([heading, pageOf(heading)]).toEqual([heading, pageOf(first)]);
        expect([sum, pageOf(sum), pageOf(sum)]).toEqual([sum, pageOf(last), pageOf(`command${number(at)}`)]);
        const withRows = pages.filter((text) => text.includes(`${row}-`));
        expect(withRows.filter((text) => !text.includes(`col${number(at)}`))).toEqual([]);
      });
      expect(
        ROWS.some((count, at) => pageOf(`row${number(at)}-00`) < pageOf(`row${number(at)}-${number(count - 1)}`)),
      ).toBe(true);
      // Amounts that are too long for a portrait page are on a landscape page.
      const widths = [...pdf.toString("latin1").matchAll(/\/MediaBox \[0 0 (\d+)/g)].map(([, width]) => Number(width));
      expect(widths.filter((width) => width > 800)).toHaveLength(1);
    });
  });
});
