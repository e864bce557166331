import { LIMIT_WINDOW_MS, RateLimiter } from "../../core/coinbase/limiter.ts";
import { FUNCTION_SETTINGS } from "../../core/coinbase/suggested-fixes.ts";
import type { JobConfig } from "../../core/config.ts";
import type { Clock } from "../../core/domain/ports.ts";
import { ENV } from "../../core/names/environment.ts";
import { ALL_ACCOUNTS, OUTPUTS } from "../../core/names/outputs.ts";
import { systemClock } from "../../core/system-clock.ts";
import { REPLACE_KEY_FILE } from "../shared/job-options.ts";
import type { DeployedStack } from "../shared/stack.ts";
import { describeTable } from "../shared/table-option.ts";
import { checkAlarms } from "./alarms.ts";
import { type ApiTarget, checkApi } from "./api.ts";
import { ACCESS_CHECKS, checkApiAccess } from "./api-access.ts";
import type { ApiConnection } from "./api-client.ts";
import { checkBalances } from "./balances.ts";
import { type CheckResults, needing, type Prerequisite } from "./check-result.ts";
import { checkKey, type KeyOrigin } from "./key.ts";
import { checkLastRun } from "./last-run.ts";
import { type LastRuns, readLastRuns } from "./newest-records.ts";
import { checkSchedule } from "./schedule.ts";
import { checkResources, checkStack } from "./stack.ts";
import { checkTable, TABLE_CHECKS, type TableTarget } from "./table.ts";

export interface CheckRequest {
  readonly stack?: string | undefined;
  /** Replaces the stack's secret. */
  readonly key?: KeyOrigin | undefined;
  readonly table?: TableTarget | undefined;
  /** Limits the checks to these accounts; empty means all. */
  readonly accounts: readonly string[];
  /** Replaces the stack's or the configured API. */
  readonly api?: ApiTarget | undefined;
  readonly config: JobConfig;
}

/**
 * Runs all checks in the order of `CHECKS`. Every request only reads. If a check fails, the checks that depend on it
 * are skipped and all others still run. Returns how to ask the API more questions.
 */
export async function* runChecks(
  request: CheckRequest,
  clock: Clock = systemClock,
): CheckResults<Prerequisite<ApiConnection>> {
  const { config } = request;
  const stackName = request.stack === undefined ? { missingReason: "requires --stack" } : { value: request.stack };
  const stack = yield* needing(stackName, ["stack"], checkStack);
  const listedStack = yield* needing(stack, [], checkResources);
  const outputs = stack.value?.outputs;
  const key = yield* needing(keyOrigin(request, stack), ["key"], checkKey);
  const needsApi = request.key !== undefined || request.stack !== undefined;
  const target = needsApi ? { value: apiTarget(request, stack) } : NO_KEY;
  const api = yield* needing(target, ["api", "clock"], (value) => checkApi(value, clock, config.requestTimeoutMs));
  // The addresses of an existing VPC are not in the stack, but the function's security group is.
  const securityGroups = listedStack.value?.idsOf("AWS::EC2::SecurityGroup");
  const functionAddress = outputs?.get(OUTPUTS.egressAddress) ?? (securityGroups?.length === 0 ? null : undefined);
  const isFile = request.key !== undefined && request.key.secret === undefined;
  const limiter = new RateLimiter(config.readsPerTenSeconds, LIMIT_WINDOW_MS, clock);
  const replaceKey = isFile ? REPLACE_KEY_FILE : FUNCTION_SETTINGS.replaceKey;
  const connection = connectionOf(key, api, { clock, config, limiter, replaceKey });
  const access = yield* needing(connection, ACCESS_CHECKS, (value) => checkApiAccess({ ...value, functionAddress }));
  yield* needing(access, ["page size", "balances"], (value) => checkBalances(value, request.accounts, config.pageSize));

  const tableTarget = tableOf(request, stack);
  const table = yield* needing(tableTarget, TABLE_CHECKS, checkTable);
  const runs = await readLastRuns(table, request.accounts, clock.now());
  const schedule = yield* needing(listedStack, ["schedule"], (value) => checkSchedule(value, runs.value, clock.now()));
  const recordsAll = (outputs?.get(OUTPUTS.recordedAccounts) ?? ALL_ACCOUNTS) === ALL_ACCOUNTS;
  const expectations = {
    schedule: schedule.value,
    listedIds: access.value?.listedIds.value,
    recordsAllListed: request.accounts.length === 0 && recordsAll,
    now: clock.now(),
    tableText: async () => tableTarget.value?.folder ?? describeTable(tableTarget.value?.name ?? ""),
  };
  if (runs.failure !== undefined) yield runs.failure;
  else yield* needing<LastRuns, void>(runs, ["last run"], (value) => checkLastRun(value, expectations));
  yield* needing(listedStack, ["alarms", "subscribers"], checkAlarms);
  return connection;
}

function connectionOf(
  key: Prerequisite<ApiConnection["key"]>,
  api: Prerequisite<ApiConnection["api"]>,
  others: Omit<ApiConnection, "key" | "api">,
): Prerequisite<ApiConnection> {
  if (key.value === undefined) return key;
  return api.value === undefined ? api : { value: { ...others, key: key.value, api: api.value } };
}

const NO_KEY = { missingReason: "requires --key-file, --secret or --stack" };

function keyOrigin({ key, stack }: CheckRequest, deployed: Prerequisite<DeployedStack>): Prerequisite<KeyOrigin> {
  if (key !== undefined) return { value: key };
  if (stack === undefined) return NO_KEY;
  const secret = outputOf(deployed, OUTPUTS.secretId);
  if (secret.value === undefined) return secret;
  return { value: { secret: secret.value, putCommand: deployed.value?.outputs.get(OUTPUTS.putKeyCommand) } };
}

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
  const name = outputOf(deployed, OUTPUTS.tableName);
  return name.value === undefined ? name : { value: { name: name.value } };
}

function outputOf(deployed: Prerequisite<DeployedStack>, output: string): Prerequisite<string> {
  if (deployed.value === undefined) return deployed;
  const value = deployed.value.outputs.get(output);
  return value === undefined ? { missingReason: `the stack has no output ${output}` } : { value };
}
