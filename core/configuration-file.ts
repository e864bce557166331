import { readFileSync } from "node:fs";
import { decodeText } from "./domain/text-encoding.ts";
import { describeValue } from "./domain/untrusted-text.ts";
import { ENV } from "./names/environment.ts";
import { ACCOUNT_ID, EXPLAINED_ASSET } from "./names/patterns.ts";

/** The content of the configuration file. `names/environment.ts` documents it. */
export interface ConfigurationFile {
  readonly accounts: readonly string[] | "all";
  readonly explainedMoves: Readonly<Record<string, string>>;
}

const EXPECTED = 'Expected a JSON object such as {"accounts": ["account_…"]}.';
const DEFAULTS: ConfigurationFile = { accounts: "all", explainedMoves: {} };

/** Reads the file, or returns the defaults if `path` is `undefined`. Adds what is wrong with it to `problems`. */
export function readConfigurationFile(path: string | undefined, problems: string[]): ConfigurationFile {
  if (path === undefined) return DEFAULTS;
  const report = (problem: string) => problems.push(`${ENV.configurationFile}: ${path} ${problem}`);
  let content: unknown;
  try {
    content = JSON.parse(decodeText(readFileSync(path)));
  } catch (thrown) {
    // The parser's own message is not shown: it quotes the file, which may be a key file by mistake.
    const reason = thrown instanceof SyntaxError ? "it is not JSON" : (thrown as Error).message;
    report(`could not be read: ${reason}. ${EXPECTED}`);
    return DEFAULTS;
  }
  if (!isObject(content)) {
    report(`is not an object. ${EXPECTED}`);
    return DEFAULTS;
  }
  // The names of unknown keys are not shown either.
  const unknown = Object.keys(content).filter((key) => !Object.hasOwn(DEFAULTS, key));
  if (unknown.length > 0) report(`has keys other than ${Object.keys(DEFAULTS).join(" and ")}. Remove them.`);
  const { accounts = "all", explainedMoves = {} } = content;
  return { accounts: parseAccounts(accounts, report), explainedMoves: parseMoves(explainedMoves, report) };
}

function parseAccounts(given: unknown, report: (problem: string) => void): readonly string[] | "all" {
  if (given === "all") return "all";
  if (!Array.isArray(given) || given.length === 0) {
    report("has accounts that are not a list of account ids. Expected a JSON array with at least one.");
    return [];
  }
  const invalid = given.filter((id) => typeof id !== "string" || !ACCOUNT_ID.test(id));
  if (invalid.length > 0) {
    const examples = invalid.slice(0, 3).map((id) => describeValue(id));
    report(
      `has entries that are not account ids (${invalid.length}), such as ${examples.join(", ")}. Correct or remove them.`,
    );
  }
  return [...new Set<string>(given)];
}

function parseMoves(given: unknown, report: (problem: string) => void): Record<string, string> {
  const expected = 'Expected an object such as {"usdc": "pays suppliers every day"}.';
  if (!isObject(given) || !Object.values(given).every((reason) => typeof reason === "string")) {
    report(`has explainedMoves that are not an object of texts. ${expected}`);
    return {};
  }
  const invalid = Object.keys(given).filter((asset) => !EXPLAINED_ASSET.test(asset));
  if (invalid.length > 0) {
    const examples = invalid.slice(0, 3).map((asset) => describeValue(asset));
    report(
      `has explainedMoves with names that are not assets (${invalid.length}), such as ${examples.join(", ")}. ${expected}`,
    );
  }
  return given as Record<string, string>;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
