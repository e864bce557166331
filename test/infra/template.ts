import assert from "node:assert/strict";
import type { Template } from "aws-cdk-lib/assertions";
import { ENV } from "../../core/names/environment.ts";
import { type Conditions, evaluate } from "./intrinsics.ts";

/** A policy statement in a template. */
export interface Statement {
  Effect: string;
  Action: string | string[];
  Resource: unknown;
  Condition?: unknown;
}

/** A resource in a template. */
export interface Resource {
  readonly Type: string;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

/** Returns all resources by logical ID. */
export const resourcesOf = (template: Template): [string, Resource][] =>
  Object.entries(template.toJSON()["Resources"] as Record<string, Resource>);

/** Returns the logical ID of the single resource of a type whose ID or JSON contains `having`. */
export function only(template: Template, type: string, having = ""): string {
  const ids = Object.entries(template.findResources(type))
    .filter(([id, resource]) => `${id} ${JSON.stringify(resource)}`.includes(having))
    .map(([id]) => id);
  assert.equal(ids.length, 1, `${type} with "${having}": ${ids.join(", ") || "none"}`);
  return ids[0] ?? "";
}

/** Returns the properties of the single resource of a type whose ID or JSON contains `having`. */
export function propertiesOf(template: Template, type: string, having = "") {
  const id = only(template, type, having);
  const { [id]: resource } = template.findResources(type);
  return resource?.["Properties"];
}

/** Returns the literal names in a template, which must be unique in an AWS account and region. */
export function fixedNames(template: Template): string[] {
  // Need not be unique: metrics, policies within their role, AWS services, and the registry that all functions share.
  const others = ["MetricName", "PolicyName", "RegistryName", "ServiceName"];
  return resourcesOf(template).flatMap(([, { Type, Properties = {} }]) =>
    Object.entries(Properties)
      .filter(([key, value]) => /Name$/.test(key) && !others.includes(key) && typeof value === "string")
      .map(([key, value]) => `${Type} ${key} ${value}`),
  );
}

/** Returns the logical ID of the snapshot function. */
export const functionId = (template: Template): string => only(template, "AWS::Lambda::Function", ENV.tableName);

export const functionProperties = (template: Template) =>
  propertiesOf(template, "AWS::Lambda::Function", ENV.tableName);

export const environmentOf = (template: Template): Record<string, unknown> =>
  functionProperties(template).Environment.Variables;

/** Returns every statement of a role, and checks that it has no managed or inline policies. */
export function statementsOf(template: Template, roleId: string): Statement[] {
  const { [roleId]: role } = template.findResources("AWS::IAM::Role");
  assert(role?.["Properties"], `${roleId} is not a role`);
  for (const name of ["ManagedPolicyArns", "Policies"]) assert(!(name in role["Properties"]), `${roleId} has ${name}`);
  return Object.values(template.findResources("AWS::IAM::Policy"))
    .filter(({ Properties }) => JSON.stringify(Properties.Roles).includes(`"${roleId}"`))
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
}

/** Returns the logical ID of the snapshot function's role. */
export const functionRoleId = (template: Template): string => functionProperties(template).Role["Fn::GetAtt"][0];

/** Returns the logical ID of the snapshot schedule's role. */
export const scheduleRoleId = (template: Template): string =>
  propertiesOf(template, "AWS::Scheduler::Schedule", "scheduledTime").Target.RoleArn["Fn::GetAtt"][0];

/** `Fn::Join` with an empty delimiter. */
export const join = (parts: unknown[]) => ({ "Fn::Join": ["", parts] });

/** `Fn::GetAtt`. */
export const attribute = (id: string, name = "Arn") => ({ "Fn::GetAtt": [id, name] });

/** A reference to a pseudo parameter. */
export const pseudo = (name: "Region" | "AccountId" | "Partition" | "URLSuffix") => ({ Ref: `AWS::${name}` });

/** A statement that allows actions. */
export const allow = (Action: string | readonly string[], Resource: unknown) => ({ Effect: "Allow", Action, Resource });

/** A statement that denies every action of a service to callers without TLS. */
export const denyPlainHttp = (service: string, resource: unknown) => ({
  Effect: "Deny",
  Principal: { AWS: "*" },
  Action: `${service}:*`,
  Resource: resource,
  Condition: { Bool: { "aws:SecureTransport": "false" } },
});

/** A widget of a dashboard. */
interface Widget {
  readonly properties: {
    readonly title: string;
    readonly alarms?: readonly string[];
    readonly metrics?: readonly (readonly (string | { readonly label?: string; readonly expression?: string })[])[];
    readonly annotations?: { readonly horizontal: readonly { readonly label: string; readonly value: number }[] };
  };
}

/** Returns the widgets of the dashboard. References to resources become `${id}`. */
export function widgetsOf(from: Template): Widget[] {
  const body = propertiesOf(from, "AWS::CloudWatch::Dashboard").DashboardBody;
  return JSON.parse(String(evaluate(body, (id) => `\${${id}}`, from.findConditions("*") as Conditions))).widgets;
}
