import type { Config } from "../../core/config.ts";
import type { Clock } from "../../core/domain/ports.ts";
import { systemClock } from "../../core/system-clock.ts";
import { examineAccess } from "./access.ts";
import { examineAccounts } from "./accounts.ts";
import { examineAlarms } from "./alarms.ts";
import { examineReach } from "./api.ts";
import type { Findings, Handed } from "./finding.ts";
import { readLastRuns } from "./history.ts";
import { examineKey, type KeyOrigin } from "./key.ts";
import { examineLastRuns } from "./last-run.ts";
import { examineSchedule } from "./schedule.ts";
import { examineStack, type StackFacts } from "./stack.ts";
import { examineTable, type TableName } from "./table.ts";

/** What is to be looked at. */
export interface Asked {
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
export async function* examine(asked: Asked, clock: Clock = systemClock): Findings {
  const { config } = asked;
  const stack = yield* examineStack(asked.stack);
  const outputs = stack.value?.outputs;
  const key = yield* examineKey(keyOf(asked, stack));
  const isAsked = asked.key !== undefined || asked.stack !== undefined;
  const baseUrl = isAsked ? { value: baseUrlOf(asked, stack) } : GIVE_KEY;
  const reached = yield* examineReach(baseUrl, clock, config.requestTimeoutMs);
  const egress = outputs === undefined ? { missing: "" } : { value: outputs.get("EgressAddress") ?? null };
  const access = yield* examineAccess({ clock, config, baseUrl, reached, key, egress });
  yield* examineAccounts(access, asked.accounts, config.pageSize);

  const table = yield* examineTable(tableOf(asked, stack));
  const runs = await readLastRuns(table, asked.accounts, clock.now());
  const schedule = yield* examineSchedule(stack, runs.value, clock.now());
  const listed = access.value?.listed.value;
  // Where accounts are configured one by one, they come in a layer.
  const chosen = asked.accounts.length > 0 || stack.value?.resources.value?.has("AWS::Lambda::LayerVersion") === true;
  yield* examineLastRuns(runs, { schedule, listed, all: !chosen, now: clock.now() });
  yield* examineAlarms(stack);
}

const GIVE_KEY = { missing: "give --key-file, --secret or --stack" };

function keyOf({ key, stack }: Asked, { value, missing }: Handed<StackFacts>): Handed<KeyOrigin> {
  if (key !== undefined) return { value: key };
  if (value === undefined) return stack === undefined ? GIVE_KEY : { missing };
  const secret = value.outputs.get("SecretId");
  if (secret === undefined) return { missing: "the stack has no output SecretId" };
  return { value: { secret, putCommand: value.outputs.get("PutKeyCommand") } };
}

/** The stack's own goes before the environment's. */
function baseUrlOf({ apiBaseUrl, config }: Asked, { value }: Handed<StackFacts>): string {
  return apiBaseUrl ?? value?.outputs.get("ApiBaseUrl") ?? config.apiBaseUrl;
}

function tableOf({ table, stack }: Asked, { value, missing }: Handed<StackFacts>): Handed<TableName> {
  if (table !== undefined) return { value: table };
  if (value === undefined) return { missing: stack === undefined ? "give --table or --stack" : missing };
  const name = value.outputs.get("TableName");
  return name === undefined ? { missing: "the stack has no output TableName" } : { value: { name, embedded: false } };
}
