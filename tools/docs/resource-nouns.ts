/** What docs/changes.md calls the types of resources. */

/** What the tables call the types that hold data, or have a name or an address that people use. */
const SHOWN: Readonly<Record<string, string>> = {
  "AWS::DynamoDB::GlobalTable": "table",
  "AWS::SecretsManager::Secret": "secret",
  "AWS::S3::Bucket": "bucket of heads",
  "AWS::Backup::BackupVault": "backup vault",
  "AWS::Backup::BackupPlan": "backup plan",
  "AWS::EC2::EIP": "IP address",
  "AWS::EC2::VPC": "VPC",
  "AWS::EC2::Subnet": "subnet",
  "AWS::EC2::NatGateway": "NAT gateway",
  "AWS::SQS::Queue": "dead-letter queue",
  "AWS::Logs::LogGroup": "log group",
  "AWS::Lambda::Function": "function",
  "AWS::CloudWatch::Alarm": "alarm",
  "AWS::CloudWatch::Dashboard": "dashboard",
  "AWS::SNS::Topic": "alarm topic",
  "AWS::SNS::Subscription": "subscription",
  "AWS::IAM::ManagedPolicy": "reader policy",
  "AWS::StepFunctions::StateMachine": "state machine",
  "Custom::TestEvents": "test events",
};

/** What the tables call other types that are kept. A policy is kept with its role, so it has no name of its own. */
const KEPT: Readonly<Record<string, string | readonly []>> = {
  "AWS::IAM::Role": "backup role",
  "AWS::IAM::Policy": [],
};

/** Types that hold nothing, and that only the stack itself uses. */
const NOT_SHOWN: readonly string[] = [
  "AWS::Backup::BackupSelection",
  "AWS::EC2::FlowLog",
  "AWS::EC2::InternetGateway",
  "AWS::EC2::Route",
  "AWS::EC2::RouteTable",
  "AWS::EC2::SecurityGroup",
  "AWS::EC2::SecurityGroupIngress",
  "AWS::EC2::SubnetRouteTableAssociation",
  "AWS::EC2::VPCEndpoint",
  "AWS::EC2::VPCGatewayAttachment",
  "AWS::IAM::Policy",
  "AWS::IAM::Role",
  // Encrypts alarm messages in transit.
  "AWS::KMS::Key",
  "AWS::Lambda::EventInvokeConfig",
  "AWS::Lambda::LayerVersion",
  "AWS::Logs::QueryDefinition",
  "AWS::S3::BucketPolicy",
  "AWS::SNS::TopicPolicy",
  "AWS::SQS::QueuePolicy",
  "AWS::Scheduler::Schedule",
  "AWS::Scheduler::ScheduleGroup",
];

/**
 * Returns what the tables call a type, or `undefined` if they do not show it.
 * @throws Error for a type about which nobody has decided yet whether the tables show it
 */
export function nounOf(type: string): string | undefined {
  const { [type]: noun } = SHOWN;
  if (noun === undefined && !NOT_SHOWN.includes(type))
    throw new Error(`Add ${type} to SHOWN or NOT_SHOWN in tools/docs/resource-nouns.ts`);
  return noun;
}

/**
 * Returns the names of the types that the tables show, each once, with their number.
 * @param includingParts whether to include other types: `backup role` for `AWS::IAM::Role`
 */
export function listOf(types: readonly string[], includingParts = false): string {
  const partOf = (type: string) =>
    includingParts ? (KEPT[type] ?? (type.split("::").at(-1) ?? type).toLowerCase()) : [];
  const nouns = types.flatMap((type) => nounOf(type) ?? partOf(type));
  const counted = [...new Set(nouns)].map((noun) => ({ noun, count: nouns.filter((other) => other === noun).length }));
  return counted.map(({ noun, count }) => (count === 1 || noun.endsWith("s") ? noun : `${count} ${noun}s`)).join(", ");
}
