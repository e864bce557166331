import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const { resolve } = createRequire(import.meta.url);

/** The page's script, with uPlot in it, and uPlot's licence above it. */
export async function pageScript(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("../browser/main.ts", import.meta.url))],
    bundle: true,
    minify: true,
    format: "iife",
    platform: "browser",
    target: "es2022",
    legalComments: "none",
    // The result must not depend on which tsconfig.json stands beside the file.
    tsconfigRaw: "{}",
    write: false,
    logLevel: "silent",
  });
  return `/*\nuPlot, whose code and style sheet are part of this page:\n\n${await uPlotLicence()}\n*/\n${outputFiles[0]?.text}`;
}

const STYLES = ["base", "controls", "plots", "tables", "print"];

/** The page's style sheets, after that of uPlot. */
export async function pageStyle(): Promise<string> {
  const own = STYLES.map((name) => fileURLToPath(new URL(`../browser/style/${name}.css`, import.meta.url)));
  const files = [resolve("uplot/dist/uPlot.min.css"), ...own];
  return (await Promise.all(files.map((file) => readFile(file, "utf8")))).join("\n");
}

async function uPlotLicence(): Promise<string> {
  return (await readFile(resolve("uplot/LICENSE"), "utf8")).trim();
}
