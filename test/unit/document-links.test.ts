import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "../support/jest.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
const documentsIn = (folder: string) =>
  readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith(".md"))
    .map((name) => join(folder, name));
const DOCUMENTS = ["", "docs", "docs/adr"].flatMap(documentsIn);

/** Returns the anchors of a document's headings, as GitHub derives them. */
function anchorsOf(path: string): string[] {
  const headings = [...read(path).matchAll(/^#{1,6} (.+)$/gm)].map(([, text = ""]) => text);
  return headings.map((text) =>
    text
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

it.each(DOCUMENTS)("%s links only to files and headings that exist", (document) => {
  const prose = read(document).replace(/^```[\s\S]*?^```/gm, "");
  const links = [...prose.matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)];

  const broken = links.filter(([, path = "", anchor]) => {
    const target = path === "" ? document : join(dirname(document), path);
    return !existsSync(join(ROOT, target)) || (anchor !== undefined && !anchorsOf(target).includes(anchor));
  });

  expect(broken.map(([link]) => link)).toEqual([]);
});
