import { type ConfigurationFile, readConfigurationFile } from "./configuration-file.ts";
import { InputError } from "./domain/errors.ts";
import type { Schedule } from "./domain/history-source.ts";
import { isObject, parseJson } from "./domain/json.ts";
import { API_READ_LIMIT, MAX_ACCOUNTS_AT_ONCE } from "./domain/limits.ts";
import { type Environment, readBaseUrl, settingsOf } from "./environment-settings.ts";
import {
  type ConfiguredAccounts,
  type KeySettings,
  MAX_LATENESS_SECONDS,
  MAX_READS_PER_TEN_SECONDS,
} from "./key-settings.ts";
import { ENV } from "./names/environment.ts";
import { KEY_NAME } from "./names/patterns.ts";

/** The job's configuration for one key. `names/environment.ts` documents the variables. */
export interface JobConfig extends CommonSettings {
  /** The name of the key, and those of all keys. `undefined`: there is one key, which has no name. */
  readonly key?: string;
  readonly keys?: readonly string[];
  /** The key of each account that the configuration lists for one. Only with several keys. */
  readonly keyOfListed?: ReadonlyMap<string, string>;
  /** Those of all keys. Only with several keys. */
  readonly schedules?: readonly Schedule[];
  /** `undefined` only if the key does not come from Secrets Manager. */
  readonly apiKeySecretId: string | undefined;
  readonly accounts: ConfiguredAccounts;
  readonly accountsOwner: string | undefined;
  readonly accountsType: string | undefined;
}

type CommonSettings = Readonly<ReturnType<typeof readCommonSettings>>;

/**
 * Reads the configuration of a job with one key, which has no name. An empty variable counts as not set.
 * @param keyElsewhere whether the key comes from another place than Secrets Manager
 * @param accountsElsewhere whether the accounts come from another place than the configuration file
 * @throws InputError `config_invalid` with every problem
 */
