import { Stack, Validations } from "aws-cdk-lib";
import type { Construct } from "constructs";

/**
 * Acknowledges cdk-nag's finding that a role may use resources with a wildcard.
 * @param resource the ARN in the role's policy
 */
export function acknowledgeWildcard(role: Construct, resource: string, reason: string): void {
  const validate = () => {
    const text = textOf(Stack.of(role).resolve(resource));
    Validations.of(role).acknowledge({ id: `AwsSolutions-IAM5[Resource::${text}]`, reason });
    return [];
  };
  // cdk-nag identifies a resource by its text in the template, which is not known before the references between stacks are.
  role.node.addValidation({ validate });
}

type Reference = {
  "Fn::Join"?: [string, unknown[]];
  "Fn::GetAtt"?: string[];
  "Fn::ImportValue"?: unknown;
  Ref?: string;
};

/** Returns the text of a value, with references in angle brackets. */
function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  const { "Fn::Join": joined, "Fn::GetAtt": attribute, "Fn::ImportValue": imported, Ref: id } = value as Reference;
  if (joined !== undefined) return joined[1].map(textOf).join(joined[0]);
  if (imported !== undefined) return textOf(imported);
  return `<${attribute?.join(".") ?? id}>`;
}
