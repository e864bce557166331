/**
 * The state machine of a run of many accounts, in the Amazon States Language with JSONata. ADR 28 explains it.
 * https://states-language.net/spec.html
 * https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
 */
import { LIMIT_WINDOW_MS, MAX_RUN_MS } from "../../core/domain/limits.ts";
import {
  ACCOUNTS_LEFT,
  firstSteps,
  INVALID_EVENT,
  isEvent,
  jsonata,
  LAST_STEP,
  WITH_ERROR,
  withStep,
} from "./expressions.ts";

/**
 * The window of the API's limit. Between two invocations it has to pass: the limiter of each knows only its own requests, and
 * they may run in different instances of the function.
 */
const LIMIT_WINDOW_SECONDS = LIMIT_WINDOW_MS / 1000;

/** The function's timeout. A run's invocations before the last one use all of it. */
export const FUNCTION_TIMEOUT_SECONDS = MAX_RUN_MS / 1000;

/**
 * A task is given up a minute after the function's timeout, if Lambda's answer is lost. At that time the invocation has ended, if
 * it began in the task's first minute, so a retry after this timeout does not run beside it.
 */
const TASK_TIMEOUT_SECONDS = FUNCTION_TIMEOUT_SECONDS + 60;

/** The pauses before the two retries of a failed invocation are a minute and two, as Lambda's for asynchronous events. */
const RETRY_PAUSE_SECONDS = 60;
const RETRIES = 2;
const RETRY_PAUSES_SECONDS = RETRY_PAUSE_SECONDS + 2 * RETRY_PAUSE_SECONDS;

/** The name of the function's error for an event or a configuration that is not valid. */
const INPUT_ERROR = "InputError";

const TASK_RETRY = [
  // What is not valid now is not valid in a retry.
  { ErrorEquals: [INPUT_ERROR], MaxAttempts: 0 },
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
    // The function may have run: a full jitter could start the next one within the API's window. It may still run, if only the
    // connection was lost. Then two invocations share the key's limit for a while, and the API refuses requests, which are retried.
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
 * function's answer is the next step, which is added to the execution's event. So only the tasks get the event's list of accounts.
 * If an invocation fails at every attempt, the other keys go on. The last step gets its error, takes what is missing, and fails if
 * anything is missing then. The last step is not caught, so that a redrive runs it again. An event that is not valid fails the
 * execution at once.
 */
export function definition({ keys, latenessSeconds }: DefinitionProps) {
  return {
    Comment:
      "Takes the snapshots of a slot: per API key, in as many invocations as it needs, then the run's last steps",
    QueryLanguage: "JSONata",
    TimeoutSeconds: executionTimeoutSeconds(latenessSeconds),
    StartAt: "Valid event?",
    States: {
      "Valid event?": {
        Type: "Choice",
        Choices: [{ Condition: isEvent(keys?.length ?? 1), Next: "Keys" }],
        Default: "Invalid event",
      },
      "Invalid event": { Type: "Fail", Error: INPUT_ERROR, Cause: INVALID_EVENT },
      Keys: {
        Type: "Map",
        Items: firstSteps(keys),
        ItemProcessor: {
          ProcessorConfig: { Mode: "INLINE" },
          StartAt: "Take snapshots",
          States: {
            "Take snapshots": {
              ...invocation("$states.input"),
              Catch: [
                { ErrorEquals: [INPUT_ERROR], Output: jsonata("$states.errorOutput"), Next: "Event refused" },
                { ErrorEquals: ["States.ALL"], Output: WITH_ERROR, Next: "Wait for the limit" },
              ],
              Next: "Wait for the limit",
            },
            "Wait for the limit": { Type: "Wait", Seconds: LIMIT_WINDOW_SECONDS, Next: "Accounts left?" },
            "Accounts left?": {
              Type: "Choice",
              Choices: [{ Condition: ACCOUNTS_LEFT, Next: "Take snapshots" }],
              Default: "Key taken",
            },
            "Key taken": { Type: "Succeed" },
            "Event refused": {
              Type: "Fail",
              Error: jsonata("$states.input.Error"),
              Cause: jsonata("$states.input.Cause"),
            },
          },
        },
        Next: "Finish",
      },
      Finish: { ...invocation(LAST_STEP), End: true },
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

/** A task that invokes the function with the execution's event and a step. Its output is the function's answer. */
function invocation(step: string) {
  return {
    Type: "Task",
    Resource: `arn:${substitution("Partition")}:states:::lambda:invoke`,
    Arguments: {
      FunctionName: substitution("FunctionArn"),
      Payload: withStep(step),
    },
    Output: jsonata("$states.result.Payload"),
    TimeoutSeconds: TASK_TIMEOUT_SECONDS,
    Retry: TASK_RETRY,
  };
}
