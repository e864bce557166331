/** The tables of docs/changes.md: what CloudFormation does when a configuration key changes, and when a stack ends. */
import { App } from "aws-cdk-lib";
import { readConfig } from "../../infra/config/context.ts";
import { BalanceSnapshotsStack } from "../../infra/stack.ts";
import { BASE, configurationsOf, type Flags, KEY_CHANGES } from "./key-changes.ts";
import {
  ACTIONS,
  type Action,
  type Change,
  changesBetween,
  type Identity,
  identityOf,
  isFixed,
  isKept,
  isSame,
  type Resource,
  type StackTemplate,
} from "./stack-changes.ts";

const PLACEHOLDER = /(<!-- computed by npm run docs -->\n)[\s\S]*?(<!-- end -->)/;

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

const IN_PLACE = "in place";

const VERBS: Readonly<Record<Action, (what: string) => string>> = {
  deletes: (what) => `**deletes** ${what}`,
  keeps: (what) => `**keeps** ${what} outside the stack`,
  swaps: (what) => `adds a new ${what}; **keeps** the old one outside the stack`,
  replaces: (what) => `**replaces** ${what}`,
  adds: (what) => `adds ${what}`,
  updates: () => IN_PLACE,
};

/** Returns the document with up-to-date tables. @throws Error if it has no placeholder for them */
export function withChanges(document: string): string {
  if (!PLACEHOLDER.test(document)) throw new Error("docs/changes.md has no placeholder for the tables");
  const tables = [keyTable(), stackTable()].join("\n\n");
  return document.replace(PLACEHOLDER, (_, start, end) => `${start}\n${tables}\n\n${end}`);
}

/** Returns the table of keys. Keys with the same effects share a row. */
function keyTable(): string {
  const rows = new Map<string, string[]>();
  for (const key of Object.keys(KEY_CHANGES) as (keyof typeof KEY_CHANGES)[]) {
    const { without, set, changed } = configurationsOf(key);
    const cells = [effect(without, set), changed === undefined ? "–" : effect(set, changed), effect(set, without)];
    const row = cells.every((cell) => cell === IN_PLACE || cell === "–") ? IN_PLACE : cells.join(" | ");
    rows.set(row, [...(rows.get(row) ?? []), `\`${key}\``]);
  }
  const harmless = rows.get(IN_PLACE) ?? [];
  rows.delete(IN_PLACE);
  const lines = [...rows].map(([row, names]) => `${names.join(", ")} | ${row}`);
  return `${table("key | set it | change it | remove it", lines)}\n\nAll other keys change the stack in place: ${harmless.join(", ")}.`;
}

/** Describes what a deployment of one configuration does to a stack with another. */
function effect(before: Flags, after: Flags): string {
  const from = synthesize(before);
  const to = synthesize(after);
  if (from.name !== to.name) return "creates **another stack**";
  const changes = changesBetween(from.template, to.template);
  const conflicts = changes.flatMap(({ conflict }) => conflict ?? []);
  if (conflicts.length > 0) return `**fails**: ${[...new Set(conflicts.map(describeConflict))].join("; ")}`;
  return describe(changes);
}

const describeConflict = ({ type, properties }: Identity): string =>
  `the new ${nounOf(type) ?? type} would have the ${properties.join(" and ")} of the old one`;

function describe(changes: readonly Change[]): string {
  const shown = changes.filter(
    ({ action, type }) => action === "keeps" || (action !== "updates" && nounOf(type) !== undefined),
  );
  if (shown.length === 0) return changes.length === 0 ? "nothing" : IN_PLACE;
  const listed = new Map(
    ACTIONS.map((action) => [
      action,
      listOf(
        shown.filter((change) => change.action === action).map(({ type }) => type),
        action === "keeps",
      ),
    ]),
  );
  // The same resources under other IDs are a replacement, too.
  if (listed.get("deletes") === listed.get("adds") && !listed.get("replaces")) {
    listed.set("replaces", listed.get("adds") ?? "");
    listed.delete("deletes");
    listed.delete("adds");
  }
  const parts = [...listed].flatMap(([action, what]) => (what === "" ? [] : [VERBS[action](what)]));
  const occupied = changes.flatMap((change) => change.occupied ?? []);
  if (occupied.length > 0) parts.push(`undoing this **fails**: ${occupied.map(describeTaken).join("; ")}`);
  return parts.join("; ");
}

