import type { Config } from "../../core/config.ts";
import type { Clock } from "../../core/domain/ports.ts";
import { OUTPUTS } from "../../core/names/outputs.ts";
import { systemClock } from "../../core/system-clock.ts";
import { checkAccess } from "./access.ts";
import { checkAccounts } from "./accounts.ts";
import { checkAlarms } from "./alarms.ts";
import { checkReachability } from "./api.ts";
import type { CheckResults, Prerequisite } from "./check-result.ts";
import { readLastRuns } from "./history.ts";
import { checkKey, type KeyOrigin } from "./key.ts";
import { checkLastRuns } from "./last-run.ts";
import { checkSchedule } from "./schedule.ts";
import { checkStack, type StackFacts } from "./stack.ts";
import { checkTable, type TableName } from "./table.ts";

/** What is to be looked at. */
export interface CheckRequest {
  readonly stack?: string | undefined;
  /** In place of the stack's. */
  readonly key?: KeyOrigin | undefined;
  readonly table?: TableName | undefined;
  readonly accounts: readonly string[];
  /** In place of the stack's, or the configured one. */
  readonly apiBaseUrl?: string | undefined;
  readonly config: Config;
}

/**
 * Goes along the way of the data, step by step, and only looks: every call reads. What stands on a failed step is skipped,
 * everything else is still looked at.
 */
export async function* runChecks(asked: CheckRequest, clock: Clock = systemClock): CheckResults {
  const { config } = asked;
  const stack = yield* checkStack(asked.stack);
  const outputs = stack.value?.outputs;
  const key = yield* checkKey(keyOf(asked, stack));
  const isAsked = asked.key !== undefined || asked.stack !== undefined;
  const baseUrl = isAsked ? { value: baseUrlOf(asked, stack) } : GIVE_KEY;
  const reached = yield* checkReachability(baseUrl, clock, config.requestTimeoutMs);
  const egress = outputs === undefined ? { missing: "" } : { value: outputs.get(OUTPUTS.egressAddress) ?? null };
  const access = yield* checkAccess({ clock, config, baseUrl, reached, key, egress });
  yield* checkAccounts(access, asked.accounts, config.pageSize);

  const table = yield* checkTable(tableOf(asked, stack));
  const runs = await readLastRuns(table, asked.accounts, clock.now());
  const schedule = yield* checkSchedule(stack, runs.value, clock.now());
  const listed = access.value?.listed.value;
  // Where accounts are configured one by one, they come in a layer.
  const chosen = asked.accounts.length > 0 || stack.value?.resources.value?.has("AWS::Lambda::LayerVersion") === true;
  yield* checkLastRuns(runs, { schedule, listed, all: !chosen, now: clock.now() });
  yield* checkAlarms(stack);
}

const GIVE_KEY = { missing: "give --key-file, --secret or --stack" };

function keyOf({ key, stack }: CheckRequest, { value, missing }: Prerequisite<StackFacts>): Prerequisite<KeyOrigin> {
  if (key !== undefined) return { value: key };
  if (value === undefined) return stack === undefined ? GIVE_KEY : { missing };
  const secret = value.outputs.get(OUTPUTS.secretId);
  if (secret === undefined) return { missing: `the stack has no output ${OUTPUTS.secretId}` };
  return { value: { secret, putCommand: value.outputs.get("PutKeyCommand") } };
}

/** The stack's own goes before the environment's. */
function baseUrlOf({ apiBaseUrl, config }: CheckRequest, { value }: Prerequisite<StackFacts>): string {
  return apiBaseUrl ?? value?.outputs.get("ApiBaseUrl") ?? config.apiBaseUrl;
}

function tableOf(
  { table, stack }: CheckRequest,
  { value, missing }: Prerequisite<StackFacts>,
): Prerequisite<TableName> {
  if (table !== undefined) return { value: table };
  if (value === undefined) return { missing: stack === undefined ? "give --table or --stack" : missing };
  const name = value.outputs.get(OUTPUTS.tableName);
  return name === undefined
    ? { missing: `the stack has no output ${OUTPUTS.tableName}` }
    : { value: { name, embedded: false } };
}
