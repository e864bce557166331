import { parseJson } from "../../core/domain/json.ts";

/** A request of EventBridge Scheduler to its target, which contains the event. */
interface TargetRequest {
  readonly what: string;
  readonly target: string;
  /** The parameter with the event. */
  readonly body: string;
  readonly others: readonly string[];
}

const REQUESTS: readonly TargetRequest[] = [
  {
    // https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
    what: "to invoke a function",
    target: "FunctionName",
    body: "Payload",
    others: ["InvocationType", "ClientContext", "LogType", "Qualifier"],
  },
  {
    // https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
    what: "to start an execution",
    target: "StateMachineArn",
    body: "Input",
    others: ["Name", "TraceHeader"],
  },
];

/**
 * Returns the event in the body of a dead letter; any other event as it is. Lambda's dead letter is the event. That of
 * EventBridge Scheduler is the request that it could not send. AWS publishes a sample for another target only, without a nested
 * document. So the event may be JSON in a string, or an object, and the names may begin with a small letter, as in the API of
 * Step Functions. The state machine adds its `step` to whatever it was started with.
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html#configuring-schedule-dlq-dead-letter-event
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
 * @returns `problem` if it is such a request, but does not contain an event
 */
export function unwrapped(event: unknown): { readonly event?: unknown; readonly problem?: string } {
  if (typeof event !== "object" || event === null) return { event };
  const { step, ...given } = event as { readonly step?: unknown };
  const parameters = new Map(Object.entries(given).map(([name, value]) => [capitalized(name), value]));
  // With any other parameter it is not such a request, and the caller rejects its fields.
  const request = REQUESTS.find(
    ({ target, body, others }) =>
      parameters.has(target) &&
      parameters.has(body) &&
      [...parameters.keys()].every((name) => [target, body, ...others].includes(name)),
  );
  if (request === undefined) return { event };
  const { what, body } = request;
  const value = parameters.get(body);
  const inside = typeof value === "string" ? parseJson(value) : value;
  // Nothing in a request would mean a snapshot of now, instead of the slot that was missed.
  if (typeof inside === "object" && inside !== null) {
    return { event: step === undefined || Array.isArray(inside) ? inside : { ...inside, step } };
  }
  return { problem: `The event is a request ${what}, but its ${body} is not a JSON object.` };
}

function capitalized(name: string): string {
  return name.replace(/^[a-z]/, (letter) => letter.toUpperCase());
}
