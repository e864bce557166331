import { fileURLToPath } from "node:url";
import { Architecture, LoggingFormat, Runtime } from "aws-cdk-lib/aws-lambda";
import { LogLevel, type NodejsFunctionProps, OutputFormat } from "aws-cdk-lib/aws-lambda-nodejs";

const projectPath = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** Modules that the SDK imports and the functions never need, and what the bundles contain instead. */
const REPLACED = {
  "@aws-sdk/credential-provider-node": "lambda/bundle/environment-credentials.ts",
  "@smithy/core/event-streams": "lambda/bundle/no-event-streams.ts",
  "node:fs/promises": "lambda/bundle/no-files.ts",
  "@aws-sdk/middleware-endpoint-discovery": "lambda/bundle/no-endpoint-discovery.ts",
};

/**
 * Minified, except for names: shorter names load no faster, and stack traces would need a source map. docs/adr/0030-bundle.md
 * has the measurements.
 */
const ESBUILD_ARGS = {
  "--minify-whitespace": true,
  "--minify-syntax": true,
  // A stack trace shows a line of about this length instead of a column of 500,000.
  "--line-limit": "200",
  ...Object.fromEntries(Object.entries(REPLACED).map(([name, path]) => [`--alias:${name}`, projectPath(path)])),
};

/** Returns how to bundle and run a function of this project. @param entry path of its handler within the project */
export function functionCode(entry: string) {
  return {
    entry: projectPath(entry),
    // Explicit, because CDK would search for both from the current directory.
    projectRoot: projectPath("."),
    depsLockFilePath: projectPath("package-lock.json"),
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    loggingFormat: LoggingFormat.JSON,
    // This sets a variable for version 2 of the SDK. Version 3 reuses connections by default.
    awsSdkConnectionReuse: false,
    bundling: {
      // CommonJS with module,main loads fastest. The target is node20, because the same bundle runs locally on Node 20.
      format: OutputFormat.CJS,
      mainFields: ["module", "main"],
      target: "node20",
      // Bundles the tested version of the SDK instead of using the version that the runtime includes.
      externalModules: [],
      esbuildArgs: ESBUILD_ARGS,
      logLevel: LogLevel.WARNING,
    },
  } satisfies NodejsFunctionProps;
}
