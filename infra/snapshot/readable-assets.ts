import { chmodSync, readdirSync, statSync } from "node:fs";
import { join, resolve, sep } from "node:path";
import { AssetStaging, Stack, Stage } from "aws-cdk-lib";
import type { Construct } from "constructs";

/**
 * Makes the staged files of all assets of a construct's stack readable for everybody. An asset keeps the modes of its
 * files, and Lambda runs the code as another user: after a synthesis with a umask of 027 or 077 it could not read it.
 * https://repost.aws/knowledge-center/lambda-deployment-package-errors
 */
export function makeAssetsReadable(scope: Construct): void {
  // Without bundling or staging, as in `cdk destroy`, an asset is its source: this project, with its modes.
  // CDK's command line gives the folder of the cloud assembly as a relative path.
  const assembly = `${resolve(Stage.of(scope)?.assetOutdir ?? "")}${sep}`;
  // The whole stack, because CDK creates the functions of custom resources beside the construct.
  for (const asset of Stack.of(scope).node.findAll()) {
    if (asset instanceof AssetStaging && asset.absoluteStagedPath.startsWith(assembly))
      makeReadable(asset.absoluteStagedPath);
  }
}

function makeReadable(path: string): void {
  const stat = statSync(path);
  const isFolder = stat.isDirectory();
  chmodSync(path, stat.mode | (isFolder ? 0o555 : 0o444));
  if (isFolder) for (const name of readdirSync(path)) makeReadable(join(path, name));
}
