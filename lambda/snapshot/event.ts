import { InputError } from "../../core/domain/errors.ts";
import type { RunStep } from "../../core/domain/run-step.ts";
import { parseSlot, slotAt } from "../../core/domain/slot.ts";
import { describeValue } from "../../core/domain/untrusted-text.ts";
import type { RunRequest } from "../../core/snapshot/run.ts";
import { type KeyAccounts, selectKeys } from "./event-keys.ts";
import { parseStep } from "./step.ts";
import { unwrapped } from "./target-request.ts";

const FIELDS = ["scheduledTime", "accounts", "dryRun", "key", "step"];

/** An event can name thousands of accounts, and every problem is logged. */
const MAX_PROBLEMS = 10;

/** What an event asks for. */
export interface ParsedEvent {
  /**
   * Independent of each other. At least one, except in a `take` step, which is for one key: the event may be for others, or the
   * configuration may no longer have it.
   */
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
 * whose step it is. Without `key`, the runs are those of all keys, or of the keys whose lists have the event's accounts. With a
 * `take` step, only the run of its key remains. The body of a dead letter is a valid event, too: Lambda's is the event itself,
 * EventBridge Scheduler's is a request to invoke the function or to start an execution.
 * @param configured the keys, at least one; `undefined`: unknown, so any name and any account may be one
 * @param now milliseconds since 1970
 * @throws InputError `event_invalid` with every problem
 */
export function parseEvent(event: unknown, configured: readonly KeyAccounts[] | undefined, now: number): ParsedEvent {
  const examples = examplesFor(configured);
  const { event: given, problem } = unwrapped(event);
  const fields = given ?? {};
  if (problem !== undefined || typeof fields !== "object" || Array.isArray(fields)) {
    throw new InputError("event_invalid", [`${problem ?? "The event is not a JSON object."} Expected ${examples}.`]);
  }
  const { scheduledTime, accounts, dryRun, key, step: givenStep } = fields as Record<string, unknown>;
  const problems = Object.keys(fields)
    .filter((name) => !FIELDS.includes(name))
    .map((name) => `The event's field ${describeValue(name)} is unknown. Expected ${examples}.`);

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
  const { step, problems: stepProblems = [] } = givenStep === undefined ? {} : parseStep(givenStep, now);
  problems.push(...stepProblems);
  const taken = step?.name === "take" ? step : undefined;
  // Without a configuration, any name can be right.
  const keys = selectKeys({ key: configured ? key : (key ?? taken?.key), accounts }, configured, problems);
  if (problems.length > 0) throw new InputError("event_invalid", limited(problems));
  const common = {
    slot: slot ?? (step && parseSlot(step.startedAt)) ?? slotAt(now),
    trigger: slot === undefined ? ("manual" as const) : ("schedule" as const),
    dryRun: dryRun === true,
  };
  const runs = keys
    .filter(({ key }) => taken === undefined || key === taken.key)
    .map(({ key, accounts }) => {
      const before = step?.name === "finish" ? step.taken.find((one) => one.key === key) : undefined;
      return { key, request: { ...common, accounts, ...(before && { taken: before }) } };
    });
  return { runs, ...(step && { step }) };
}

/** Returns events for a message. With several keys, they show how to name one. */
function examplesFor(configured: readonly KeyAccounts[] | undefined): string {
  const { key } = configured?.find((one) => one.key !== undefined) ?? {};
  const ofKey = key === undefined ? "" : `{"key": "${key}"}, `;
  return `{}, {"scheduledTime": "2026-11-23T10:00:00Z"}, ${ofKey}{"accounts": ["account_…"]} or {"dryRun": true}`;
}

function limited(problems: readonly string[]): readonly string[] {
  const others = problems.length - MAX_PROBLEMS;
  return others <= 0 ? problems : [...problems.slice(0, MAX_PROBLEMS), `The event has ${others} more problems.`];
}
