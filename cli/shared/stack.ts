import type { CloudFormationClientConfig } from "@aws-sdk/client-cloudformation";

// The AWS client is loaded on demand, because it would slow down the start of every command. Every function throws the errors
// of the AWS SDK.

/** Settings of a client, such as its time limits. */
export type ClientOptions = Pick<CloudFormationClientConfig, "maxAttempts" | "requestHandler">;

export interface DeployedStack {
  readonly name: string;
  readonly status: string;
  /** Output values by the names in `OUTPUTS`. */
  readonly outputs: ReadonlyMap<string, string>;
}

/** Describes the last deployment of a stack. */
export async function describeStack(name: string, options: ClientOptions = {}): Promise<DeployedStack> {
  const { CloudFormationClient, DescribeStacksCommand } = await import("@aws-sdk/client-cloudformation");
  const { Stacks } = await new CloudFormationClient(options).send(new DescribeStacksCommand({ StackName: name }));
  const { StackStatus = "unknown", Outputs = [] } = Stacks?.[0] ?? {};
  const outputs = new Map(Outputs.map(({ OutputKey = "", OutputValue = "" }) => [OutputKey, OutputValue]));
  return { name, status: StackStatus, outputs };
}
