import { fileURLToPath } from "node:url";

/** The entry of each function: the path of its handler within the project. */
export const FUNCTION_ENTRIES = {
  snapshot: "lambda/snapshot/handler.ts",
  anchor: "lambda/anchor/handler.ts",
} as const;

export type FunctionName = keyof typeof FUNCTION_ENTRIES;

export const FUNCTION_NAMES = Object.keys(FUNCTION_ENTRIES) as readonly FunctionName[];

/** Modules that the SDK imports and the functions never need, and what the bundles contain instead. */
const REPLACED = {
  "@aws-sdk/credential-provider-node": "lambda/bundle/environment-credentials.ts",
  "@smithy/core/event-streams": "lambda/bundle/no-event-streams.ts",
  "node:fs/promises": "lambda/bundle/no-files.ts",
  "@aws-sdk/middleware-endpoint-discovery": "lambda/bundle/no-endpoint-discovery.ts",
};

/** Returns the path of a file of this project, which a package does not contain. */
export const projectPath = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/**
 * Returns the options with which esbuild bundles a function, except for the destination. CDK bundles with them at synthesis, and
 * the build of the package uses them for the bundles that it contains.
 */
export function bundleOptions(name: FunctionName) {
  const alias: Record<string, string> = Object.fromEntries(
    Object.entries(REPLACED).map(([module, path]) => [module, projectPath(path)]),
  );
  return {
    absWorkingDir: projectPath("."),
    entryPoints: [projectPath(FUNCTION_ENTRIES[name])],
    bundle: true,
    platform: "node" as const,
    // CommonJS with module,main loads fastest. The target is node20, because the same bundle runs locally on Node 20.
    format: "cjs" as const,
    mainFields: ["module", "main"],
    target: "node20",
    // Minified, except for names: shorter names load no faster, and stack traces would need a source map.
    // docs/adr/0030-bundle.md has the measurements.
    minifyWhitespace: true,
    minifySyntax: true,
    // A stack trace shows a line of about this length instead of a column of 500,000.
    lineLimit: 200,
    alias,
    logLevel: "warning" as const,
  };
}
