import { InputError } from "../../core/domain/errors.ts";
import { parseJson } from "../../core/domain/json.ts";
import type { RunStep } from "../../core/domain/run-step.ts";
import { parseSlot, slotAt } from "../../core/domain/slot.ts";
import { describeValue } from "../../core/domain/untrusted-text.ts";
import type { RunRequest } from "../../core/snapshot/run.ts";
import { type KeyAccounts, selectKeys } from "./event-keys.ts";
import { parseStep } from "./step.ts";

const FIELDS = ["scheduledTime", "accounts", "dryRun", "key", "step"];
const EXAMPLES = '{}, {"scheduledTime": "2026-11-23T10:00:00Z"}, {"accounts": ["account_…"]} or {"dryRun": true}';

/** The parameters of Lambda's `Invoke`. https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
const REQUEST_KEYS = ["FunctionName", "InvocationType", "Payload", "ClientContext", "LogType", "Qualifier"];

/** An event can name thousands of accounts, and every problem is logged. */
const MAX_PROBLEMS = 10;

/** What an event asks for. */
export interface ParsedEvent {
  /** Independent of each other. At least one, except in a step: its key may have none of the accounts that the event names. */
  readonly runs: readonly KeyRun[];
  /** The step of a run of several invocations. Without it, one invocation does everything. */
  readonly step?: RunStep;
}

/** The run of one key. */
export interface KeyRun {
  /** `undefined`: the only key, which has no name. */
  readonly key: string | undefined;
  readonly request: RunRequest;
}

/**
 * Parses an invocation's event. Without `scheduledTime`, the slot is the current time, or that at which the execution started
 * whose step it is. Without `key`, the runs are those of all
 * keys, or of those whose lists have the event's accounts. The body of every dead letter is a valid event, too.
 * @param configured the keys, at least one; `undefined`: unknown, so any name and any account may be one
 * @param now milliseconds since 1970
 * @throws InputError `event_invalid` with every problem
 */
export function parseEvent(event: unknown, configured: readonly KeyAccounts[] | undefined, now: number): ParsedEvent {
  const fields = eventOfDeadLetter(event) ?? {};
  if (typeof fields !== "object" || Array.isArray(fields)) {
    throw new InputError("event_invalid", [`The event is not a JSON object. Expected ${EXAMPLES}.`]);
  }
  const { scheduledTime, accounts, dryRun, key, step: givenStep } = fields as Record<string, unknown>;
  const problems = Object.keys(fields)
    .filter((name) => !FIELDS.includes(name))
    .map((name) => `The event's field ${describeValue(name)} is unknown. Expected ${EXAMPLES}.`);

  const slot = typeof scheduledTime === "string" ? parseSlot(scheduledTime) : undefined;
  if (scheduledTime !== undefined && slot === undefined) {
    problems.push(
      `The event's scheduledTime is ${describeValue(scheduledTime)}. ` +
        'Expected an instant in UTC such as "2026-11-23T10:00:00Z". Omit it to record the current balances.',
    );
  }
  if (dryRun !== undefined && typeof dryRun !== "boolean") {
    problems.push(`The event's dryRun is ${describeValue(dryRun)}. Expected true or false.`);
  }
  const { step, problems: stepProblems = [] } = givenStep === undefined ? {} : parseStep(givenStep);
  problems.push(...stepProblems);
  const keys = selectKeys({ key, accounts, isStep: step !== undefined }, configured, problems);
  if (step?.name === "take" && keys.length > 1 && problems.length === 0) {
    problems.push("The event's step is that of one key, but the event has no key. Add it.");
  }
  if (step?.name === "finish" && keys.length === 0 && problems.length === 0) {
    problems.push("The event's accounts are those of another key. Correct its key, or omit it.");
  }
  if (problems.length > 0) throw new InputError("event_invalid", limited(problems));
  const common = {
    slot: slot ?? (step && parseSlot(step.startedAt)) ?? slotAt(now),
    trigger: slot === undefined ? ("manual" as const) : ("schedule" as const),
    dryRun: dryRun === true,
  };
  const runs = keys.map(({ key, accounts }) => {
    const taken = step?.name === "finish" ? step.taken.find((one) => one.key === key)?.step : undefined;
    return { key, request: { ...common, accounts, ...(taken && { taken }) } };
  });
  return { runs, ...(step && { step }) };
}

/**
 * Returns the event in the body of a dead letter; any other event as it is. Lambda's dead letter is the event. That of
 * EventBridge Scheduler is the request that it could not send: `{"FunctionName", "InvocationType", "Payload"}`. AWS publishes a
 * sample for another target only, without a nested document. So `Payload` may be JSON in a string, or an object.
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html#configuring-schedule-dlq-dead-letter-event
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
 * @throws InputError
 */
function eventOfDeadLetter(event: unknown): unknown {
  if (typeof event !== "object" || event === null || !("FunctionName" in event && "Payload" in event)) return event;
  // With any other key it is not such a request, and the caller rejects its keys.
  if (Object.keys(event).some((key) => !REQUEST_KEYS.includes(key))) return event;
  const payload = typeof event.Payload === "string" ? parseJson(event.Payload) : event.Payload;
  // Nothing in a payload would mean a snapshot of now, instead of the slot that was missed.
  if (typeof payload === "object" && payload !== null) return payload;
  throw new InputError("event_invalid", [
    `The event is a request to invoke a function, but its Payload is not a JSON object. Expected ${EXAMPLES}.`,
  ]);
}

function limited(problems: readonly string[]): readonly string[] {
  const others = problems.length - MAX_PROBLEMS;
  return others <= 0 ? problems : [...problems.slice(0, MAX_PROBLEMS), `The event has ${others} more problems.`];
}
