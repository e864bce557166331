import { createServer, type IncomingMessage } from "node:http";
import { closeServer, listenOnLoopback, readBody } from "../../local/loopback-server.ts";

/** The outputs of a stack by name, or `"denied"` if the caller has no permission to read the stack. */
export type StandInStack = Readonly<Record<string, string>> | "denied";

/** A running stand-in for CloudFormation. */
export interface StandInCloudFormation {
  /** The value of `AWS_ENDPOINT_URL_CLOUDFORMATION`. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Starts a stand-in for AWS CloudFormation on 127.0.0.1. It implements DescribeStacks.
 * Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStacks.html
 * @param region the region of the stacks; other regions have none
 */
export async function startCloudFormation(
  region: string,
  stacks: Readonly<Record<string, StandInStack>>,
): Promise<StandInCloudFormation> {
  const reply = async (request: IncomingMessage): Promise<{ status: number; body: string }> => {
    const parameters = new URLSearchParams((await readBody(request)).toString());
    const name = parameters.get("StackName") ?? "";
    // The signature contains the region: `Credential=…/20261123/eu-central-1/cloudformation/aws4_request`.
    const signedFor = /Credential=[^/]+\/\d{8}\/([^/]+)\/cloudformation\//.exec(
      request.headers.authorization ?? "",
    )?.[1];
    if (parameters.get("Action") !== "DescribeStacks") return failure(400, "InvalidAction", "Could not find operation");
    if (signedFor === undefined) return failure(403, "MissingAuthenticationToken", "Request is missing a token");
    const stack = signedFor === region ? stacks[name] : undefined;
    if (stack === undefined) return failure(400, "ValidationError", `Stack with id ${name} does not exist`);
    if (stack === "denied") {
      return failure(403, "AccessDenied", "User is not authorized to perform: cloudformation:DescribeStacks");
    }
    return { status: 200, body: describeStacksResponse(name, stack) };
  };
  const server = createServer(async (request, response) => {
    const { status, body } = await reply(request);
    response.writeHead(status, { "content-type": "text/xml" }).end(body);
  });
  return {
    url: await listenOnLoopback(server),
    close: () => closeServer(server),
  };
}

const NAMESPACE = 'xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"';

function describeStacksResponse(name: string, outputs: Readonly<Record<string, string>>): string {
  const members = Object.entries(outputs).map(
    ([key, value]) => `<member><OutputKey>${key}</OutputKey><OutputValue>${value}</OutputValue></member>`,
  );
  return (
    `<DescribeStacksResponse ${NAMESPACE}><DescribeStacksResult><Stacks><member><StackName>${name}</StackName>` +
    "<CreationTime>2026-11-01T10:00:00.000Z</CreationTime><StackStatus>CREATE_COMPLETE</StackStatus>" +
    `<Outputs>${members.join("")}</Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`
  );
}

function failure(status: number, code: string, message: string): { status: number; body: string } {
  const error = `<Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error>`;
  return { status, body: `<ErrorResponse ${NAMESPACE}>${error}<RequestId>0-1-2</RequestId></ErrorResponse>` };
}
