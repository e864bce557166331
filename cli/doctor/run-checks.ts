import { RateLimiter } from "../../core/coinbase/limiter.ts";
import { FUNCTION_SETTINGS } from "../../core/coinbase/suggested-fixes.ts";
import type { JobConfig } from "../../core/config.ts";
import { LIMIT_WINDOW_MS } from "../../core/domain/limits.ts";
import type { Clock } from "../../core/domain/ports.ts";
import { ENV } from "../../core/names/environment.ts";
import { ALL_ACCOUNTS, keysOf, OUTPUTS, outputName } from "../../core/names/outputs.ts";
import { systemClock } from "../../core/system-clock.ts";
import { REPLACE_KEY_FILE } from "../shared/job-options.ts";
import type { DeployedStack } from "../shared/stack.ts";
import { describeTable } from "../shared/table-option.ts";
import { checkAlarms } from "./alarms.ts";
import { type ApiTarget, checkApi } from "./api.ts";
import { ACCESS_CHECKS, checkApiAccess } from "./api-access.ts";
import type { ApiConnection } from "./api-client.ts";
import { checkBalances } from "./balances.ts";
import { type CheckResults, needing, ofKey, type Prerequisite, warning } from "./check-result.ts";
import type { KeyOrigin } from "./key.ts";
import {
  accountsByKey,
  type CheckedKey,
  checkKeys,
  checkSharedAccounts,
  type KeyAccess,
  listedIds,
  reportUnserved,
} from "./keys.ts";
import { checkLastRun, TAKE_SNAPSHOT } from "./last-run.ts";
import { type LastRuns, readLastRuns } from "./newest-records.ts";
import { checkSchedules, type KeySchedules } from "./schedule.ts";
import { checkResources, checkStack } from "./stack.ts";
import { checkStateMachine } from "./state-machine.ts";
import { checkTable, TABLE_CHECKS, type TableTarget } from "./table.ts";
import { checkTransfers } from "./transfers.ts";

export interface CheckRequest {
  readonly stack?: string | undefined;
  /** Replaces the stack's secret. */
  readonly key?: KeyOrigin | undefined;
  /** Limits the checks to one of several keys. */
  readonly keyName?: string | undefined;
  readonly table?: TableTarget | undefined;
  /** Limits the checks to these accounts; empty means all. */
  readonly accounts: readonly string[];
  /** Replaces the stack's or the configured API. */
  readonly api?: ApiTarget | undefined;
  readonly config: JobConfig;
}

/**
 * Runs all checks in the order of `CHECKS`. Every request only reads. If a check fails, the checks that depend on it
 * are skipped and all others still run. Returns how to ask the API more questions, with the first key that it accepts.
 * @throws InputError for the name of a key that the stack does not have, or that the table does not know
 */
export async function* runChecks(
  request: CheckRequest,
  clock: Clock = systemClock,
): CheckResults<Prerequisite<ApiConnection>> {
  const stackName = request.stack === undefined ? { missingReason: "requires --stack" } : { value: request.stack };
  const stack = yield* needing(stackName, ["stack"], checkStack);
  const listedStack = yield* needing(stack, [], checkResources);
  const outputs = stack.value?.outputs;
  // The addresses of an existing VPC are not in the stack, but the function's security group is.
  const securityGroups = listedStack.value?.idsOf("AWS::EC2::SecurityGroup");
  const functionAddress = outputs?.get(OUTPUTS.egressAddress) ?? (securityGroups?.length === 0 ? null : undefined);
  const { keys, connection } = yield* checkApiKeys(request, stack, functionAddress, clock);

  const tableTarget = tableOf(request, stack);
  const table = yield* needing(tableTarget, TABLE_CHECKS, checkTable);
  const runs = await readLastRuns(table, request.accounts, clock.now());
  const names = request.keyName === undefined && outputs !== undefined ? keysOf(outputs) : [request.keyName];
  const schedules = yield* needing(listedStack, ["schedule"], (value) =>
    checkSchedules(value, names, runs.value, clock.now()),
  );
  if (stack.value !== undefined)
    yield* checkStateMachine(stack.value, [...(schedules.value?.values() ?? [])], clock.now());
  const tableText = async () => tableTarget.value?.folder ?? describeTable(tableTarget.value?.name ?? "");
  const facts = { outputs, schedules: schedules.value, tableText, now: clock.now() };
  if (runs.failure !== undefined) yield runs.failure;
  else yield* needing<LastRuns, void>(runs, ["last run"], (value) => checkLastRuns(value, keys, request, facts));
  yield* needing(listedStack, ["alarms", "subscribers"], checkAlarms);
  return connection;
}

