import { expect } from "@jest/globals";
import type { Template } from "aws-cdk-lib/assertions";
import { ENV } from "../../core/names/environment.ts";

/** A statement of a policy, as CloudFormation writes it. */
export interface Statement {
  Effect: string;
  Action: string | string[];
  Resource: unknown;
  Condition?: unknown;
}

/** The logical id of the one resource of a type, or of the one that has something in it. */
export function only(of: Template, type: string, having = ""): string {
  const ids = Object.entries(of.findResources(type))
    .filter(([id, resource]) => `${id} ${JSON.stringify(resource)}`.includes(having))
    .map(([id]) => id);
  expect(ids).toHaveLength(1);
  return ids[0] ?? "";
}

/** The properties of such a resource. */
export function propertiesOf(of: Template, type: string, having = "") {
  const id = only(of, type, having);
  const { [id]: resource } = of.findResources(type);
  return resource?.["Properties"];
}

/** The function that takes the snapshots, which is not the only one in the stack. */
export const functionId = (of: Template): string => only(of, "AWS::Lambda::Function", ENV.tableName);

export const functionProperties = (of: Template) => propertiesOf(of, "AWS::Lambda::Function", ENV.tableName);

export const environmentOf = (of: Template): Record<string, unknown> => functionProperties(of).Environment.Variables;

/** Everything that a role may do, by its logical id. It has no managed policies and no inline ones. */
export function statementsOf(of: Template, roleId: string): Statement[] {
  const { [roleId]: role } = of.findResources("AWS::IAM::Role");
  expect(role).toBeDefined();
  expect(role?.["Properties"]).not.toHaveProperty("ManagedPolicyArns");
  expect(role?.["Properties"]).not.toHaveProperty("Policies");
  return Object.values(of.findResources("AWS::IAM::Policy"))
    .filter(({ Properties }) => JSON.stringify(Properties.Roles).includes(`"${roleId}"`))
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
}

/** The role of the function that takes the snapshots. */
export const functionRoleId = (of: Template): string => functionProperties(of).Role["Fn::GetAtt"][0];

/** The role of the schedule. */
export const scheduleRoleId = (of: Template): string =>
  propertiesOf(of, "AWS::Scheduler::Schedule").Target.RoleArn["Fn::GetAtt"][0];

/** Text that CloudFormation puts together. */
export const join = (parts: unknown[]) => ({ "Fn::Join": ["", parts] });

/** An attribute of a resource. */
export const attribute = (id: string, name = "Arn") => ({ "Fn::GetAtt": [id, name] });

/** A region, the account … of whoever deploys. */
export const pseudo = (name: "Region" | "AccountId" | "Partition" | "URLSuffix") => ({ Ref: `AWS::${name}` });
