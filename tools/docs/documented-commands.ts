import { execFileSync } from "node:child_process";

/** The history that the documents show: its first slot, how many hours follow, and what the commands take for now. */
export const EXAMPLE = {
  from: Date.UTC(2026, 9, 25, 4),
  hours: 14 * 24,
  now: Date.UTC(2026, 10, 8, 4, 5),
};

/** The documents that show what commands print. */
export const DOCUMENTS = ["README.md", "docs/history.md"];

/** A fence that begins with a command of the command line, and the pipe behind that, if there is one. */
const FENCE = /```\n\$ npm run -s balances -- ([^|\n]+?)(?: \| (.+?))?\n[\s\S]*?```/g;

/**
 * A document with what its commands really print below each of them.
 * @param run runs a command line and gives all that it prints, on stdout and then on stderr
 */
export async function refreshed(document: string, run: (args: readonly string[]) => Promise<string>): Promise<string> {
  let text = document;
  for (const [fence, words = "", pipe] of document.matchAll(FENCE)) {
    const printed = await run((words.match(/'[^']*'|\S+/g) ?? []).map((word) => word.replace(/^'|'$/g, "")));
    const shown = pipe === undefined ? printed : execFileSync("sh", ["-c", pipe], { input: printed, encoding: "utf8" });
    const [command] = fence.slice("```\n".length).split("\n");
    // A document has no carriage returns: CSV's go.
    const lines = shown.replaceAll("\r", "").trimEnd();
    text = text.replace(fence, () => `\`\`\`\n${command}\n${lines}\n\`\`\``);
  }
  return text;
}
