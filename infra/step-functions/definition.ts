import { LIMIT_WINDOW_MS, MAX_RUN_MS } from "../../core/domain/limits.ts";

/**
 * The state machine of a run of many accounts, in the Amazon States Language with JSONata. ADR 28 explains it.
 * https://states-language.net/spec.html
 * https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
 */

/**
 * The window of the API's limit. Between two invocations it has to pass: the limiter of each knows only its own requests, and
 * they may run in different instances of the function.
 */
const LIMIT_WINDOW_SECONDS = LIMIT_WINDOW_MS / 1000;

/** The function's timeout. A run's invocations before the last one use all of it. */
export const FUNCTION_TIMEOUT_SECONDS = MAX_RUN_MS / 1000;

/**
 * A task is given up a minute after the function's timeout, if Lambda's answer is lost. At that time the invocation has ended,
 * so a retry never runs beside it.
 */
const TASK_TIMEOUT_SECONDS = FUNCTION_TIMEOUT_SECONDS + 60;

/** The pauses before the two retries of a failed invocation are a minute and two, as Lambda's for asynchronous events. */
const RETRY_PAUSE_SECONDS = 60;
const RETRIES = 2;
const RETRY_PAUSES_SECONDS = RETRY_PAUSE_SECONDS + 2 * RETRY_PAUSE_SECONDS;

/** With 20 keys, their errors take at most 240 KB even if each character takes six bytes; a state may have 256 KiB. */
const MAX_CAUSE_LENGTH = 2_000;

const TASK_RETRY = [
  {
    // Nothing has run, so a retry may begin at any time: executions that are throttled together spread out.
    ErrorEquals: ["Lambda.TooManyRequestsException"],
    IntervalSeconds: 2,
    BackoffRate: 2,
    MaxAttempts: 20,
    MaxDelaySeconds: 60,
    JitterStrategy: "FULL",
  },
  {
    // The function may have run. A full jitter could start the next one within the API's window.
    // https://docs.aws.amazon.com/step-functions/latest/dg/bp-lambda-serviceexception.html
    ErrorEquals: [
      "Lambda.ServiceException",
      "Lambda.AWSLambdaException",
      "Lambda.SdkClientException",
      "Lambda.ClientExecutionTimeoutException",
    ],
    IntervalSeconds: LIMIT_WINDOW_SECONDS,
    BackoffRate: 2,
    MaxAttempts: 5,
    MaxDelaySeconds: 60,
    JitterStrategy: "NONE",
  },
  {
    // The function threw, was killed, or used up its time.
    ErrorEquals: ["States.ALL"],
    IntervalSeconds: RETRY_PAUSE_SECONDS,
    BackoffRate: 2,
    MaxAttempts: RETRIES,
    MaxDelaySeconds: 2 * RETRY_PAUSE_SECONDS,
    JitterStrategy: "NONE",
  },
] as const;

/** What the definition does not know: the ARN of the function, and the partition of AWS. */
export type Substitutions = Readonly<Record<"FunctionArn" | "Partition", string>>;

const substitution = (name: keyof Substitutions) => `\${${name}}`;

export interface DefinitionProps {
  /** The names of the API keys. `undefined`: there is one key, which has no name. */
  readonly keys: readonly string[] | undefined;
  /** The longest time after which a slot is refused, among those of the keys. */
  readonly latenessSeconds: number;
}

/**
 * Returns the definition. CloudFormation replaces its substitutions.
 *
 * The events are those of the function. Each iteration takes the snapshots of a key, in as many invocations as it needs: the
 * function's answer is the next event. An error at every attempt does not stop the others: it is part of what the last step
 * gets, which takes what is missing, and fails if anything is missing then. It is not caught, so that a redrive runs it again.
 */
export function definition({ keys, latenessSeconds }: DefinitionProps) {
  return {
    Comment:
      "Takes the snapshots of a slot: per API key, in as many invocations as it needs, then the run's last steps",
    QueryLanguage: "JSONata",
    TimeoutSeconds: executionTimeoutSeconds(latenessSeconds),
    StartAt: "Keys",
    States: {
      Keys: {
        Type: "Map",
        Items: firstEvents(keys),
        ItemProcessor: {
          ProcessorConfig: { Mode: "INLINE" },
          StartAt: "Take snapshots",
          States: {
            "Take snapshots": {
              ...invocation("$states.input"),
              Catch: [{ ErrorEquals: ["States.ALL"], Output: WITH_ERROR, Next: "Wait for the limit" }],
              Next: "Wait for the limit",
            },
            "Wait for the limit": { Type: "Wait", Seconds: LIMIT_WINDOW_SECONDS, Next: "Accounts left?" },
            "Accounts left?": {
              Type: "Choice",
              Choices: [{ Condition: ACCOUNTS_LEFT, Next: "Take snapshots" }],
              Default: "Key taken",
            },
            // Without the event, which may list thousands of accounts: the answers of all keys are one state's input.
            "Key taken": {
              Type: "Pass",
              Output: jsonata('{"key": $states.input.key, "step": $states.input.step}'),
              End: true,
            },
          },
        },
        Next: "Finish",
      },
      Finish: { ...invocation(LAST_EVENT), End: true },
    },
  };
}

/**
 * Returns after how long an execution is stopped. A slot is refused after the lateness limit; what remains is the invocation in
 * progress, and every attempt of the last step, which records why accounts have no snapshot.
 */
export function executionTimeoutSeconds(latenessSeconds: number): number {
  return latenessSeconds + (2 + RETRIES) * TASK_TIMEOUT_SECONDS + RETRY_PAUSES_SECONDS;
}

/**
 * A list of one event per key. The square brackets keep it a list if there is one: the result of `$map` is a sequence, and
 * JSONata replaces a sequence of one value by the value.
 */
function firstEvents(keys: readonly string[] | undefined): string {
  const step = '{"name": "take", "startedAt": $states.context.Execution.StartTime}';
  if (keys === undefined) return jsonata(`[$merge([$states.input, {"step": ${step}}])]`);
  return jsonata(
    `($keys := $exists($states.input.key) ? [$states.input.key] : ${JSON.stringify(keys)}; ` +
      `[$map($keys, function($key) { $merge([$states.input, {"key": $key, "step": ${step}}]) })])`,
  );
}

/** After an error, the last step takes them. */
const ACCOUNTS_LEFT = jsonata("$exists($states.input.step.after) and $not($exists($states.input.step.error))");

const LAST_EVENT =
  "$merge([$states.context.Execution.Input, " +
  '{"step": {"name": "finish", "startedAt": $states.context.Execution.StartTime, "taken": $states.input}}])';

const WITH_ERROR = jsonata(
  '$merge([$states.input, {"step": $merge([$states.input.step, {"error": {"Error": $states.errorOutput.Error, ' +
    `"Cause": $substring($states.errorOutput.Cause, 0, ${MAX_CAUSE_LENGTH})}}])}])`,
);

/** A task that invokes the function. Its output is the function's answer. */
function invocation(event: string) {
  return {
    Type: "Task",
    Resource: `arn:${substitution("Partition")}:states:::lambda:invoke`,
    Arguments: { FunctionName: substitution("FunctionArn"), Payload: jsonata(event) },
    Output: jsonata("$states.result.Payload"),
    TimeoutSeconds: TASK_TIMEOUT_SECONDS,
    Retry: TASK_RETRY,
  };
}

function jsonata(expression: string): string {
  return `{% ${expression} %}`;
}
