import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Page } from "playwright-core";
import { subtract } from "../../core/domain/amount.ts";
import { renderReport } from "../../report-page/build/render.ts";
import type { ReportAccount, ReportData } from "../../report-page/data/report-data.ts";
import { startChromium } from "./chromium.ts";

/** Returns a script that copies a plot to a canvas optimized for reading pixels, and returns its context. */
export function readablePixels(plot: string): string {
  return `(() => {
    const canvas = document.querySelector("#${plot}-plot canvas");
    const { width, height } = canvas;
    const copy = Object.assign(document.createElement("canvas"), { width, height });
    const context = copy.getContext("2d", { willReadFrequently: true });
    context.drawImage(canvas, 0, 0);
    return context;
  })()`;
}

/** What a report shows. Amounts are the exact ones of their titles, or the text if it is not rounded. */
export interface Shown {
  readonly status: string;
  readonly total: string;
  readonly provenance: string;
  /** By label: the amounts and texts of a change. */
  readonly changes: Readonly<Record<string, readonly string[]>>;
  /** By label: share and value. */
  readonly allocation: Readonly<Record<string, readonly string[]>>;
  /** By plot: the step and its coverage, and the amounts by label. */
  readonly readouts: Readonly<Record<"value" | "quantity", Readonly<Record<string, string>>>>;
  /** The balances by symbol, in their order. */
  readonly table: readonly (readonly [symbol: string, cells: readonly string[]])[];
}

/** A script that returns a `Shown`. One script is much faster than many locators. */
const READ_PAGE = `(() => {
  const all = (selector, host = document) => [...host.querySelectorAll(selector)];
  const exact = (host) => (host.title ? host : host.querySelector(".amount[title]"))?.title ?? host.textContent.replace("−", "-");
  const textOf = (selector, host = document) => host.querySelector(selector)?.textContent ?? "";
  const readout = (name) => {
    const host = document.getElementById(name + "-readout");
    const rows = all(".legend tr", host).map((row) => [textOf("th", row), exact(row.querySelector("td"))]);
    const { title } = host.querySelector(".facts");
    return Object.fromEntries([["step", textOf(".step", host)], ["coverage", textOf(".coverage", host)], ["times", title], ...rows]);
  };
  return {
    status: textOf("#status"),
    provenance: textOf("#provenance"),
    total: exact(document.getElementById("total")).replace(/[a-z]+$/, ""),
    changes: Object.fromEntries(all("#changes > div").map((item) =>
      [textOf("dt", item), [exact(item.querySelector("dd").firstChild), textOf(".percent", item), textOf(".note", item)]])),
    allocation: Object.fromEntries(all("#allocation-list li").map((item) =>
      [textOf(".symbol", item), [textOf(".share", item), exact(item.lastChild)]])),
    readouts: { value: readout("value"), quantity: readout("quantity") },
    table: all("#balances tr[data-symbol]").map((row) => [row.dataset.symbol, all("td", row).map(exact)]),
  };
})()`;

/** What every report leaves: no problem, and only the request for its file. */
export const NO_TRACES = { problems: [], requests: 1 };

/** Opens reports from a file in a tab, and operates them with few round trips. */
export class ReportTab {
  #page: Page | undefined;
  readonly #home = mkdtempSync(join(tmpdir(), "report-test-"));
  /** What the console, failed scripts and requests of the report reported. */
  problems: string[] = [];
  requests: string[] = [];

  /** Starts Chromium and opens an empty tab. */
  async start(executable: string): Promise<void> {
    const browser = await startChromium(executable);
    this.#page = await browser.newPage();
    const context = this.page.context();
    context.on("request", (request) => this.requests.push(request.url()));
    context.on("console", (message) => this.problems.push(message.text()));
    this.page.on("pageerror", (error) => this.problems.push(String(error)));
  }

  async close(): Promise<void> {
    await this.page.context().browser()?.close();
    rmSync(this.#home, { recursive: true });
  }

  get page(): Page {
    if (this.#page === undefined) throw new TypeError("The tab has not been started.");
    return this.#page;
  }

  /** The problems of the report, and the number of its requests. */
  get traces(): object {
    return { problems: this.problems, requests: this.requests.length };
  }

  async status(): Promise<string> {
    return (await this.read()).status;
  }

  press(range: "All" | "1 y" | "90 d" | "30 d" | "7 d"): Promise<void> {
    return this.click(`#presets button:nth-child(${["All", "1 y", "90 d", "30 d", "7 d"].indexOf(range) + 1})`);
  }

  async open(data: ReportData, { width = 1280, height = 900, fragment = "" } = {}): Promise<void> {
    const file = join(this.#home, "report.html");
    writeFileSync(file, await renderReport(data));
    await this.page.setViewportSize({ width, height });
    await this.page.emulateMedia({ colorScheme: "light" });
    // From one fragment of a file to another, a browser does not load it again.
    await this.page.goto("about:blank");
    [this.problems, this.requests] = [[], []];
    await this.page.goto(`${pathToFileURL(file).href}${fragment}`);
  }

  read(): Promise<Shown> {
    return this.page.evaluate(READ_PAGE);
  }

  click(selector: string): Promise<void> {
    return this.page.evaluate(`document.querySelector(${JSON.stringify(selector)}).click()`);
  }

  async setDates(from: string, to: string): Promise<void> {
    await this.page.fill("#from", from);
    await this.page.fill("#to", to);
  }

  /** Moves the mouse to the middle of a step and returns the plot's colour there. `height` is from 0 to 1. */
  async hover(plot: string, step: number, steps: number, height = 0.97): Promise<string> {
    const places = `(() => {
      const over = document.querySelector("#${plot}-plot .u-over");
      over.scrollIntoView({ block: "center" });
      const canvas = document.querySelector("#${plot}-plot canvas").getBoundingClientRect();
      const box = over.getBoundingClientRect();
      const [x, y] = [box.x + (box.width * ${step + 0.5}) / ${steps}, box.y + box.height * ${height}];
      return [x, y, x - canvas.x, y - canvas.y];
    })()`;
    const [x, y, left, top] = await this.page.evaluate<[number, number, number, number]>(places);
    await this.page.mouse.move(x, y);
    return this.page.evaluate(`String(${readablePixels(plot)}.getImageData(${left}, ${top}, 1, 1).data)`);
  }
}

/** Returns the expected cells of the balance table by symbol: quantity, change, on hold, value, change in value. */
export function expectedTable(account: ReportAccount, from: number, to: number): Record<string, readonly string[]> {
  const hasSnapshot = (step: number) => account.snapshots[step] !== null;
  const steps = Array.from({ length: to - from + 1 }, (_, index) => from + index).filter(hasSnapshot);
  const [start = 0, end = 0] = [steps[0], steps.at(-1)];
  const signed = (change: string) => (/[1-9]/.test(change) ? (change.startsWith("-") ? change : `+${change}`) : "0");
  return Object.fromEntries(
    account.assets.flatMap(({ symbol, quantities, holds, values }): [string, string[]][] => {
      const [before, after] = [quantities[start] ?? null, quantities[end] ?? null];
      if (before === null && after === null) return [];
      const valueAt = (step: number) => (quantities[step] === null ? "0" : values[step]);
      const [oldValue, newValue] = [valueAt(start), valueAt(end)];
      const row = [
        after ?? "not held",
        signed(subtract(after ?? "0", before ?? "0")),
        holds[end] ?? "–",
        values[end] ?? (after === null ? "not held" : "no price"),
        oldValue == null || newValue == null ? "no price" : signed(subtract(newValue, oldValue)),
      ];
      return [[symbol, row]];
    }),
  );
}
