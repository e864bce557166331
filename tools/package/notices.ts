import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./bundles.ts";

/**
 * Returns the licences of packages, as they require of those who distribute their code. A text that several packages have appears once.
 * @param folders of the packages in node_modules
 */
export function noticesOf(folders: readonly string[]): string {
  const byText = new Map<string, string[]>();
  for (const folder of folders) {
    const { name, version, license } = JSON.parse(readFileSync(join(ROOT, folder, "package.json"), "utf8"));
    const text = textsIn(folder) || `Licence: ${license}. The package contains no text of it.`;
    byText.set(text, [...(byText.get(text) ?? []), `${name} ${version} (${license})`]);
  }
  const sections = [...byText].map(([text, packages]) => `${packages.join("\n")}\n\n${text}`);
  const rule = `\n\n${"-".repeat(80)}\n\n`;
  return `${["The files in this folder contain code of these packages.", ...sections].join(rule)}\n`;
}

/** Returns the texts of a package's licence and notice. */
function textsIn(folder: string): string {
  const files = readdirSync(join(ROOT, folder)).filter((name) => /^(licen[cs]e|notice)(\.(md|txt))?$/i.test(name));
  const texts = files.sort().map((name) => readFileSync(join(ROOT, folder, name), "utf8"));
  return texts.map((text) => text.replaceAll("\r\n", "\n").trim()).join("\n\n");
}
