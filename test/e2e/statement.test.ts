import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import type { StatementDocument, StatementSection } from "../../report-page/statement/document.ts";
import { renderStatement } from "../../report-page/statement/render.ts";
import { findChromium, startChromium } from "../support/chromium.ts";
import { afterAll, beforeAll, describe, expect, it } from "../support/jest.ts";
import { newFolder } from "../support/new-folder.ts";
import { pdfPages } from "../support/pdf-text.ts";

// Opens and prints a statement as its readers do.

const executable = findChromium();
const MARKUP = `<img src=x onerror="document.title='broken'">`;
const HEADS = '{"accountId":"account_1","sequence":1}\n';
/** Numbers of rows, so that pages end in different parts of a table. */
const ROWS = [1, 2, 3, 9, 30, 14, 5, 41, 22, 7, 18, 2, 26, 11, 3, 35, 13, 6, 20, 8];

const amount = { kind: "amount" } as const;
/** Too many long ones for a row. */
const AMOUNTS = ["opening", "in", "out", "fees", "unexplained", "closing"];
const number = (at: number) => `${at}`.padStart(2, "0");
const sections = ROWS.map((count, at): StatementSection => {
  const columns = [`col${number(at)}`, "opening", "quantity effect", "closing"].map((title, index) =>
    index === 0 ? { title } : { title, ...amount },
  );
  const rows = Array.from({ length: count }, (_, row) => [
    ...[
      `row${number(at)}-${number(row)}`,
      "1761532653.557567964396646908",
      "-12.5",
      row % 5 === 0 ? "" : "16464.33697526722736",
    ],
  ]);
  return {
    title: `sec${number(at)}`,
    notes: ["A note."],
    tables: [{ columns, rows, total: [`sum${number(at)}`, "", "", "1"] }],
    commands: [[`command${number(at)}`]],
  };
});
const quantities: StatementSection = {
  title: "Quantities",
  tables: [
    {
      columns: ["asset", "opening", "change", "closing"].map((title, at) =>
        at === 0 ? { title } : { title, ...amount },
      ),
      rows: [["near", ...["1", "-1", "2"].map((whole) => `${whole}761532653.557567964396646908123456`)]],
    },
  ],
};
const empty: StatementSection = {
  title: "Prices",
  notes: ["No price is known."],
  tables: [{ columns: [{ title: "asset" }], rows: [] }],
};
const blocks: StatementSection = {
  title: "Reconciliation",
  tables: [
    {
      columns: ["asset", ...AMOUNTS].map((title, at) => (at === 0 ? { title } : { title, ...amount })),
      rows: [["near", ...AMOUNTS.map((_, at) => `${at}761532653.557567964396646908123456`)]],
    },
  ],
};
const hashes: StatementSection = {
  title: "Verification",
  tables: [
    {
      columns: [
        { title: "account", kind: "account" },
        { title: "slot", kind: "time" },
        { title: "hash", kind: "code" },
      ],
      rows: [[`\u2068חשבון ${MARKUP}\u2069 01007bbc`, "2026-11-08 04:00:00 +01:00", "b11ab4187f17bc3b".repeat(4)]],
    },
  ],
  download: { name: "heads.jsonl", content: HEADS },
  commands: [["balances", "verify", "--table", "a-table-with-a-name-that-is-longer-than-the-screen-of-a-phone"]],
};
const statement: StatementDocument = {
  ...{ title: "Statement 2026-11", subtitle: `November "2026" \\ ${MARKUP}`, generated: "Generated now." },
  incomplete: ["3 of 720 slots have no complete snapshot: see Gaps."],
  sections: [...sections, quantities, blocks, empty, hashes],
};

(executable === undefined ? describe.skip : describe)("the statement in Chromium", () => {
  const file = join(newFolder(), "statement.html");
  const problems: string[] = [];
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    writeFileSync(file, await renderStatement(statement));
    browser = await startChromium(executable ?? "");
    page = await browser.newPage();
    page.on("console", (message) => problems.push(message.text()));
    await page.goto(pathToFileURL(file).href);
  });
  afterAll(() => browser.close());

  it("shows names as text, and violates no content security policy", async () => {
    expect(await page.title()).toBe("Statement 2026-11");
    expect(await page.locator("img, script").count()).toBe(0);
    expect(await page.locator("bdi").allTextContents()).toEqual([`חשבון ${MARKUP}`]);
    expect(problems).toEqual([]);
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
      const [heading, first, last, sum] = [
        `sec${number(at)}`,
        `row${number(at)}-00`,
        `row${number(at)}-${number(count - 1)}`,
        `sum${number(at)}`,
      ];
      expect([heading, pageOf(heading)]).toEqual([heading, pageOf(first)]);
      expect([sum, pageOf(sum), pageOf(sum)]).toEqual([sum, pageOf(last), pageOf(`command${number(at)}`)]);
      const withRows = pages.filter((text) => text.includes(`row${number(at)}-`));
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
