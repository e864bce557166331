import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** A stack as its owner sees it: its outputs by name; `"denied"`: of one that the caller may not look at. */
export type StandInStack = Readonly<Record<string, string>> | "denied";

export interface StandInCloudFormation {
  /** For `AWS_ENDPOINT_URL_CLOUDFORMATION`. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Starts a stand-in for AWS CloudFormation on 127.0.0.1: DescribeStacks, in its query protocol.
 * Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStacks.html
 * @param region the one in which the stacks are
 */
export async function startCloudFormation(
  region: string,
  stacks: Readonly<Record<string, StandInStack>>,
): Promise<StandInCloudFormation> {
  const answer = async (request: IncomingMessage): Promise<{ status: number; body: string }> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const asked = new URLSearchParams(Buffer.concat(chunks).toString());
    const name = asked.get("StackName") ?? "";
    // The signature is for a region: `Credential=…/20261123/eu-central-1/cloudformation/aws4_request`.
    const signedFor = /Credential=[^/]+\/\d{8}\/([^/]+)\/cloudformation\//.exec(
      request.headers.authorization ?? "",
    )?.[1];
    if (asked.get("Action") !== "DescribeStacks") return failure(400, "InvalidAction", "Could not find operation");
    if (signedFor === undefined) return failure(403, "MissingAuthenticationToken", "Request is missing a token");
    const stack = signedFor === region ? stacks[name] : undefined;
    if (stack === undefined) return failure(400, "ValidationError", `Stack with id ${name} does not exist`);
    if (stack === "denied") {
      return failure(403, "AccessDenied", "User is not authorized to perform: cloudformation:DescribeStacks");
    }
    return { status: 200, body: described(name, stack) };
  };
  const server = createServer(async (request, response) => {
    const { status, body } = await answer(request);
    response.writeHead(status, { "content-type": "text/xml" }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

const NAMESPACE = 'xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"';

function described(name: string, outputs: Readonly<Record<string, string>>): string {
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
