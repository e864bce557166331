import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

// The package contains the strings that these functions return instead of this module: tools/package/.

const { resolve } = createRequire(import.meta.url);

/** The packages in the page, with the files of their licences. */
export const PAGE_PACKAGES = { uplot: "LICENSE", "big.js": "LICENCE.md" };

/** Returns the page's script with uPlot and big.js bundled, below their licences. */
export async function pageScript(): Promise<string> {
  // Imported here so that a statement, which has no script, is written without loading a bundler.
  const { build } = await import("esbuild");
  const { outputFiles } = await build({
    entryPoints: [browserFile("main.ts")],
    bundle: true,
    minify: true,
    format: "iife",
    platform: "browser",
    target: "es2022",
    legalComments: "none",
    // Keeps the output independent of any tsconfig.json that esbuild would find.
    tsconfigRaw: "{}",
    write: false,
    logLevel: "silent",
  });
  const licences = await Promise.all(Object.entries(PAGE_PACKAGES).map(([name, file]) => licence(name, file)));
  return `/*\nThis page contains uPlot and big.js.\n\n${licences.join("\n\n")}\n*/\n${outputFiles[0]?.text}`;
}

/** Returns the style sheet of a statement. */
export function statementStyle(): Promise<string> {
  return readFile(new URL("../statement/statement.css", import.meta.url), "utf8");
}

const STYLE_SHEETS = ["base", "headline", "controls", "plots", "tables", "print"];

/** Returns uPlot's style sheet followed by the page's own. */
export async function pageStyle(): Promise<string> {
  const own = STYLE_SHEETS.map((name) => browserFile(`style/${name}.css`));
  const files = [resolve("uplot/dist/uPlot.min.css"), ...own];
  return (await Promise.all(files.map((file) => readFile(file, "utf8")))).join("\n");
}

function browserFile(path: string): string {
  return fileURLToPath(new URL(`../browser/${path}`, import.meta.url));
}

async function licence(dependency: string, file: string): Promise<string> {
  const text = await readFile(join(dirname(resolve(`${dependency}/package.json`)), file), "utf8");
  // big.js ships its licence with CRLF line endings, which a browser would normalize before it hashes the script.
  return `${dependency}\n\n${text.replaceAll("\r\n", "\n").trim()}`;
}
