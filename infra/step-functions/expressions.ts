// The expressions of the state machine, in JSONata. https://docs.jsonata.org/overview

/**
 * What a state may get and return as JSON.
 * https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
 */
const MAX_STATE_BYTES = 256 * 1024;

/** What Lambda reports of an error, as JSON: its message is in the first characters. */
const MAX_ERROR_LENGTH = 50;
const MAX_CAUSE_LENGTH = 400;

/** More than the last answer and the error of a key take, even if each character of the error takes six bytes. */
const MAX_TAKEN_BYTES = 5_000;

/** More than the rest of the last step takes. */
const MAX_STEP_BYTES = 1_000;

/** Returns the largest event of an execution, in bytes: with it, the events of all steps fit the limit. */
const maxEventBytes = (keys: number) => MAX_STATE_BYTES - MAX_STEP_BYTES - keys * MAX_TAKEN_BYTES;

/** The size of the event as JSON. In the component of a URL, `%` and two digits stand for a byte, or else one character does. */
const EVENT_BYTES =
  '($component := $encodeUrlComponent($string($states.input)); $length($component) - 2 * ($count($split($component, "%")) - 1))';

/** Returns the condition for an event that the steps can get. The function checks what is in it. */
export function isEvent(keys: number): string {
  const max = `($type($states.input.key) = "string" ? ${maxEventBytes(1)} : ${maxEventBytes(keys)})`;
  return jsonata(`$type($states.input) = "object" and ${EVENT_BYTES} <= ${max}`);
}

export const INVALID_EVENT = jsonata(
  `$type($states.input) = "object" ? "The event is too large: it has " & ${EVENT_BYTES} & " bytes. ` +
    'Divide its accounts among several executions, or name their key in it." : ' +
    '"The event is not a JSON object. Expected {} or {\\"scheduledTime\\": \\"2026-11-23T10:00:00Z\\"}, for example."',
);

/**
 * Returns a list of the first step of each key, or of the key that the event names. The square brackets keep it a list if there is
 * one: the result of `$map` is a sequence, and JSONata replaces a sequence of one value by the value. The function refuses a name
 * that is not a text.
 */
export function firstSteps(keys: readonly string[] | undefined): string {
  const step = (key: string) => `{"name": "take", ${key}"startedAt": $states.context.Execution.StartTime}`;
  if (keys === undefined) return jsonata(`[${step("")}]`);
  return jsonata(
    `($keys := $type($states.input.key) = "string" ? [$states.input.key] : ${JSON.stringify(keys)}; ` +
      `[$map($keys, function($key) { ${step('"key": $key, ')} })])`,
  );
}

/** After an error, the last step takes the accounts that are left. */
export const ACCOUNTS_LEFT = jsonata("$exists($states.input.after) and $not($exists($states.input.error))");

export const LAST_STEP = '{"name": "finish", "startedAt": $states.context.Execution.StartTime, "taken": $states.input}';

export const WITH_ERROR = jsonata(
  `$merge([$states.input, {"error": {"Error": $substring($states.errorOutput.Error, 0, ${MAX_ERROR_LENGTH}), ` +
    `"Cause": $substring($states.errorOutput.Cause, 0, ${MAX_CAUSE_LENGTH})}}])`,
);

/** Returns the event of an invocation: that of the execution, and a step. */
export const withStep = (step: string) => jsonata(`$merge([$states.context.Execution.Input, {"step": ${step}}])`);

export function jsonata(expression: string): string {
  return `{% ${expression} %}`;
}
