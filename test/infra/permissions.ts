import type { Template } from "aws-cdk-lib/assertions";
import { evaluatorOf, referenceText } from "./intrinsics.ts";
import type { Statement } from "./template.ts";

/** Returns the trust and the permissions of each role of a template in words, by the role's logical ID without its hash. */
export function permissionsOf(template: Template): Record<string, string[]> {
  const resolved = evaluatorOf(template);
  const shown = ({ Effect, Action, Resource, Principal, Condition }: Statement & { readonly Principal?: unknown }) => {
    const principals = Object.values(Principal ?? {}).map(resolved);
    const parts = [
      ...(Effect === "Allow" ? [] : [Effect]),
      [Action].flat().join(" "),
      ...(Resource === undefined ? [] : ["on", [resolved(Resource)].flat().join(" ")]),
      ...(principals.length === 0 ? [] : ["by", principals.join(" ")]),
      ...(Condition === undefined ? [] : ["if", JSON.stringify(resolved(Condition)).replaceAll('"', "")]),
    ];
    return parts.join(" ");
  };
  const policies = Object.values(template.findResources("AWS::IAM::Policy"));
  return Object.fromEntries(
    Object.entries(template.findResources("AWS::IAM::Role")).map(([id, { Properties }]) => [
      referenceText(id).slice(1, -1),
      [
        ...Properties.AssumeRolePolicyDocument.Statement.map(shown),
        ...(Properties.ManagedPolicyArns ?? []).map(JSON.stringify),
        ...(Properties.Policies ?? []).map(JSON.stringify),
        ...policies
          .filter((policy) => JSON.stringify(policy["Properties"].Roles).includes(`"${id}"`))
          .flatMap((policy) => policy["Properties"].PolicyDocument.Statement.map(shown)),
      ],
    ]),
  );
}
