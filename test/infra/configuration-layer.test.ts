import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import type { Template } from "aws-cdk-lib/assertions";
import { readJobConfig } from "../../core/config.ts";
import { ENV } from "../../core/names/environment.ts";
import { describe, expect, it } from "../support/jest.ts";
import { accountId } from "./configurations.ts";
import { synth } from "./synth.ts";
import { environmentOf, functionProperties, only, propertiesOf } from "./template.ts";

const NAMES = { [ENV.tableName]: "t", [ENV.apiKeySecretId]: "s" };
const assetHash = (template: Template): string =>
  propertiesOf(template, "AWS::Lambda::LayerVersion").Content.S3Key.replace(".zip", "");

describe("the configuration layer", () => {
  it("has a file with what can grow, because it exceeds the 4 KB of an environment", () => {
    const accounts = Array.from({ length: 200 }, (_, i) => accountId(i));
    const explainedMoves = Object.fromEntries(accounts.map((id) => [`${id}/usdc`, "pays suppliers, every day"]));

    const { template: listed, app } = synth({ balanceSnapshots: { accounts, explainedMoves } });

    expect(functionProperties(listed).Layers).toEqual([{ Ref: only(listed, "AWS::Lambda::LayerVersion") }]);
    expect(environmentOf(listed)[ENV.configurationFile]).toBe("/opt/configuration.json");
    expect(JSON.stringify(environmentOf(listed)).length).toBeLessThan(1_000);
    const file = resolve(app.outdir, `asset.${assetHash(listed)}`, "configuration.json");
    expect(JSON.parse(readFileSync(file, "utf8"))).toEqual({ accounts, explainedMoves });
    expect(statSync(file).mode & 0o044).toBe(0o044);
    const config = readJobConfig({ ...NAMES, [ENV.configurationFile]: file });
    expect(config).toMatchObject({ accounts, noticeRules: { explained: Object.keys(explainedMoves) } });
  });
});
