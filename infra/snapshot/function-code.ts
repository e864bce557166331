import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { AssetHashType, DockerImage } from "aws-cdk-lib";
import { Architecture, Code, type FunctionProps, LoggingFormat, Runtime } from "aws-cdk-lib/aws-lambda";
import { bundleOptions, FUNCTION_ENTRIES, type FunctionName, projectPath } from "./function-bundle.ts";
import { prebuiltFunction } from "./prebuilt-functions.ts";

/** Returns the code of a function and how to run it. A package contains the bundles; in a clone, CDK bundles the function. */
export function functionCode(name: FunctionName) {
  const prebuilt = prebuiltFunction(name);
  return {
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    loggingFormat: LoggingFormat.JSON,
    code: prebuilt === undefined ? bundled(name) : Code.fromAsset(prebuilt),
    handler: "index.handler",
  } satisfies FunctionProps;
}

/** Bundles a function at synthesis. Not with `NodejsFunction`, which starts npx for each bundle: that takes longer than the bundle. */
function bundled(name: FunctionName): Code {
  // CDK bundles only once what has the same path and options, and does not compare functions. Each handler has its own folder.
  return Code.fromAsset(dirname(projectPath(FUNCTION_ENTRIES[name])), {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      // CDK requires an image, and never uses it, because the local bundling always succeeds or throws.
      image: DockerImage.fromRegistry("none"),
      local: {
        tryBundle: (outdir) => {
          // Loaded only here, because only a clone has it.
          const { buildSync } = createRequire(import.meta.url)("esbuild") as typeof import("esbuild");
          buildSync({ ...bundleOptions(name), outfile: join(outdir, "index.js") });
          return true;
        },
      },
    },
  });
}