/** Returns the table of what happens to the stack as a whole. */
function stackTable(): string {
  const resources = Object.values(synthesize({ ...BASE, stackName: "one" }).template.Resources);
  const kept = resources.filter(({ DeletionPolicy }) => isKept(DeletionPolicy));
  const deleted = resources.filter((resource) => !kept.includes(resource));
  // `RetainExceptOnCreate` does not retain these.
  const leftovers = resources.filter(({ DeletionPolicy }) => DeletionPolicy === "Retain");
  const beside = Object.values(synthesize({ ...BASE, stackName: "two" }).template.Resources);
  return table("step | what remains | what is lost", [
    `the first deployment fails and is rolled back | ${named(leftovers, true) || "nothing"} | everything else`,
    `\`cdk destroy\` | ${[named(kept, true), ...callsOf(resources)].join(", ")} | everything else: ${named(deleted)}`,
    `deploy again | what \`cdk destroy\` kept, outside the stack | the new stack starts without history, key and backups; ${collisions(kept, resources)}`,
    `deploy another \`stage\` or \`stackName\` | the first stack, unchanged | nothing; the second stack starts without history, key and backups; ${collisions(resources, beside)}`,
  ]);
}

const named = (resources: readonly Resource[], includingParts = false): string =>
  listOf(
    resources.map(({ Type }) => Type),
    includingParts,
  );

/** Describes the names that both existing and new resources would have. */
function collisions(existing: readonly Resource[], made: readonly Resource[]): string {
  const taken = existing.flatMap((resource) => identityOf(resource) ?? []).filter(isFixed);
  const both = made
    .flatMap((resource) => identityOf(resource) ?? [])
    .filter((one) => taken.some((other) => isSame(one, other)));
  if (both.length === 0) return "no name is taken";
  return `**fails**: ${both.map(describeTaken).join("; ")}`;
}

const describeTaken = ({ type }: Identity): string => `a ${nounOf(type) ?? type} of that name exists`;

/** Returns what the calls of custom resources created that no call deletes. */
function callsOf(resources: readonly Resource[]): string[] {
  const calls = resources.flatMap(({ Type, Properties = {} }) =>
    Type === "Custom::TestEvents" && Properties["Delete"] === undefined
      ? [...JSON.stringify(Properties["Create"]).matchAll(/action\W+(\w+)/g)].map(([, action]) => `\`${action}\``)
      : [],
  );
  return calls.length === 0 ? [] : [`what ${[...new Set(calls)].join(" and ")} created`];
}

/**
 * Returns the names of the types that the tables show, each once, with their number.
 * @param includingParts whether to include other types: `backup role` for `AWS::IAM::Role`
 */
function listOf(types: readonly string[], includingParts = false): string {
  const partOf = (type: string) =>
    includingParts ? (KEPT[type] ?? (type.split("::").at(-1) ?? type).toLowerCase()) : [];
  const nouns = types.flatMap((type) => nounOf(type) ?? partOf(type));
  const counted = [...new Set(nouns)].map((noun) => ({ noun, count: nouns.filter((other) => other === noun).length }));
  return counted.map(({ noun, count }) => (count === 1 || noun.endsWith("s") ? noun : `${count} ${noun}s`)).join(", ");
}

/** @throws Error for a type about which nobody has decided yet whether the tables show it */
function nounOf(type: string): string | undefined {
  const { [type]: noun } = SHOWN;
  if (noun === undefined && !NOT_SHOWN.includes(type))
    throw new Error(`Add ${type} to SHOWN or NOT_SHOWN in tools/docs/changes-page.ts`);
  return noun;
}

const table = (head: string, rows: readonly string[]): string =>
  [head, head.replaceAll(/[^|]+/g, " --- ").trim(), ...rows].map((row) => `| ${row.trim()} |`).join("\n");

const synthesized = new Map<string, { name: string; template: StackTemplate }>();

function synthesize(flags: Flags): { name: string; template: StackTemplate } {
  const key = JSON.stringify(flags);
  const found = synthesized.get(key);
  if (found !== undefined) return found;
  const app = new App({
    // The validation rules take seconds to load, and so do the bundles. Neither changes what the tables show.
    builtinCloudFormationValidation: false,
    context: { "aws:cdk:bundling-stacks": [], balanceSnapshots: flags },
  });
  const { stackName } = new BalanceSnapshotsStack(app, readConfig(app.node));
  const made = { name: stackName, template: app.synth().getStackByName(stackName).template as StackTemplate };
  synthesized.set(key, made);
  return made;
}
