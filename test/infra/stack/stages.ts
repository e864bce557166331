import { loadAwsServiceSpecSync } from "@aws-cdk/aws-service-spec";
import { describe, expect, it } from "@jest/globals";
import type { Template } from "aws-cdk-lib/assertions";
import { EVERY_OPTION } from "../configurations.ts";
import { synth } from "../synth.ts";
import { environmentOf, only } from "../template.ts";

interface Resource {
  Type: string;
  Properties?: Record<string, unknown>;
}

const resourcesOf = (of: Template) => Object.entries(of.toJSON()["Resources"] as Record<string, Resource>);

/** Every name that the template fixes: there may be one of it in an account and region. */
function fixedNames(of: Template): string[] {
  const db = loadAwsServiceSpecSync();
  return resourcesOf(of).flatMap(([, { Type, Properties = {} }]) => {
    const [type] = [...db.lookup("resource", "cloudFormationType", "equals", Type)];
    // What identifies it, if that is one property, and what is called after it: of an AWS::SQS::Queue the QueueName.
    const { primaryIdentifier: [identifier = "", ...more] = [], name = "" } = type ?? {};
    const names = more.length === 0 ? [identifier, "Name", `${name}Name`] : ["Name", `${name}Name`];
    return Object.entries(Properties).flatMap(([key, value]) =>
      names.includes(key) && typeof value === "string" && Type !== "AWS::IAM::Policy"
        ? [`${Type} ${key} ${value}`]
        : [],
    );
  });
}

describe("stages", () => {
  it("carry the stack's name, and with it all others, so that two live in one account", () => {
    const dev = fixedNames(synth({ ...EVERY_OPTION, stage: "dev" }).template);
    const prod = fixedNames(synth({ ...EVERY_OPTION, stage: "prod" }).template);

    expect(dev.length).toBeGreaterThan(1);
    expect(dev).toHaveLength(prod.length);
    expect(dev.filter((name) => prod.includes(name))).toEqual([]);
  });

  it("tell their logs and metrics apart", () => {
    const service = (flags: Record<string, unknown>) => environmentOf(synth(flags).template)["POWERTOOLS_SERVICE_NAME"];

    expect(service({ stage: "dev" })).toBe("cdp-balance-snapshots-dev");
    expect(service({})).toBe("cdp-balance-snapshots");
  });
});

describe("tags for cost allocation", () => {
  it("are on every resource that can have some", () => {
    const db = loadAwsServiceSpecSync();
    const { template } = synth({ ...EVERY_OPTION, stage: "dev", tags: "team=finance,cost-center=a=b" });
    const taggable = resourcesOf(template).filter(([, { Type, Properties = {} }]) => {
      const [type] = [...db.lookup("resource", "cloudFormationType", "equals", Type)];
      // CDK cannot tag these three.
      const untagged = [
        "AWS::EC2::VPCGatewayAttachment",
        "AWS::Lambda::LayerVersion",
        "AWS::Lambda::EventInvokeConfig",
      ];
      return type?.tagInformation !== undefined && !untagged.includes(Type) && Properties !== undefined;
    });

    const without = taggable.filter(([, { Properties }]) => {
      const text = JSON.stringify(Properties);
      return !["application", "stack", "stage", "team", "cost-center"].every((key) => text.includes(`"${key}"`));
    });

    expect(taggable.length).toBeGreaterThan(10);
    expect(without.map(([id, { Type }]) => `${id} ${Type}`)).toEqual([]);
  });

  it("say which stack it is, and which stage", () => {
    const { template } = synth({ stage: "dev", tags: { team: "finance" } });
    const { [only(template, "AWS::SQS::Queue")]: queue } = template.findResources("AWS::SQS::Queue");

    expect(queue?.["Properties"].Tags).toEqual([
      { Key: "application", Value: "cdp-balance-snapshots" },
      { Key: "stack", Value: "cdp-balance-snapshots-dev" },
      { Key: "stage", Value: "dev" },
      { Key: "team", Value: "finance" },
    ]);
  });
});