/** Checks each key, and what the API allows it to read. */
async function* checkApiKeys(
  request: CheckRequest,
  stack: Prerequisite<DeployedStack>,
  functionAddress: string | null | undefined,
  clock: Clock,
): CheckResults<{ readonly keys: readonly KeyAccess[]; readonly connection: Prerequisite<ApiConnection> }> {
  const { config } = request;
  const checked = yield* checkKeys(request, stack);
  const needsApi = request.key !== undefined || request.stack !== undefined;
  const target = needsApi ? { value: apiTarget(request, stack) } : NO_KEY;
  const api = yield* needing(target, ["api", "clock"], (value) => checkApi(value, clock, config.requestTimeoutMs));
  const isFile = request.key !== undefined && request.key.secret === undefined;
  // One limiter for all keys: the API's limit may be for all of them together.
  const limiter = new RateLimiter(config.readsPerTenSeconds, LIMIT_WINDOW_MS, clock);
  const replaceKey = isFile ? REPLACE_KEY_FILE : FUNCTION_SETTINGS.replaceKey;
  const connections = checked.map(({ key }) => connectionOf(key, api, { clock, config, limiter, replaceKey }));
  const keys: KeyAccess[] = [];
  for (const [at, key] of checked.entries()) {
    const connection = connections[at] ?? NO_KEY;
    const checks = needing(connection, ACCESS_CHECKS, (value) => checkApiAccess({ ...value, functionAddress }));
    keys.push({ ...key, access: yield* ofKey(key.name, checks) });
  }
  yield* checkSharedAccounts(keys, stack.value?.outputs);
  for (const key of keys) {
    const requested = key.name === undefined ? request.accounts : listedAmong(request.accounts, key);
    if (request.accounts.length > 0 && requested.length === 0) continue;
    const checks = needing(key.access, ["page size", "balances"], (value) =>
      checkBalances(value, requested, config.pageSize),
    );
    yield* ofKey(key.name, checks);
    yield* ofKey(key.name, needing(key.access, ["transfers"], checkTransfers));
  }
  const connection = connections.find(({ value }) => value !== undefined) ?? connections[0] ?? NO_KEY;
  return { keys, connection };
}

/** Returns the accounts that a key lists; all of them if that is unknown. */
function listedAmong(accounts: readonly string[], key: KeyAccess): readonly string[] {
  const ids = listedIds(key);
  return ids === undefined ? accounts : accounts.filter((id) => ids.includes(id));
}

interface RunFacts {
  readonly outputs: DeployedStack["outputs"] | undefined;
  readonly schedules: KeySchedules | undefined;
  readonly tableText: () => Promise<string>;
  readonly now: number;
}

/** Checks the newest records of the accounts of each key. */
async function* checkLastRuns(
  runs: LastRuns,
  keys: readonly KeyAccess[],
  request: CheckRequest,
  { outputs, schedules, tableText, now }: RunFacts,
): CheckResults {
  const { of, unserved } = accountsByKey(runs.accounts, keys, outputs);
  const isLimited = request.accounts.length > 0;
  const inTable = new Set(runs.accounts.map(({ accountId }) => accountId));
  for (const key of keys) {
    const { name } = key;
    const accounts = of.get(name) ?? [];
    if (isLimited && accounts.length === 0) continue;
    const recorded = outputs?.get(outputName(OUTPUTS.recordedAccounts, name)) ?? ALL_ACCOUNTS;
    const recordsAll = !isLimited && recorded === ALL_ACCOUNTS;
    const expectations = {
      schedule: schedules?.get(name),
      listedIds: listedIds(key),
      unrecordedIds: recordsAll ? (listedIds(key) ?? []).filter((id) => !inTable.has(id)) : [],
      ...{ now, tableText },
    };
    const failedRuns = runs.failedRuns.filter((run) => name === undefined || [undefined, name].includes(run.key));
    const hasNoRecord = accounts.length === 0 && failedRuns.length === 0;
    const results =
      hasNoRecord && runs.accounts.length > 0
        ? noRecordOfKey()
        : checkLastRun({ ...runs, accounts, failedRuns }, expectations);
    yield* ofKey(name, results);
  }
  if (request.keyName === undefined) yield* reportUnserved(unserved);
}

async function* noRecordOfKey(): CheckResults {
  yield warning("last run", "no account in the table has this key", TAKE_SNAPSHOT);
}

function connectionOf(
  key: CheckedKey["key"],
  api: Prerequisite<ApiConnection["api"]>,
  others: Omit<ApiConnection, "key" | "api">,
): Prerequisite<ApiConnection> {
  if (key.value === undefined) return key;
  return api.value === undefined ? api : { value: { ...others, key: key.value, api: api.value } };
}

const NO_KEY = { missingReason: "requires --key-file, --secret or --stack" };

/** The stack's URL takes precedence over the environment's. */
function apiTarget({ api, config }: CheckRequest, deployed: Prerequisite<DeployedStack>): ApiTarget {
  const baseUrl = deployed.value?.outputs.get(OUTPUTS.apiBaseUrl);
  if (api !== undefined) return api;
  if (baseUrl !== undefined) return { baseUrl, setting: "the stack's apiBaseUrl" };
  return { baseUrl: config.apiBaseUrl, setting: `--api (or ${ENV.apiBaseUrl})` };
}

function tableOf({ table, stack }: CheckRequest, deployed: Prerequisite<DeployedStack>): Prerequisite<TableTarget> {
  if (table !== undefined) return { value: table };
  if (stack === undefined) return { missingReason: "requires --table or --stack" };
  if (deployed.value === undefined) return deployed;
  const name = deployed.value.outputs.get(OUTPUTS.tableName);
  if (name === undefined) return { missingReason: `the stack has no output ${OUTPUTS.tableName}` };
  return { value: { name } };
}
