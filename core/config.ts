import { readFileSync } from "node:fs";
import { InputError } from "./domain/errors.ts";
import type { Schedule } from "./domain/history.ts";
import type { NoticeRules } from "./domain/notices.ts";
import { describeValue } from "./domain/untrusted-text.ts";
import { ENV, PRODUCTION_API } from "./names/environment.ts";

/** The job's configuration; `environment.ts` says what each means. */
export interface Config {
  readonly apiBaseUrl: string;
  /** `undefined` only where the key comes from elsewhere. */
  readonly apiKeySecretId: string | undefined;
  readonly tableName: string;
  readonly accounts: readonly string[] | "all";
  readonly accountsOwner: string | undefined;
  readonly accountsType: string | undefined;
  /** `undefined`: as many balances a page as the server takes. */
  readonly pageSize: number | undefined;
  readonly maxPages: number;
  readonly accountsAtOnce: number;
  readonly readsPerTenSeconds: number;
  readonly requestTimeoutMs: number;
  readonly maxAttempts: number;
  readonly latenessLimitMs: number;
  /** `undefined`: what is stored is kept for ever. */
  readonly retentionDays: number | undefined;
  readonly reserveMs: number;
  readonly schedule: Schedule | undefined;
  readonly noticeRules: NoticeRules;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** An account's id. Source: the API's OpenAPI document, schema AccountId. */
export const ACCOUNT_ID = /^account_[a-f0-9-]{36}$/;

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/**
 * The configuration in the environment's variables. An empty variable counts as none.
 * @param keyElsewhere the key does not come from Secrets Manager
 * @throws InputError `config_invalid` with every problem, each naming its variable and the remedy
 */
export function readConfig(env: Environment, { keyElsewhere = false } = {}): Config {
  const problems: string[] = [];
  const text = (name: string) => env[name]?.trim() || undefined;
  const required = (name: string, what: string): string => {
    const value = text(name);
    if (value === undefined) problems.push(`${name}: is not set. Set it to ${what}.`);
    return value ?? "";
  };
  const integer = (name: string, preset: number, min: number, max: number): number => {
    const given = text(name);
    const value = Number(given ?? preset);
    if (given !== undefined && (!/^\d+$/.test(given) || value < min || value > max)) {
      problems.push(
        `${name}: is ${describeValue(given)}. Give a whole number from ${min} to ${max}, or none${Number.isNaN(preset) ? "" : ` for ${preset}`}.`,
      );
    }
    return value;
  };
  const accounts = readAccounts(text(ENV.accountsFile), problems);
  const config: Config = {
    apiBaseUrl: readBaseUrl(text(ENV.apiBaseUrl), problems),
    apiKeySecretId: keyElsewhere ? undefined : required(ENV.apiKeySecretId, "the name or ARN of the key's secret"),
    tableName: required(ENV.tableName, "the name of the DynamoDB table"),
    accounts,
    accountsOwner: text(ENV.accountsOwner),
    accountsType: text(ENV.accountsType),
    pageSize: text(ENV.pageSize) === undefined ? undefined : integer(ENV.pageSize, Number.NaN, 1, 1000),
    maxPages: integer(ENV.maxPages, 1000, 1, 100_000),
    accountsAtOnce: integer(ENV.accountsAtOnce, 16, 1, 100),
    readsPerTenSeconds: integer(ENV.readsPerTenSeconds, 600, 1, 100_000),
    requestTimeoutMs: integer(ENV.requestTimeoutMs, 10_000, 1, 300_000),
    maxAttempts: integer(ENV.maxAttempts, 6, 1, 100),
    retentionDays:
      text(ENV.retentionDays) === undefined ? undefined : integer(ENV.retentionDays, Number.NaN, 1, 36_500),
    latenessLimitMs: integer(ENV.latenessLimitSeconds, 3600, 1, 366 * 86_400) * 1000,
    reserveMs: integer(ENV.reserveSeconds, 15, 1, 600) * 1000,
    schedule: readSchedule(text(ENV.schedule), text(ENV.scheduleTimezone)),
    noticeRules: {
      movedPercent: integer(ENV.noticeMovedPercent, 50, 0, 1_000_000),
      explained: (text(ENV.noticeExplained) ?? "").split(",").flatMap((entry) => entry.trim() || []),
    },
  };
  for (const filter of [ENV.accountsOwner, ENV.accountsType]) {
    if (accounts !== "all" && text(filter) !== undefined) {
      problems.push(
        `${filter}: filters the API's list of accounts, and ${ENV.accountsFile} names a list. Set one of them.`,
      );
    }
  }
  if (problems.length > 0) throw new InputError("config_invalid", problems);
  return config;
}

/** The stack has checked it. */
function readSchedule(expression: string | undefined, timezone = "UTC"): Schedule | undefined {
  return expression === undefined ? undefined : { expression, timezone };
}

/** `https`, or a server on this machine: over plain `http` anyone on the way could read the token. */
function readBaseUrl(given: string | undefined, problems: string[]): string {
  const url = URL.canParse(given ?? PRODUCTION_API) ? new URL(given ?? PRODUCTION_API) : undefined;
  const allowed = url?.protocol === "https:" || (url?.protocol === "http:" && LOOPBACK.test(url.hostname));
  // Looked for in the text: `URL` passes over an empty query and an empty fragment, and keeps them.
  if (url === undefined || !allowed || /[?#@]/.test(given ?? "")) {
    problems.push(
      `${ENV.apiBaseUrl}: is not an https URL (or http on this machine itself) without query and credentials. ` +
        `Give one like ${PRODUCTION_API}, or none for that.`,
    );
    return "";
  }
  return url.href.replace(/\/+$/, "");
}

function readAccounts(path: string | undefined, problems: string[]): readonly string[] | "all" {
  if (path === undefined) return "all";
  let list: unknown;
  try {
    list = JSON.parse(readFileSync(path, "utf8"));
  } catch (thrown) {
    // The parser's own message quotes the file, which may be another one, with a key in it.
    const why = thrown instanceof SyntaxError ? "it holds something else" : (thrown as Error).message;
    problems.push(`${ENV.accountsFile}: ${path} cannot be read as JSON: ${why}. Give a JSON array of account ids.`);
    return [];
  }
  if (!Array.isArray(list) || list.length === 0) {
    problems.push(`${ENV.accountsFile}: ${path} holds no list of account ids. Give a JSON array with one at least.`);
    return [];
  }
  const wrong = list.filter((id) => typeof id !== "string" || !ACCOUNT_ID.test(id));
  if (wrong.length > 0) {
    const examples = wrong.slice(0, 3).map((id) => describeValue(id));
    problems.push(
      `${ENV.accountsFile}: ${path} holds ${wrong.length} that are no account ids, such as ${examples.join(", ")}. Mend or remove them.`,
    );
  }
  return [...new Set<string>(list)];
}
