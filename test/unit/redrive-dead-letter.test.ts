import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "../support/jest.ts";
import { newFolder } from "../support/new-folder.ts";

// The procedure of docs/runbook.md, run by bash with a stand-in for the AWS CLI.

const runbook = readFileSync(new URL("../../docs/runbook.md", import.meta.url), "utf8");
const blocksOf = (text: string) => [...text.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(([, block = ""]) => block);
const [start = ""] = blocksOf(runbook);
const procedure = blocksOf(runbook.split("\n## Redrive a dead letter\n")[1]?.split("\n## ")[0] ?? "");

const MACHINE = "arn:aws:states:eu-west-1:123456789012:stateMachine:Executions";
const EVENT = { scheduledTime: "2026-11-23T10:00:00Z", key: "emea" };
const COMPLETE = '{"slot":"2026-11-23T10:00:00.000Z","accounts":{"complete":3,"alreadyComplete":0,"failed":0}}';
const FAILED = '{"errorType":"RunFailedError","errorMessage":"1 of 3 accounts failed"}';

/** The stand-in: records each call, except those for outputs, and answers from variables. */
const AWS = `
aws() {
  case "$1 $2" in
    "cloudformation describe-stacks")
      case "$*" in *StateMachineArn*) printf %s "$AWS_MACHINE" ;; *) echo name ;; esac ;;
    *)
      printf '%s\\0' "$*" >> "$AWS_FOLDER/calls"
      case "$1 $2" in
        "sqs receive-message") printf '%s\\n' "$AWS_MESSAGE" ;;
        "lambda invoke") printf %s "$AWS_RESULT" ;;
        "stepfunctions start-execution") [ -n "$AWS_STATUSES" ] && echo EXECUTION ;;
        "stepfunctions describe-execution")
          LEFT=$(cat "$AWS_FOLDER/statuses" 2> /dev/null || echo "$AWS_STATUSES")
          echo "\${LEFT#* }" > "$AWS_FOLDER/statuses"; echo "\${LEFT%% *}" ;;
      esac ;;
  esac
}
sleep() { :; }
`;

interface Answers {
  readonly body?: unknown;
  /** The queue cannot be read. */
  readonly isDenied?: true;
  /** The function's answer. */
  readonly result?: string;
  /** What the execution's status is, one after the other. Without it, there is no state machine. */
  readonly statuses?: string;
}

/** Returns the calls of the AWS CLI that the procedure makes after it received the message. */
function callsFor({ body, isDenied, result = "", statuses }: Answers): string[] {
  const folder = newFolder();
  const { status } = spawnSync("bash", ["-c", [AWS, start, ...procedure].join("\n")], {
    encoding: "utf8",
    env: {
      ...process.env,
      AWS_FOLDER: folder,
      AWS_MACHINE: statuses === undefined ? "" : MACHINE,
      // How --output text prints a list, and nothing.
      AWS_MESSAGE: body === undefined ? (isDenied ? "" : "None") : `RECEIPT\t${textOf(body)}`,
      AWS_RESULT: result,
      AWS_STATUSES: statuses ?? "",
    },
  });
  const [received, ...calls] = readFileSync(join(folder, "calls"), "utf8").split("\0").slice(0, -1);
  expect([status, received]).toEqual([0, expect.stringMatching(/^sqs receive-message .*--visibility-timeout 43200/)]);
  return calls;
}

const textOf = (body: unknown) => (typeof body === "string" ? body : JSON.stringify(body));
const escaped = (text: string) => text.replaceAll(/[\\{}[\].?*+]/g, "\\$&");
const invoked = (body: unknown) =>
  expect.stringMatching(new RegExp(`^lambda invoke .*--payload ${escaped(textOf(body))} --`));
const started = (body: unknown) =>
  expect.stringMatching(
    new RegExp(`^stepfunctions start-execution --state-machine-arn ${MACHINE} --input ${escaped(textOf(body))} --`),
  );
const followed = expect.stringMatching(/^stepfunctions describe-execution --execution-arn EXECUTION /);
const deleted = "sqs delete-message --queue-url name --receipt-handle RECEIPT";
const returned = "sqs change-message-visibility --queue-url name --receipt-handle RECEIPT --visibility-timeout 0";

// test/e2e/state-machine.test.ts and test/unit/lambda have what the state machine and the function do with these bodies.
const LETTERS: readonly [string, unknown][] = [
  ["Lambda", EVENT],
  ["Lambda, on several lines", JSON.stringify(EVENT, null, "\t")],
  ["EventBridge Scheduler, with text", { FunctionName: "f", Payload: JSON.stringify(EVENT) }],
  ["EventBridge Scheduler, with an object", { StateMachineArn: MACHINE, Input: EVENT }],
];

describe("the procedure for a dead letter", () => {
  it.each(LETTERS)("invokes the function with the body of a message of %s, and deletes the message", (_, body) => {
    expect(callsFor({ body, result: COMPLETE })).toEqual([invoked(body), deleted]);
  });

  it.each([
    ["failed", FAILED],
    ["did not start", ""],
  ])("returns the message to the queue if the run %s", (_, result) => {
    expect(callsFor({ body: EVENT, result })).toEqual([invoked(EVENT), returned]);
  });

  it.each(LETTERS)(
    "starts an execution with the body of a message of %s, and deletes the message when it has succeeded",
    (_, body) => {
      expect(callsFor({ body, statuses: "RUNNING RUNNING SUCCEEDED" })).toEqual([
        ...[started(body), followed, followed, followed, deleted],
      ]);
    },
  );

  it.each(["FAILED", "TIMED_OUT", "ABORTED"])("returns the message to the queue if the execution is %s", (status) => {
    expect(callsFor({ body: EVENT, statuses: `RUNNING ${status}` })).toEqual([
      ...[started(EVENT), followed, followed, returned],
    ]);
  });

  it("returns the message to the queue if no execution started", () => {
    expect(callsFor({ body: "<html>", statuses: "" })).toEqual([started("<html>"), returned]);
  });

  it.each<[string, Answers]>([
    ["if the queue cannot be read", { isDenied: true }],
    ["without a message", { statuses: "SUCCEEDED" }],
  ])("does nothing %s", (_, answers) => {
    expect(callsFor(answers)).toEqual([]);
  });
});
