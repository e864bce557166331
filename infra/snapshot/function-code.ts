import { Architecture, Code, LoggingFormat, Runtime } from "aws-cdk-lib/aws-lambda";
import { LogLevel, type NodejsFunctionProps, OutputFormat } from "aws-cdk-lib/aws-lambda-nodejs";
import { bundleOptions, FUNCTION_ENTRIES, type FunctionName, projectPath } from "./function-bundle.ts";
import { prebuiltFunction } from "./prebuilt-functions.ts";

/** Returns the code of a function and how to run it. A package contains the bundles; in a clone, CDK bundles the function. */
export function functionCode(name: FunctionName): NodejsFunctionProps {
  const prebuilt = prebuiltFunction(name);
  return {
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    loggingFormat: LoggingFormat.JSON,
    // This sets a variable for version 2 of the SDK. Version 3 reuses connections by default.
    awsSdkConnectionReuse: false,
    ...(prebuilt === undefined ? bundled(name) : { code: Code.fromAsset(prebuilt), handler: "index.handler" }),
  };
}

/** Returns the options of `bundleOptions` as CDK takes them. */
function bundled(name: FunctionName): NodejsFunctionProps {
  const { target, mainFields, minifyWhitespace, minifySyntax, lineLimit, alias } = bundleOptions(name);
  const aliases = Object.entries(alias).map(([module, path]) => [`--alias:${module}`, path]);
  return {
    entry: projectPath(FUNCTION_ENTRIES[name]),
    // Explicit, because CDK would search for both from the current directory.
    projectRoot: projectPath("."),
    depsLockFilePath: projectPath("package-lock.json"),
    bundling: {
      format: OutputFormat.CJS,
      mainFields,
      target,
      // Bundles the tested version of the SDK instead of using the version that the runtime includes.
      externalModules: [],
      esbuildArgs: {
        "--minify-whitespace": minifyWhitespace,
        "--minify-syntax": minifySyntax,
        "--line-limit": String(lineLimit),
        ...Object.fromEntries(aliases),
      },
      logLevel: LogLevel.WARNING,
    },
  };
}
