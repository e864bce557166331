import { readConfigurationFile } from "./configuration-file.ts";
import { InputError } from "./domain/errors.ts";
import { describeValue } from "./domain/untrusted-text.ts";
import { ENV, PRODUCTION_API } from "./names/environment.ts";

/** The job's configuration. `names/environment.ts` documents the variables. */
export type JobConfig = Readonly<ReturnType<typeof readJobConfig>>;

export type Environment = Readonly<Record<string, string | undefined>>;

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/**
 * Reads the configuration from environment variables. An empty variable counts as not set.
 * @param keyElsewhere whether the key comes from another place than Secrets Manager
 * @param accountsElsewhere whether the accounts come from another place than the configuration file
 * @throws InputError `config_invalid` with every problem
 */
export function readJobConfig(env: Environment, { keyElsewhere = false, accountsElsewhere = false } = {}) {
  const problems: string[] = [];
  const { text, required, integer } = settingsOf(env, problems);
  const expression = text(ENV.schedule);
  const file = readConfigurationFile(text(ENV.configurationFile), problems);
  const accounts = accountsElsewhere ? "all" : file.accounts;
  const config = {
    apiBaseUrl: readBaseUrl(text(ENV.apiBaseUrl), problems),
    /** `undefined` only if the key does not come from Secrets Manager. */
    apiKeySecretId: keyElsewhere ? undefined : required(ENV.apiKeySecretId, "the name or ARN of the key's secret"),
    tableName: required(ENV.tableName, "the name of the DynamoDB table"),
    accounts,
    accountsOwner: text(ENV.accountsOwner),
    accountsType: text(ENV.accountsType),
    /** The page size to try first; `undefined`: the default of the API client. */
    pageSize: integer(ENV.pageSize, undefined, 1, 1000),
    maxPages: integer(ENV.maxPages, 1000, 1, 100_000),
    accountsAtOnce: integer(ENV.accountsAtOnce, 64, 1, 64),
    readsPerTenSeconds: integer(ENV.readsPerTenSeconds, 600, 1, 100_000),
    requestTimeoutMs: integer(ENV.requestTimeoutMs, 10_000, 1, 300_000),
    maxAttempts: integer(ENV.maxAttempts, 6, 1, 100),
    /** `undefined`: snapshots are kept forever. */
    retentionDays: integer(...RETENTION_DAYS),
    latenessLimitMs: integer(ENV.latenessLimitSeconds, 3600, 1, 366 * 86_400) * 1000,
    reserveMs: integer(ENV.reserveSeconds, 15, 1, 600) * 1000,
    /** `undefined`: none, or unknown. Not validated here, because the stack has done it. */
    schedule: expression === undefined ? undefined : { expression, timezone: text(ENV.scheduleTimezone) ?? "UTC" },
    noticeRules: {
      movedPercent: integer(ENV.noticeMovedPercent, 50, 0, 1_000_000),
      explained: Object.keys(file.explainedMoves),
    },
  };
  for (const filter of [ENV.accountsOwner, ENV.accountsType]) {
    if (accounts !== "all" && text(filter) !== undefined) {
      problems.push(
        `${filter}: filters the API's list of accounts, but ${ENV.configurationFile} lists accounts. Use only one of them.`,
      );
    }
  }
  if (problems.length > 0) throw new InputError("config_invalid", problems);
  return config;
}

export type TableConfig = Pick<JobConfig, "tableName" | "retentionDays">;

/**
 * Returns what recording a failure needs, however invalid the rest of the configuration is; `undefined` without a table. An
 * invalid retention counts as not set: the record explains a gap and contains no balances, so it may be kept.
 */
export function readTableConfig(env: Environment): TableConfig | undefined {
  const problems: string[] = [];
  const { text, integer } = settingsOf(env, problems);
  const tableName = text(ENV.tableName);
  const retentionDays = integer(...RETENTION_DAYS);
  return tableName === undefined
    ? undefined
    : { tableName, retentionDays: problems.length === 0 ? retentionDays : undefined };
}

const RETENTION_DAYS = [ENV.retentionDays, undefined, 1, 36_500] as const;

/** Returns functions that read variables and add what is wrong with them to `problems`. */
function settingsOf(env: Environment, problems: string[]) {
  const text = (name: string) => env[name]?.trim() || undefined;
  const required = (name: string, what: string): string => {
    const value = text(name);
    if (value === undefined) problems.push(`${name}: is not set. Set it to ${what}.`);
    return value ?? "";
  };
  const integer = <T extends number | undefined>(name: string, preset: T, min: number, max: number): T | number => {
    const given = text(name);
    if (given === undefined) return preset;
    const value = Number(given);
    if (!/^\d+$/.test(given) || value < min || value > max) {
      const fallback = preset === undefined ? "" : ` The default is ${preset}.`;
      problems.push(`${name}: is ${describeValue(given)}. Expected a whole number from ${min} to ${max}.${fallback}`);
    }
    return value;
  };
  return { text, required, integer };
}

/** Accepts `https`, and `http` only on this machine: over a network, anyone on the path could read the token. */
function readBaseUrl(given: string | undefined, problems: string[]): string {
  const url = URL.canParse(given ?? PRODUCTION_API) ? new URL(given ?? PRODUCTION_API) : undefined;
  const allowed = url?.protocol === "https:" || (url?.protocol === "http:" && LOOPBACK.test(url.hostname));
  // Searched in the text, because `URL` does not show an empty query or fragment.
  if (url === undefined || !allowed || /[?#@]/.test(given ?? "")) {
    problems.push(
      `${ENV.apiBaseUrl}: is not a valid base URL. Expected https (or http on this machine) without a query, a fragment ` +
        `or credentials. The default is ${PRODUCTION_API}.`,
    );
    return "";
  }
  return url.href.replace(/\/+$/, "");
}
