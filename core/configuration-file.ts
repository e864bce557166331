import { readFileSync } from "node:fs";
import { isObject } from "./domain/json.ts";
import { decodeText } from "./domain/text-encoding.ts";
import { describeValue } from "./domain/untrusted-text.ts";
import { type ConfiguredAccounts, type KeySettings, parseAccounts, parseKeys } from "./key-settings.ts";
import { ENV } from "./names/environment.ts";
import { EXPLAINED_ASSET } from "./names/patterns.ts";

/** The content of the configuration file. `names/environment.ts` documents it. */
export interface ConfigurationFile {
  readonly accounts: ConfiguredAccounts;
  readonly explainedMoves: Readonly<Record<string, string>>;
  /** By name, in the order of the names; `undefined`: there is one key, which has no name. */
  readonly keys: ReadonlyMap<string, KeySettings> | undefined;
}

const EXPECTED = 'Expected a JSON object such as {"accounts": ["account_…"]}.';
const DEFAULTS: ConfigurationFile = { accounts: "all", explainedMoves: {}, keys: undefined };

/** Reads the file, or returns the defaults if `path` is `undefined`. Adds what is wrong with it to `problems`. */
export function readConfigurationFile(path: string | undefined, problems: string[]): ConfigurationFile {
  if (path === undefined) return DEFAULTS;
  const report = (problem: string) => problems.push(`${ENV.configurationFile}: ${path} ${problem}`);
  const reportField = (field: string, problem: string) =>
    problems.push(`${ENV.configurationFile}: ${path}: ${field}: ${problem}`);
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
  // The names of unknown fields are not shown either.
  const unknown = Object.keys(content).filter((name) => !Object.hasOwn(DEFAULTS, name));
  if (unknown.length > 0) report("has fields other than accounts, explainedMoves and keys. Remove them.");
  const { accounts = "all", explainedMoves = {} } = content;
  if (content["keys"] !== undefined && content["accounts"] !== undefined) {
    reportField("accounts", "belongs to a key. Move it to keys.NAME.accounts.");
  }
  return {
    accounts: parseAccounts(accounts, (problem) => reportField("accounts", problem)),
    explainedMoves: parseMoves(explainedMoves, (problem) => reportField("explainedMoves", problem)),
    keys: parseKeys(content["keys"], reportField),
  };
}

function parseMoves(given: unknown, report: (problem: string) => void): Record<string, string> {
  const expected = 'Expected an object such as {"usdc": "pays suppliers every day"}.';
  if (!isObject(given) || !Object.values(given).every((reason) => typeof reason === "string")) {
    report(`is not an object of texts. ${expected}`);
    return {};
  }
  const invalid = Object.keys(given).filter((asset) => !EXPLAINED_ASSET.test(asset));
  if (invalid.length > 0) {
    const examples = invalid.slice(0, 3).map((asset) => describeValue(asset));
    report(`has names that are not assets (${invalid.length}), such as ${examples.join(", ")}. ${expected}`);
  }
  return given as Record<string, string>;
}
