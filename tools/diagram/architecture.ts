/** The architecture as a Mermaid flowchart, drawn from a synthesized template: what stands there, and what refers to what. */

interface Resource {
  readonly Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: the template is CloudFormation's.
  readonly Properties?: any;
}

/** What is drawn, by type; several of a type are one box. In this order, which is that of the picture. */
const BOXES: Readonly<Record<string, (of: Resource, count: number) => string>> = {
  "AWS::Scheduler::Schedule": ({ Properties }) => `EventBridge Scheduler<br>${Properties.ScheduleExpression}`,
  "AWS::EventSchemas::Schema": () => "Test events<br>of the Lambda console",
  "AWS::Lambda::Function": ({ Properties }) =>
    `Lambda<br>${Properties.Runtime}, ${Properties.Architectures}, ${Properties.MemorySize} MB`,
  "AWS::SecretsManager::Secret": () => "Secrets Manager<br>CDP API key",
  "AWS::DynamoDB::GlobalTable": () => "DynamoDB<br>snapshots",
  "AWS::SQS::Queue": () => "SQS<br>dead letters",
  "AWS::Logs::LogGroup": () => "CloudWatch<br>logs and metrics",
  "AWS::CloudWatch::Alarm": (_, count) => `CloudWatch<br>${count} alarms`,
  "AWS::CloudWatch::Dashboard": () => "CloudWatch<br>dashboard",
  "AWS::SNS::Topic": () => "SNS<br>alarms",
};

/** Arrows by a reference: from a box's type, by which properties, and what it means. */
const ARROWS: readonly (readonly [type: string, properties: readonly string[], meaning: string])[] = [
  ["AWS::Scheduler::Schedule", ["Target.Arn"], "invokes for a slot"],
  ["AWS::Scheduler::Schedule", ["Target.DeadLetterConfig"], "could not deliver"],
  ["AWS::EventSchemas::Schema", ["SchemaName"], "by hand"],
  ["AWS::Lambda::Function", ["DeadLetterConfig"], "failed every time"],
  ["AWS::CloudWatch::Alarm", ["AlarmActions"], "tell"],
  ["AWS::CloudWatch::Alarm", ["Dimensions", "Metrics"], "watch"],
  ["AWS::CloudWatch::Dashboard", ["DashboardBody"], "shows"],
];

/** Not drawn: what a box consists of, and who may do what, which the arrows say. */
const PARTS = [
  "AWS::IAM::Policy",
  "AWS::IAM::Role",
  "AWS::KMS::Key",
  "AWS::Lambda::EventInvokeConfig",
  "AWS::Logs::QueryDefinition",
  "AWS::SQS::QueuePolicy",
  "AWS::SNS::TopicPolicy",
  "AWS::Scheduler::ScheduleGroup",
  "Custom::AWS",
];

/** @throws Error for a type of resource that is neither drawn nor left out on purpose */
export function drawArchitecture(template: { readonly Resources: Readonly<Record<string, Resource>> }): string {
  const all = Object.entries(template.Resources);
  for (const [id, { Type }] of all) {
    if (!(Type in BOXES) && !PARTS.includes(Type))
      throw new Error(`${id}: is a ${Type} drawn, or not? See architecture.ts`);
  }
  // One function takes the snapshots; another only makes the registry of test events on deployment, and its log.
  const drawn = all.filter(([id, { Type }]) => Type in BOXES && !isOfDeployment(id, Type, all));
  const boxOf = new Map(drawn.map(([id, { Type }]) => [id, Type]));

  const boxes = Object.entries(BOXES).flatMap(([type, label]) => {
    const members = drawn.filter(([, { Type }]) => Type === type).map(([, resource]) => resource);
    return members[0] === undefined ? [] : [`  ${nameOf(type)}["${label(members[0], members.length)}"]`];
  });
  const arrow = (from: string, meaning: string, to: string) => `  ${nameOf(from)} -- ${meaning} --> ${nameOf(to)}`;
  const byReference = drawn.flatMap(([, { Type, Properties }]) =>
    ARROWS.filter(([type]) => type === Type).flatMap(([, paths, meaning]) =>
      paths
        .flatMap((path) => references(path.split(".").reduce((at, key) => at?.[key], Properties)))
        .flatMap((id) => boxOf.get(id) ?? [])
        .map((to) => arrow(Type, meaning, to)),
    ),
  );
  const fn = drawn.find(([, { Type }]) => Type === "AWS::Lambda::Function");
  const byPermission = statementsOf(fn?.[1].Properties.Role["Fn::GetAtt"][0], all).flatMap(({ Action, Resource }) => {
    const actions = ([Action].flat() as string[]).map((action) => action.split(":")[1]);
    return references(Resource)
      .flatMap((id) => boxOf.get(id) ?? [])
      .filter((to) => to !== "AWS::SQS::Queue")
      .map((to) => arrow("AWS::Lambda::Function", actions.join(", "), to));
  });
  return [
    "flowchart LR",
    ...boxes,
    '  Api(["CDP API"])',
    ...new Set([...byReference, ...byPermission]),
    "  Function -- GET balances, page by page --> Api",
  ].join("\n");
}

/** `AWS::SQS::Queue` is called `Queue` in the picture. */
const nameOf = (type: string): string => type.split("::").at(-1) ?? type;

/** A function without environment, and whatever only it refers to. */
function isOfDeployment(id: string, type: string, all: readonly (readonly [string, Resource])[]): boolean {
  const isHelper = ({ Type, Properties }: Resource) =>
    Type === "AWS::Lambda::Function" && Properties.Environment === undefined;
  if (type === "AWS::Lambda::Function") return all.some(([other, resource]) => other === id && isHelper(resource));
  if (type !== "AWS::Logs::LogGroup") return false;
  return all.some(([, resource]) => isHelper(resource) && references(resource.Properties.LoggingConfig).includes(id));
}

function statementsOf(roleId: string, all: readonly (readonly [string, Resource])[]) {
  return all
    .filter(([, { Type, Properties }]) => Type === "AWS::IAM::Policy" && references(Properties.Roles).includes(roleId))
    .flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement as { Action: unknown; Resource: unknown }[]);
}

/** The logical ids that a value refers to. */
function references(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    if (key === "Ref") return [String(inner)];
    if (key === "Fn::GetAtt") return [String([inner].flat()[0])];
    return references(inner);
  });
}
