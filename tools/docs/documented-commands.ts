import { execFileSync } from "node:child_process";

/** The current time of the commands in the documents: five minutes after the slot that would follow the example history. */
export const EXAMPLE_NOW = Date.UTC(2026, 10, 8, 4, 5);

/** The documents that show the output of commands. */
export const DOCUMENTS = ["README.md", "docs/history.md"];

/** A code block that starts with a `balances` command, optionally piped into another program. */
const EXAMPLE_BLOCK = /```\n\$ npm run -s balances -- ([^|\n]+?)(?: \| (.+?))?\n[\s\S]*?```/g;

/**
 * Returns the document with the current output below each of its commands.
 * @param run runs a command and returns its stdout followed by its stderr; `undefined` keeps the output in the document
 */
export async function refreshExamples(
  document: string,
  run: (args: readonly string[]) => Promise<string | undefined>,
): Promise<string> {
  let text = document;
  for (const [block, words = "", pipe] of document.matchAll(EXAMPLE_BLOCK)) {
    const output = await run((words.match(/'[^']*'|\S+/g) ?? []).map((word) => word.replace(/^'|'$/g, "")));
    if (output === undefined) continue;
    const shown = pipe === undefined ? output : execFileSync("sh", ["-c", pipe], { input: output, encoding: "utf8" });
    const [commandLine] = block.slice("```\n".length).split("\n");
    // CSV output has carriage returns, which do not belong in a document.
    const lines = shown.replaceAll("\r", "").trimEnd();
    text = text.replace(block, () => `\`\`\`\n${commandLine}\n${lines}\n\`\`\``);
  }
  return text;
}
