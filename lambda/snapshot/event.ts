import { InputError } from "../../core/domain/errors.ts";
import type { RunStep } from "../../core/domain/run-step.ts";
import { parseSlot, slotAt } from "../../core/domain/slot.ts";
import { describeValue } from "../../core/domain/untrusted-text.ts";
import { ACCOUNT_ID } from "../../core/names/patterns.ts";
import type { RunRequest } from "../../core/snapshot/run.ts";
import { parseStep } from "./step.ts";

const KEYS = ["scheduledTime", "accounts", "dryRun", "step"];
const EXAMPLES = '{}, {"scheduledTime": "2026-11-23T10:00:00Z"}, {"accounts": ["account_…"]} or {"dryRun": true}';

/** The parameters of Lambda's `Invoke`. https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
const REQUEST_KEYS = ["FunctionName", "InvocationType", "Payload", "ClientContext", "LogType", "Qualifier"];

/** An event can name thousands of accounts, and every problem is logged. */
const MAX_PROBLEMS = 10;

/** What an event asks for. */
export interface EventRequest extends RunRequest {
  /** The step of a run of several invocations. Without it, one invocation does everything. */
  readonly step?: RunStep;
}

/**
 * Parses an invocation's event. Without `scheduledTime`, the slot is the current time, or the start of the execution whose step
 * it is. The body of every dead letter is a valid event, too.
 * @param configured the accounts of a run for which the event names none; if it is a list, the event may name no others
 * @param now milliseconds since 1970
 * @throws InputError `event_invalid` with every problem
 */
export function parseEvent(event: unknown, configured: RunRequest["accounts"], now: number): EventRequest {
  const fields = eventOfDeadLetter(event) ?? {};
  if (typeof fields !== "object" || Array.isArray(fields)) {
    throw new InputError("event_invalid", [`The event is not a JSON object. Expected ${EXAMPLES}.`]);
  }
  const { scheduledTime, accounts, dryRun, step: givenStep } = fields as Record<string, unknown>;
  const problems = Object.keys(fields)
    .filter((key) => !KEYS.includes(key))
    .map((key) => `The event's key ${describeValue(key)} is unknown. Expected ${EXAMPLES}.`);

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
  problems.push(...accountProblems(accounts, configured));
  const { step, problems: stepProblems = [] } = givenStep === undefined ? {} : parseStep(givenStep);
  problems.push(...stepProblems);
  if (problems.length > 0) throw new InputError("event_invalid", limited(problems));
  return {
    slot: slot ?? (step && parseSlot(step.startedAt)) ?? slotAt(now),
    trigger: slot === undefined ? "manual" : "schedule",
    dryRun: dryRun === true,
    accounts: accounts === undefined ? configured : [...new Set(accounts as string[])],
    ...(step !== undefined && { step }),
  };
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

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function limited(problems: readonly string[]): readonly string[] {
  const others = problems.length - MAX_PROBLEMS;
  return others <= 0 ? problems : [...problems.slice(0, MAX_PROBLEMS), `The event has ${others} more problems.`];
}

function accountProblems(accounts: unknown, configured: RunRequest["accounts"]): string[] {
  if (accounts === undefined) return [];
  if (!Array.isArray(accounts) || accounts.length === 0) {
    return [
      `The event's accounts is ${describeValue(accounts)}. Expected a list of account ids. Omit it to record all accounts.`,
    ];
  }
  return accounts.flatMap((id) => {
    if (typeof id !== "string" || !ACCOUNT_ID.test(id)) {
      return [
        `The event's accounts contain ${describeValue(id)}, which is not a valid account id. ` +
          "Expected ids such as account_af2937b0-9846-….",
      ];
    }
    const known = configured === "all" || configured.includes(id);
    return known ? [] : [`The event's accounts contain ${id}, which is not one of the configured accounts.`];
  });
}
