/** `npm run draw`: updates the architecture diagram in the README from the stack with its default configuration. */
import { readFileSync, writeFileSync } from "node:fs";
import { App } from "aws-cdk-lib";
import { readConfig } from "../infra/config/context.ts";
import { BalanceSnapshotsStack } from "../infra/stack.ts";

const README = new URL("../README.md", import.meta.url);
const PLACEHOLDER = /(<!-- drawn by npm run draw -->\n)[\s\S]*?(<!-- end -->)/;

interface Resource {
  readonly Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: CloudFormation's properties have no types.
  readonly Properties?: any;
}

/** Label of the box for each resource type, in drawing order. All resources of a type share one box. */
const BOXES: Readonly<Record<string, (resource: Resource, count: number) => string>> = {
  "AWS::Scheduler::Schedule": ({ Properties }) => `EventBridge Scheduler<br>${Properties.ScheduleExpression}`,
  "Custom::TestEvents": () => "Test events<br>of the Lambda console",
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

/** Arrows that follow from references: the type of the source, the properties that refer to the target, the label. */
const ARROWS: readonly (readonly [type: string, properties: readonly string[], label: string])[] = [
  ["AWS::Scheduler::Schedule", ["Target.Arn"], "invokes for each slot"],
  ["AWS::Scheduler::Schedule", ["Target.DeadLetterConfig"], "undeliverable events"],
  ["Custom::TestEvents", ["Create"], "manual run"],
  ["AWS::Lambda::Function", ["DeadLetterConfig"], "failed events"],
  ["AWS::CloudWatch::Alarm", ["AlarmActions"], "notify"],
  ["AWS::CloudWatch::Alarm", ["Dimensions", "Metrics"], "monitor"],
  ["AWS::CloudWatch::Dashboard", ["DashboardBody"], "shows"],
];

/** Types that are not drawn, because they are parts of a box or appear as arrows. */
const NOT_DRAWN = [
  "AWS::IAM::ManagedPolicy",
  "AWS::IAM::Policy",
  "AWS::IAM::Role",
  "AWS::KMS::Key",
  "AWS::Lambda::EventInvokeConfig",
  "AWS::Logs::QueryDefinition",
  "AWS::SQS::QueuePolicy",
  "AWS::SNS::TopicPolicy",
  "AWS::Scheduler::ScheduleGroup",
];

/** Returns the README with an up-to-date diagram. @throws Error if the README has no placeholder for it */
export function withDiagram(readme: string): string {
  const app = new App({
    // The validation rules take two seconds to load, and the diagram does not need them.
    builtinCloudFormationValidation: false,
    context: { "aws:cdk:bundling-stacks": [], balanceSnapshots: {} },
  });
  const { stackName } = new BalanceSnapshotsStack(app, readConfig(app.node));
  const diagram = drawArchitecture(app.synth().getStackByName(stackName).template);
  if (!PLACEHOLDER.test(readme)) throw new Error("The README has no placeholder for the diagram");
  return readme.replace(PLACEHOLDER, (_, start, end) => `${start}\n\`\`\`mermaid\n${diagram}\n\`\`\`\n\n${end}`);
}

/**
 * Draws the resources of a synthesized template and their references as a Mermaid flowchart.
 * @throws Error for a resource type that is in neither BOXES nor NOT_DRAWN
 */
export function drawArchitecture(template: { readonly Resources: Readonly<Record<string, Resource>> }): string {
  const all = Object.entries(template.Resources);
  for (const [id, { Type }] of all) {
    if (!(Type in BOXES) && !NOT_DRAWN.includes(Type))
      throw new Error(`${id}: add ${Type} to BOXES or NOT_DRAWN in tools/diagram.ts`);
  }
  // Skips the function that creates the test events on deployment, and its log group.
  const drawn = all.filter(([id, { Type }]) => Type in BOXES && !isDeploymentHelper(id, Type, all));
  const boxOf = new Map(drawn.map(([id, { Type }]) => [id, Type]));

  const boxes = Object.entries(BOXES).flatMap(([type, label]) => {
    const members = drawn.filter(([, { Type }]) => Type === type).map(([, resource]) => resource);
    return members[0] === undefined ? [] : [`  ${nodeName(type)}["${label(members[0], members.length)}"]`];
  });
  const arrow = (from: string, label: string, to: string) => `  ${nodeName(from)} -- ${label} --> ${nodeName(to)}`;
  const byReference = drawn.flatMap(([, { Type, Properties }]) =>
    ARROWS.filter(([type]) => type === Type).flatMap(([, paths, label]) =>
      paths
        .flatMap((path) => references(path.split(".").reduce((at, key) => at?.[key], Properties)))
        .flatMap((id) => boxOf.get(id) ?? [])
        .map((to) => arrow(Type, label, to)),
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
    "  Function -- GET balances --> Api",
  ].join("\n");
}

/** Returns `Queue` for `AWS::SQS::Queue`. */
const nodeName = (type: string): string => type.split("::").at(-1) ?? type;

/** Whether a resource is a function without environment variables, or the log group of one. */
function isDeploymentHelper(id: string, type: string, all: readonly (readonly [string, Resource])[]): boolean {
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

/** Returns the logical IDs that a value refers to. */
function references(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    if (key === "Ref") return [String(inner)];
    if (key === "Fn::GetAtt") return [String([inner].flat()[0])];
    return references(inner);
  });
}

if (import.meta.url === `file://${process.argv[1]}`) writeFileSync(README, withDiagram(readFileSync(README, "utf8")));
