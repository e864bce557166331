import { readFileSync } from "node:fs";
import { withChanges } from "../../tools/docs/changes-page.ts";
import { type Change, changesBetween, type Resource } from "../../tools/docs/stack-changes.ts";
import { describe, expect, it } from "../support/jest.ts";

// Loading the resource specification takes two seconds.
describe("docs/changes.md", () => {
  it("is up to date; otherwise run npm run docs", () => {
    const page = readFileSync(new URL("../../docs/changes.md", import.meta.url), "utf8");

    expect(page).toBe(withChanges(page));
  });
});

/** Returns the change of a resource, or of its removal or addition. */
function changeOf(before: Resource | undefined, after: Resource | undefined): Change | undefined {
  const template = (resource: Resource | undefined) => ({ Resources: { ...(resource && { Id: resource }) } });
  return changesBetween(template(before), template(after))[0];
}

const vault = (name: string, key: string, policy?: string): Resource => ({
  Type: "AWS::Backup::BackupVault",
  Properties: { BackupVaultName: name, EncryptionKeyArn: key },
  ...(policy !== undefined && { DeletionPolicy: policy, UpdateReplacePolicy: policy }),
});

describe("changesBetween", () => {
  it.each([
    ["adds", undefined, vault("a", "k")],
    ["deletes", vault("a", "k"), undefined],
    ["deletes", vault("a", "k", "Delete"), undefined],
    ["keeps", vault("a", "k", "Retain"), undefined],
    ["keeps", vault("a", "k", "RetainExceptOnCreate"), undefined],
    ["replaces", vault("a", "k"), vault("b", "k")],
    ["swaps", vault("a", "k", "Retain"), vault("b", "k", "Retain")],
    ["updates", vault("a", "k"), { ...vault("a", "k"), DependsOn: "Other" }],
  ])("%s a resource, by its policies and the specification's replacement flags", (action, before, after) => {
    expect(changeOf(before, after)?.action).toBe(action);
  });

  it("follows a replacement through references", () => {
    const withVault = (name: string) => ({
      Resources: {
        Vault: vault(name, "k"),
        Selection: { Type: "AWS::Backup::BackupSelection", Properties: { BackupPlanId: { Ref: "Vault" } } },
      },
    });

    const changes = changesBetween(withVault("a"), withVault("b"));

    expect(changes.map(({ action, type }) => [type, action])).toEqual([
      ["AWS::Backup::BackupVault", "replaces"],
      ["AWS::Backup::BackupSelection", "replaces"],
    ]);
  });

  it("finds replacements that AWS refuses: the same name, range of addresses or IP address while the old one exists", () => {
    const subnet = (zone: string, range: string): Resource => ({
      Type: "AWS::EC2::Subnet",
      Properties: { VpcId: { Ref: "Vpc" }, CidrBlock: range, AvailabilityZone: zone },
    });
    const gateway = (subnetId: string): Resource => ({
      Type: "AWS::EC2::NatGateway",
      Properties: { SubnetId: subnetId, AllocationId: { "Fn::GetAtt": ["Address", "AllocationId"] } },
    });

    expect(changeOf(vault("a", "k"), vault("a", "other"))?.conflict?.properties).toEqual(["BackupVaultName"]);
    expect(changeOf(subnet("a", "10.0.0.0/28"), subnet("b", "10.0.0.0/28"))?.conflict).toBeDefined();
    expect(changeOf(subnet("a", "10.0.0.0/28"), subnet("b", "10.0.0.16/28"))?.conflict).toBeUndefined();
    expect(changeOf(gateway("a"), gateway("b"))?.conflict?.properties).toEqual(["AllocationId"]);
  });

  it("shows which name a kept resource occupies, because the stack could not create it again", () => {
    expect(changeOf(vault("a", "k", "Retain"), undefined)?.occupied?.values).toBe('"a"');
    expect(changeOf(vault("a", "k"), undefined)?.occupied).toBeUndefined();
  });
});
