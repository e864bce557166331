/** What CloudFormation does with the resources of a stack when the template changes. */
import { fullDiff, type ResourceDifference, ResourceImpact } from "@aws-cdk/cloudformation-diff";

export interface Resource {
  readonly Type: string;
  /** Default: `Delete`. */
  readonly DeletionPolicy?: string;
  /** Default: `Delete`. */
  readonly UpdateReplacePolicy?: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

export interface StackTemplate {
  readonly Resources: Readonly<Record<string, Resource>>;
}

/** `keeps`: removes the resource from the stack without deleting it. `swaps`: replaces it and keeps the old one. */
export const ACTIONS = ["keeps", "deletes", "swaps", "replaces", "adds", "updates"] as const;
export type Action = (typeof ACTIONS)[number];

export interface Change {
  readonly action: Action;
  readonly type: string;
  /** What the new resource and an existing one would share, although AWS refuses that. */
  readonly conflict?: Identity;
  /** What the kept resource still occupies, so that the stack cannot create it again. */
  readonly occupied?: Identity;
}

/**
 * Returns the changes from one template to another. CDK's library, which `cdk diff` uses, knows from the resource
 * specification which properties require a replacement, and follows it through references.
 */
export function changesBetween(before: StackTemplate, after: StackTemplate): Change[] {
  const existing = Object.values(before.Resources).flatMap((resource) => identityOf(resource) ?? []);
  const changes: Change[] = [];
  fullDiff(before, after).resources.forEachDifference((id, difference) => {
    if (!difference.isDifferent) return;
    const action = actionOf(difference);
    const { [id]: old } = before.Resources;
    const { [id]: created } = after.Resources;
    // A replacement is created before the old resource is deleted, as is a resource with another ID.
    // https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-update-behaviors.html
    const identity = created === undefined || action === "updates" ? undefined : identityOf(created);
    const isTaken = identity !== undefined && existing.some((other) => isSame(other, identity));
    const occupied = old === undefined || (action !== "keeps" && action !== "swaps") ? undefined : identityOf(old);
    const type = (created ?? old)?.Type ?? "";
    changes.push({ action, type, ...(isTaken && { conflict: identity }), ...(occupied && { occupied }) });
  });
  return changes;
}

function actionOf({ changeImpact, oldValue }: ResourceDifference): Action {
  switch (changeImpact) {
    case ResourceImpact.WILL_CREATE:
      return "adds";
    // The library knows `Retain`, but not `RetainExceptOnCreate`.
    case ResourceImpact.WILL_DESTROY:
    case ResourceImpact.WILL_ORPHAN:
      return isKept(oldValue?.["DeletionPolicy"]) ? "keeps" : "deletes";
    case ResourceImpact.WILL_REPLACE:
    case ResourceImpact.MAY_REPLACE:
      return isKept(oldValue?.["UpdateReplacePolicy"]) ? "swaps" : "replaces";
    default:
      return "updates";
  }
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html */
export const isKept = (policy: string | undefined): boolean => policy?.startsWith("Retain") === true;

/** By what AWS distinguishes a resource from others of its type, if AWS does not generate it. */
export interface Identity {
  readonly type: string;
  readonly properties: readonly string[];
  /** The values of these properties, as JSON. */
  readonly values: string;
}

/** Properties that two resources cannot share at a time, apart from names. */
const EXCLUSIVE: Readonly<Record<string, readonly string[]>> = {
  // InvalidSubnet.Conflict: https://github.com/aws/aws-cdk/issues/6683
  "AWS::EC2::Subnet": ["VpcId", "CidrBlock"],
  // Resource.AlreadyAssociated: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NatGateway.html
  "AWS::EC2::NatGateway": ["AllocationId"],
};

/** Types whose names need not be unique. */
const NOT_UNIQUE = ["AWS::IAM::Policy", "AWS::Logs::QueryDefinition"];

export function identityOf({ Type: type, Properties = {} }: Resource): Identity | undefined {
  const ownName = `${type.split("::").at(-1)}Name`;
  const names = Object.keys(Properties).filter((name) => name === "Name" || name === ownName);
  const properties = EXCLUSIVE[type] ?? names;
  if (properties.length === 0 || NOT_UNIQUE.includes(type)) return undefined;
  return { type, properties, values: properties.map((name) => JSON.stringify(Properties[name])).join(" ") };
}

export const isSame = (one: Identity, other: Identity): boolean =>
  one.type === other.type && one.values === other.values;

/** Whether a resource of another stack in the same AWS account and region would have the same identity. */
export const isFixed = ({ values }: Identity): boolean => !REFERENCE.test(values);

/** A reference to another resource or to the stack's ID, which differ between stacks. */
const REFERENCE = /"Fn::GetAtt"|"Ref":"(?!AWS::(Region|AccountId|Partition|URLSuffix)")/;
