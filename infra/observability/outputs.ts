import { CfnOutput, Stack } from "aws-cdk-lib";
import { Construct } from "constructs";
import { OUTPUTS } from "../../core/names/outputs.ts";

type OutputKey = keyof typeof OUTPUTS;

/** Outputs that only some configurations have. */
type OptionalKey = "anchorBucket" | "egressAddress";
type RequiredKey = Exclude<OutputKey, OptionalKey | "putKeyCommand" | "invokeCommand">;

/** The values that the outputs show, except the commands. */
export type StackOutputsProps = Readonly<Record<RequiredKey, string> & Record<OptionalKey, string | undefined>>;

const DESCRIPTIONS: Readonly<Record<OutputKey, string>> = {
  tableName: "DynamoDB table of the snapshots",
  functionName: "Lambda function that takes the snapshots",
  secretId: "Secret that holds the CDP API key",
  deadLetterQueueUrl: "Queue of events that could not be processed",
  alarmTopic: "SNS topic of the alarms, or the reason for having no alarms",
  apiBaseUrl: "Base URL of the CDP API",
  anchorBucket: "S3 bucket that stores the chain heads",
  egressAddress: "IP address of requests to the API; add it to the key's IP allowlist",
  putKeyCommand: "Stores the key file from the CDP portal in the secret",
  invokeCommand: "Takes a snapshot now",
};

/** The stack's outputs, except the links into the AWS console. */
export class StackOutputs extends Construct {
  constructor(scope: Construct, id: string, props: StackOutputsProps) {
    super(scope, id);
    const { region } = Stack.of(this);
    const values: Readonly<Record<OutputKey, string | undefined>> = {
      ...props,
      putKeyCommand: `aws secretsmanager put-secret-value --region ${region} --secret-id ${props.secretId} --secret-string file://cdp_api_key.json`,
      // Without --cli-read-timeout 0 the AWS CLI would invoke the function again after 60 seconds.
      invokeCommand: `aws lambda invoke --region ${region} --function-name ${props.functionName} --payload '{}' --cli-binary-format raw-in-base64-out --cli-read-timeout 0 /dev/stdout`,
    };
    for (const key of Object.keys(OUTPUTS) as OutputKey[]) {
      const { [key]: value } = values;
      if (value === undefined) continue;
      new CfnOutput(this, OUTPUTS[key], { description: DESCRIPTIONS[key], value }).overrideLogicalId(OUTPUTS[key]);
    }
  }
}
