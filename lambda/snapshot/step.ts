import * as z from "zod/mini";
import type { $ZodIssue } from "zod/v4/core";
import type { RunStep } from "../../core/domain/run-step.ts";
import { isSlot, parseSlot } from "../../core/domain/slot.ts";
import { describeValue, jsonPath } from "../../core/domain/untrusted-text.ts";
import { ACCOUNT_ID, KEY_NAME } from "../../core/names/patterns.ts";

const expected = (what: string) => ({ error: `Expected ${what}.` });
const object = expected("an object");

const count = z.int(expected("a whole number")).check(z.nonnegative(expected("a number from 0")));
const accountId = z.string(expected("an account id")).check(z.regex(ACCOUNT_ID, expected("an account id")));
const INSTANT = expected('an instant in UTC such as "2026-11-23T10:00:00.000Z"');
const instant = z.string(INSTANT).check(z.refine((text) => parseSlot(text) !== undefined, INSTANT));
const slot = z.string(INSTANT).check(z.refine(isSlot, INSTANT));
const keyName = z.string(expected("the name of a key")).check(z.regex(KEY_NAME, expected("the name of a key")));

const progress = z.strictObject(
  {
    ...{ complete: count, alreadyComplete: count, failed: count, firstFailed: z.optional(accountId) },
    oldestCapturedAt: z.optional(slot),
    ...{ pages: count, notices: count, warnings: count, keyFailures: count, durationMs: count },
  },
  object,
);

const takeFields = {
  name: z.literal("take", expected('"take"')),
  startedAt: instant,
  after: z.optional(accountId),
  progress: z.optional(progress),
};

const COUNTED = 'Expected both "after" and "progress", or neither.';

/** The step of an invocation. Before the first account there is no progress. */
const take = z
  .strictObject(takeFields, object)
  .check(z.refine((step) => (step.after === undefined) === (step.progress === undefined), { error: COUNTED }));

const taskError = z.strictObject(
  { Error: z.string(expected("a text")), Cause: z.optional(z.string(expected("a text"))) },
  object,
);

/** The answer of the last invocation, or the step at which it failed. */
const taken = z.strictObject({ ...takeFields, error: z.optional(taskError) }, object).check(
  z.refine((step) => step.after === undefined || step.progress !== undefined, { error: COUNTED }),
  z.refine((step) => step.error === undefined || step.after !== undefined || step.progress === undefined, {
    error: 'Expected no "error" after the last account.',
  }),
);

const finish = z.strictObject(
  {
    name: z.literal("finish"),
    startedAt: instant,
    taken: z.array(z.strictObject({ key: z.optional(keyName), step: taken }, object), expected("a list")).check(
      z.minLength(1, expected("the last step of each key")),
      z.refine((all) => new Set(all.map(({ key }) => key)).size === all.length, expected("each key once")),
    ),
  },
  object,
);

/**
 * Parses the `step` of an event, which the state machine and earlier invocations have written.
 * @returns the step, or every problem
 */
export function parseStep(given: unknown): { readonly step?: RunStep; readonly problems: readonly string[] } {
  const isFinish = typeof given === "object" && given !== null && "name" in given && given.name === "finish";
  const { data, error } = z.safeParse(isFinish ? finish : take, given, { reportInput: true });
  return error === undefined ? { step: data as RunStep, problems: [] } : { problems: error.issues.map(problemOf) };
}

function problemOf(issue: $ZodIssue): string {
  const where = `The event's ${jsonPath(["step", ...issue.path])}`;
  if (issue.code === "unrecognized_keys") {
    const names = issue.keys.map((name) => describeValue(name)).join(", ");
    return `${where} has unknown keys: ${names}. Remove them.`;
  }
  return `${where} is ${describeValue(issue.input)}. ${issue.message}`;
}
