import { Aws, CfnCondition, CfnOutput, Fn, Stack } from "aws-cdk-lib";
import { Construct } from "constructs";
import { OUTPUTS, outputName } from "../../core/names/outputs.ts";
import { isDefaultDeployment } from "../config/deployment-name.ts";

type OutputKey = keyof typeof OUTPUTS;

/** Outputs that only some configurations have. */
type OptionalKey = "stateMachineArn" | "anchorBucket" | "egressAddress";
/** Outputs of each API key. */
const API_KEY_OUTPUTS = ["secretId", "recordedAccounts", "putKeyCommand"] as const;
type ApiKeyOutput = (typeof API_KEY_OUTPUTS)[number];
type RequiredKey = Exclude<OutputKey, OptionalKey | ApiKeyOutput | "keys" | "invokeCommand">;

/** The values that the outputs show, except the commands. */
type OutputValues = Readonly<Record<RequiredKey, string> & Record<OptionalKey, string | undefined>>;

/** The values of an API key. */
export interface ApiKeyValues extends Readonly<Record<Exclude<ApiKeyOutput, "putKeyCommand">, string>> {
  /** `undefined`: the only key, which has no name. */
  readonly name: string | undefined;
}

/** What only the links into the AWS console use. */
type LinkValues = Readonly<Record<"dashboard" | "logGroupName", string>>;

const DESCRIPTIONS: Readonly<Record<OutputKey, string>> = {
  tableName: "DynamoDB table of the snapshots",
  functionName: "Lambda function that takes the snapshots",
  stateMachineArn: "State machine that runs the slots",
  secretId: "Secret that holds the CDP API key",
  keys: "Names of the API keys",
  deadLetterQueueUrl: "Queue of events that could not be processed",
  alarmTopic: "SNS topic of the alarms, or the reason for having no alarms",
  recordedAccounts: "Accounts that are recorded",
  apiBaseUrl: "Base URL of the CDP API",
  readerPolicyArn: "Managed policy for people who query the history with --table",
  anchorBucket: "S3 bucket that stores the chain heads",
  egressAddress: "IP address of requests to the API; add it to the key's IP allowlist",
  putKeyCommand: "Stores the key file from the CDP portal in the secret",
  invokeCommand: "Takes a snapshot now",
};

const DEFAULT_DOMAIN = "console.aws.amazon.com";
const DOMAIN_BY_PARTITION = {
  "aws-cn": "console.amazonaws.cn",
  "aws-us-gov": "console.amazonaws-us-gov.com",
};

/** Creates the outputs: names, the next commands, and links into the AWS console for any region and partition. */
export function createOutputs(
  scope: Construct,
  values: OutputValues,
  apiKeys: readonly ApiKeyValues[],
  { dashboard, logGroupName }: LinkValues,
): void {
  const { functionName, stateMachineArn, tableName } = values;
  const { region } = Stack.of(scope);
  const outputs = new Construct(scope, "Outputs");
  const names = apiKeys.flatMap(({ name }) => name ?? []);
  const common: Readonly<Record<Exclude<OutputKey, ApiKeyOutput>, string | undefined>> = {
    ...values,
    keys: names.length === 0 ? undefined : names.join(","),
    invokeCommand:
      stateMachineArn === undefined
        ? // Without --cli-read-timeout 0 the AWS CLI would invoke the function again after 60 seconds. It opens /dev/stdout
          // as a file that it truncates, so without the pipe it would overwrite a file to which the output is redirected.
          `aws lambda invoke --region ${region} --function-name ${functionName} --payload '{}' --cli-binary-format raw-in-base64-out --cli-read-timeout 0 /dev/stdout | cat`
        : `aws stepfunctions start-execution --region ${region} --state-machine-arn ${stateMachineArn} --input '{}'`,
  };
  const ofKeys = apiKeys.map((key) => ({
    name: key.name,
    values: { ...key, putKeyCommand: putKeyCommand(region, key) },
  }));
  for (const output of Object.keys(OUTPUTS) as OutputKey[]) {
    if (isOfKey(output)) {
      for (const { name, values } of ofKeys)
        createOutput(
          outputs,
          outputName(OUTPUTS[output], name),
          `${DESCRIPTIONS[output]}${ofKey(name)}`,
          values[output],
        );
    } else if (common[output] !== undefined) {
      createOutput(outputs, OUTPUTS[output], DESCRIPTIONS[output], common[output]);
    }
  }

  const links = new Construct(scope, "Links");
  const domain = consoleDomain(links);
  const link = (name: string, target: string, path: string) =>
    createOutput(links, name, `AWS console: ${target}`, `https://${Aws.REGION}.${domain}/${path}`);
  const cloudWatch = `cloudwatch/home?region=${Aws.REGION}`;
  link("DashboardLink", "dashboard", `${cloudWatch}#dashboards/dashboard/${dashboard}`);
  link("FunctionLink", "snapshot function", `lambda/home?region=${Aws.REGION}#/functions/${functionName}`);
  if (stateMachineArn !== undefined) {
    link(
      "StateMachineLink",
      "state machine",
      `states/home?region=${Aws.REGION}#/statemachines/view/${stateMachineArn}`,
    );
  }
  link("TableLink", "snapshot table", `dynamodbv2/home?region=${Aws.REGION}#item-explorer?table=${tableName}`);
  for (const { name, secretId } of apiKeys) {
    const target = `secret of the CDP API key${ofKey(name)}`;
    link(outputName("SecretLink", name), target, `secretsmanager/secret?name=${secretId}&region=${Aws.REGION}`);
  }
  // Slashes in the name would have to be encoded twice. Generated names have none.
  link("LogsLink", "log of the snapshot function", `${cloudWatch}#logsV2:log-groups/log-group/${logGroupName}`);
}

/** The portal names every key file the same. With several keys, the name in the command shows which one it needs. */
function putKeyCommand(region: string, { name, secretId }: ApiKeyValues): string {
  const file = name === undefined ? "cdp_api_key.json" : `cdp_api_key-${name}.json`;
  return `aws secretsmanager put-secret-value --region ${region} --secret-id ${secretId} --secret-string file://${file}`;
}

const isOfKey = (output: OutputKey): output is ApiKeyOutput => API_KEY_OUTPUTS.some((name) => name === output);

const ofKey = (name: string | undefined) => (name === undefined ? "" : ` (key ${name})`);

function createOutput(scope: Construct, name: string, description: string, value: string): void {
  const output = new CfnOutput(scope, name, { description, value });
  // The command line finds the outputs by these names.
  if (isDefaultDeployment(scope)) output.overrideLogicalId(name);
}

/** Not a mapping, because deploying to a partition that is not in the mapping would fail. */
function consoleDomain(scope: Construct): string {
  return Object.entries(DOMAIN_BY_PARTITION).reduce((otherwise, [partition, name]) => {
    const condition = new CfnCondition(scope, partition, { expression: Fn.conditionEquals(Aws.PARTITION, partition) });
    return Fn.conditionIf(condition.logicalId, name, otherwise).toString();
  }, DEFAULT_DOMAIN);
}
