import { isObject } from "../../core/domain/json.ts";
import type { FinishStep, RunProgress, RunStep, TakeStep } from "../../core/domain/run-step.ts";
import { CLOCK_TOLERANCE_MS, isSlot, parseSlot } from "../../core/domain/slot.ts";
import { describeValue, jsonPath } from "../../core/domain/untrusted-text.ts";
import { ACCOUNT_ID } from "../../core/names/patterns.ts";

type Path = readonly PropertyKey[];
/** Returns what is wrong with a value. */
type Rule = (value: unknown, path: Path) => string[];

const where = (path: Path) => `The event's ${jsonPath(["step", ...path])}`;

/** A value for which a test holds. */
function value(expected: string, isValid: (value: unknown) => boolean): Rule {
  return (value, path) => (isValid(value) ? [] : [`${where(path)} is ${describeValue(value)}. Expected ${expected}.`]);
}

function text(expected: string, isValid: (text: string) => boolean = () => true): Rule {
  return value(expected, (value) => typeof value === "string" && isValid(value));
}

function optional(rule: Rule): Rule {
  return (value, path) => (value === undefined ? [] : rule(value, path));
}

/** An object with these fields and no others. */
function object(fields: Readonly<Record<string, Rule>>): Rule {
  const isAny = value("an object", isObject);
  return (value, path) => {
    if (!isObject(value)) return isAny(value, path);
    const unknown = Object.keys(value).filter((name) => !Object.hasOwn(fields, name));
    return [
      ...Object.entries(fields).flatMap(([name, rule]) => rule(value[name], [...path, name])),
      ...(unknown.length > 0
        ? [`${where(path)} has unknown keys: ${unknown.map((name) => describeValue(name)).join(", ")}. Remove them.`]
        : []),
    ];
  };
}

/** Applies further rules to a value that has no problems. */
function valid(rule: Rule, ...others: readonly Rule[]): Rule {
  return (value, path) => {
    const problems = rule(value, path);
    return problems.length > 0 ? problems : others.flatMap((other) => other(value, path));
  };
}

const count = value("a whole number from 0", (value) => Number.isSafeInteger(value) && (value as number) >= 0);
const accountId = text("an account id", (text) => ACCOUNT_ID.test(text));
const INSTANT = 'an instant in UTC such as "2026-11-23T10:00:00.000Z"';

const failedIds = valid(value("a list", Array.isArray), (value, path) => {
  return (value as unknown[]).flatMap((one, at) => accountId(one, [...path, at]));
});

const progress = valid(
  object({
    ...{ complete: count, alreadyComplete: count, failed: count, failedIds: optional(failedIds) },
    oldestCapturedAt: optional(text(INSTANT, isSlot)),
    ...{ pages: count, notices: count, warnings: count, keyFailures: count, durationMs: count },
  }),
  ofProgress('"failedIds" if accounts failed, at most as many', ({ failed, failedIds = [] }) => {
    return failed > 0 === failedIds.length > 0 && failedIds.length <= failed;
  }),
  ofProgress('"oldestCapturedAt" if accounts are complete, and only then', (progress) => {
    return progress.complete + progress.alreadyComplete > 0 === (progress.oldestCapturedAt !== undefined);
  }),
  ofProgress('at most as many "keyFailures" as "failed" accounts', ({ failed, keyFailures }) => keyFailures <= failed),
);

function countOf({ complete, alreadyComplete, failed }: RunProgress): number {
  return complete + alreadyComplete + failed;
}

/** A rule about the counts of a step together. */
function ofProgress(expected: string, isValid: (progress: RunProgress) => boolean): Rule {
  return value(expected, (value) => isValid(value as RunProgress));
}

const takeFields = {
  name: value('"take"', (value) => value === "take"),
  // The event's own key has the rules for names.
  key: optional(text("the name of a key")),
  startedAt: text(INSTANT, (text) => parseSlot(text) !== undefined),
  ...{ first: optional(accountId), after: optional(accountId), progress: optional(progress) },
};

/** A rule about the fields of a step together. */
function step(expected: string, isValid: (step: TakeStep) => boolean): Rule {
  return value(expected, (value) => isValid(value as TakeStep));
}

const begun = step('"first" and "progress" together, or neither', ({ first, progress }) => {
  return (first === undefined) === (progress === undefined);
});

/** The step of an invocation. Before the first account there is no progress. */
const take = valid(
  object(takeFields),
  begun,
  step('"after" and "progress" together, or neither', ({ after, progress }) => {
    return (after === undefined) === (progress === undefined);
  }),
);

/** The answer of the last invocation, or the step at which it failed. */
const taken = valid(
  object({ ...takeFields, error: optional(object({ Error: text("a text"), Cause: optional(text("a text")) })) }),
  // A key may have no account to take: the configuration can list for other keys what the API lists for it.
  step('"first" and "progress" together, or neither, except without accounts', ({ first, progress }) => {
    return first === undefined ? progress === undefined || countOf(progress) === 0 : progress !== undefined;
  }),
  step('"progress" beside "after"', ({ after, progress }) => after === undefined || progress !== undefined),
  step('no "error" after the last account', ({ error, after, progress }) => {
    return error === undefined || after !== undefined || progress === undefined;
  }),
);

const ofEachKey = valid(
  value("a list", Array.isArray),
  value("the last step of each key", (value) => (value as unknown[]).length > 0),
  (value, path) => (value as unknown[]).flatMap((one, at) => taken(one, [...path, at])),
  value("each key once", (value) => {
    const keys = (value as unknown[]).map((one) => (isObject(one) ? one["key"] : undefined));
    return new Set(keys).size === keys.length;
  }),
);

const finish = valid(
  object({ name: text("a text"), startedAt: takeFields.startedAt, taken: ofEachKey }),
  value('the same "startedAt" in each of its steps', (value) => {
    const { startedAt, taken } = value as FinishStep;
    return taken.every((one) => one.startedAt === startedAt);
  }),
);

/** A time that a clock of AWS may show now. */
function notInFuture(now: number): Rule {
  return value("an instant that is not in the future", (value) => {
    return Date.parse(String(value)) <= now + CLOCK_TOLERANCE_MS;
  });
}

/**
 * Parses the `step` of an event, which the state machine and earlier invocations have written.
 * @param now milliseconds since 1970
 * @returns the step, or every problem
 */
export function parseStep(
  given: unknown,
  now: number,
): { readonly step?: RunStep; readonly problems: readonly string[] } {
  const isFinish = isObject(given) && given["name"] === "finish";
  const rule = valid(isFinish ? finish : take, (value, path) => {
    return notInFuture(now)((value as RunStep).startedAt, [...path, "startedAt"]);
  });
  const problems = rule(given, []);
  return problems.length > 0 ? { problems } : { step: given as RunStep, problems };
}