export function readJobConfig(env: Environment, { keyElsewhere = false, accountsElsewhere = false } = {}): JobConfig {
  const problems: string[] = [];
  const { text, required } = settingsOf(env, problems);
  const file = readConfigurationFile(text(ENV.configurationFile), problems);
  const accounts = accountsElsewhere ? "all" : file.accounts;
  const config = {
    ...readCommonSettings(env, problems, file),
    apiKeySecretId: keyElsewhere ? undefined : required(ENV.apiKeySecretId, "the name or ARN of the key's secret"),
    ...{ accounts, accountsOwner: text(ENV.accountsOwner), accountsType: text(ENV.accountsType) },
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

/**
 * Reads the configurations of a job, one for each of its keys, in the order of their names. Without `keys` there is one key,
 * which has no name.
 * @throws InputError `config_invalid` with every problem
 */
export function readJobConfigs(env: Environment): readonly JobConfig[] {
  const problems: string[] = [];
  const { text } = settingsOf(env, problems);
  const file = readConfigurationFile(text(ENV.configurationFile), problems);
  const fileIsValid = problems.length === 0;
  if (file.keys === undefined && text(ENV.apiKeySecretIds) === undefined) return [readJobConfig(env)];
  const settings = file.keys ?? new Map<string, KeySettings>();
  const secretIds = readSecretIds(text(ENV.apiKeySecretIds), problems);
  if (secretIds !== undefined && fileIsValid)
    problems.push(...differences([...settings.keys()], [...secretIds.keys()]));
  for (const [name, instead] of NOT_OF_A_KEY) {
    if (text(name) !== undefined) problems.push(`${name}: is set, but there are several keys. Use ${instead} instead.`);
  }
  const common = readCommonSettings(env, problems, file);
  if (problems.length > 0) throw new InputError("config_invalid", problems);
  const listed = [...settings].flatMap(([key, { accounts }]) =>
    accounts === "all" ? [] : accounts.map((id) => [id, key] as const),
  );
  const configs = [...settings].map(([key, own]) => ({
    ...{ ...common, key, apiKeySecretId: secretIds?.get(key) },
    ...{ accounts: own.accounts, accountsOwner: own.accountsOwner, accountsType: own.accountsType },
    ...ownLimits(common, own),
  }));
  const keys = [...settings.keys()];
  const keyOfListed = new Map(listed);
  const schedules = configs.flatMap(({ schedule }) => schedule ?? []);
  return configs.map((config) => ({ ...config, keys, keyOfListed, schedules }));
}

/** The variables that one key has and several have not, and what several keys have instead. */
const NOT_OF_A_KEY = [
  [ENV.apiKeySecretId, ENV.apiKeySecretIds],
  [ENV.accountsOwner, "keys.NAME.accountsOwner"],
  [ENV.accountsType, "keys.NAME.accountsType"],
] as const;

/** Returns the limits and the schedule of a key. Those that it does not have itself are the common ones. */
function ownLimits(
  common: CommonSettings,
  { readsPerTenSeconds, schedule, timezone, latenessLimitSeconds }: KeySettings,
) {
  const expression = schedule ?? common.schedule?.expression;
  return {
    readsPerTenSeconds: readsPerTenSeconds ?? common.readsPerTenSeconds,
    latenessLimitMs: latenessLimitSeconds === undefined ? common.latenessLimitMs : latenessLimitSeconds * 1000,
    schedule:
      expression === undefined ? undefined : { expression, timezone: timezone ?? common.schedule?.timezone ?? "UTC" },
  };
}

/** Returns what is the same for all keys, and the defaults of what a key may have itself. */
function readCommonSettings(env: Environment, problems: string[], file: ConfigurationFile) {
  const { text, required, integer } = settingsOf(env, problems);
  const expression = text(ENV.schedule);
  return {
    apiBaseUrl: readBaseUrl(text(ENV.apiBaseUrl), problems),
    tableName: required(ENV.tableName, "the name of the DynamoDB table"),
    /** The page size to try first; `undefined`: the default of the API client. */
    pageSize: integer(ENV.pageSize, undefined, 1, 1000),
    maxPages: integer(ENV.maxPages, 1000, 1, 100_000),
    accountsAtOnce: integer(ENV.accountsAtOnce, MAX_ACCOUNTS_AT_ONCE, 1, MAX_ACCOUNTS_AT_ONCE),
    readsPerTenSeconds: integer(ENV.readsPerTenSeconds, API_READ_LIMIT, 1, MAX_READS_PER_TEN_SECONDS),
    requestTimeoutMs: integer(ENV.requestTimeoutMs, 10_000, 1, 300_000),
    maxAttempts: integer(ENV.maxAttempts, 6, 1, 100),
    /** `undefined`: snapshots are kept forever. */
    retentionDays: integer(...RETENTION_DAYS),
    latenessLimitMs: integer(ENV.latenessLimitSeconds, 3600, 1, MAX_LATENESS_SECONDS) * 1000,
    hasLongRuns: text(ENV.engine) === "stepFunctions",
    reserveMs: integer(ENV.reserveSeconds, 15, 1, 600) * 1000,
    /** `undefined`: none, or unknown. Not validated here, because the stack has done it. */
    schedule: expression === undefined ? undefined : { expression, timezone: text(ENV.scheduleTimezone) ?? "UTC" },
    noticeRules: {
      movedPercent: integer(ENV.noticeMovedPercent, 50, 0, 1_000_000),
      explained: Object.keys(file.explainedMoves),
    },
  };
}

const EXPECTED_SECRET_IDS = 'Expected JSON with the secret of each key, such as {"emea": "cdp/emea"}.';

/** Returns the secret of each key by its name; `undefined` if the variable cannot be understood. */
function readSecretIds(given: string | undefined, problems: string[]): ReadonlyMap<string, string> | undefined {
  const content = given === undefined ? undefined : parseJson(given);
  const entries = isObject(content) ? Object.entries(content) : [];
  const isValid = ([name, id]: [string, unknown]) => KEY_NAME.test(name) && typeof id === "string" && id.trim() !== "";
  if (entries.length > 0 && entries.every(isValid)) return new Map(entries as [string, string][]);
  // The value is not shown: it may be a key in the wrong place.
  const what = given === undefined ? "is not set" : "is not a JSON object of names and secrets";
  problems.push(`${ENV.apiKeySecretIds}: ${what}. ${EXPECTED_SECRET_IDS}`);
  return undefined;
}

/**
 * Returns the names of the keys, however invalid the rest of the configuration is; `undefined`: there is one key, which has no
 * name, or they cannot be read.
 */
export function readKeyNames(env: Environment): readonly string[] | undefined {
  const given = settingsOf(env, []).text(ENV.apiKeySecretIds);
  const secretIds = given === undefined ? undefined : readSecretIds(given, []);
  return secretIds && [...secretIds.keys()].sort();
}

function differences(inFile: readonly string[], inEnvironment: readonly string[]): string[] {
  const withoutSecret = inFile.filter((key) => !inEnvironment.includes(key));
  const withoutSettings = inEnvironment.filter((key) => !inFile.includes(key));
  return [
    ...withoutSecret.map(
      (key) => `${ENV.apiKeySecretIds}: has no secret for ${key}. ${ENV.configurationFile} has keys.${key}.`,
    ),
    ...withoutSettings.map(
      (key) => `${ENV.configurationFile}: has no keys.${key}. ${ENV.apiKeySecretIds} has its secret.`,
    ),
  ];
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
