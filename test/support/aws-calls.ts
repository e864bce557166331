import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";

/**
 * Returns the text of a source file and of every project file that it imports, directly or not, by path.
 * @param isExcluded whether an imported file is left out, with its own imports
 */
export function importedFiles(
  path: string,
  isExcluded: (path: string) => boolean = () => false,
  seen = new Map<string, string>(),
): Map<string, string> {
  if (seen.has(path) || isExcluded(path)) return seen;
  const text = readFileSync(path, "utf8");
  seen.set(path, text);
  for (const [, to = ""] of text.matchAll(/(?:from |import\()"(\.[^"]+)"/g)) {
    importedFiles(resolve(dirname(path), to), isExcluded, seen);
  }
  return seen;
}

/** The services whose actions have another prefix than the name of the client. */
const PREFIXES: ReadonlyMap<string, string> = new Map([["sfn", "states"]]);

/** Returns the actions of the calls in a file: `dynamodb:Query` for `new QueryCommand(` of the DynamoDB client. */
export function actionsOf(text: string): string[] {
  const imports = [...text.matchAll(/\{([^{}]*)\}\s*(?:from|= await import\()\s*"@aws-sdk\/client-([\w-]+)"/g)];
  const calls = [...text.matchAll(/new (\w+Command)\(|[^\w](paginate\w+)\(/g)].map(
    ([, call, pages]) => call ?? pages ?? "",
  );
  return calls.flatMap((call) =>
    imports
      .filter(([, names = ""]) => new RegExp(`\\b${call}\\b`).test(names))
      .map(
        ([, , client = ""]) =>
          `${PREFIXES.get(client) ?? client.replaceAll("-", "")}:${call.replace(/^paginate|Command$/g, "")}`,
      ),
  );
}
