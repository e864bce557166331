// @ts-check
import { build } from "esbuild";

/**
 * How the command line and the libraries are bundled. Minified, except for names, which errors show.
 * @satisfies {import("esbuild").BuildOptions}
 */
export const BUNDLE_OPTIONS = {
  // The first two load further files by path, and the package depends on them. Only a clone and an application of CDK have the others.
  external: ["dynalite", "level", "esbuild", "aws-cdk-lib", "constructs"],
  bundle: true,
  platform: /** @type {const} */ ("node"),
  format: /** @type {const} */ ("esm"),
  target: "node20",
  mainFields: ["module", "main"],
  minifyWhitespace: true,
  minifySyntax: true,
  // A stack trace shows a line of about this length.
  lineLimit: 200,
  legalComments: /** @type {const} */ ("none"),
  // Lets CommonJS packages in the bundle load the modules of Node.js.
  banner: {
    js: 'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);',
  },
  // Keeps the output independent of any tsconfig.json that esbuild would find.
  tsconfigRaw: "{}",
  logLevel: /** @type {const} */ ("silent"),
  metafile: /** @type {const} */ (true),
};

/**
 * Bundles the command line into a folder: `balances.js`, and a chunk for each set of modules that some commands share. A command
 * loads only the chunks that it needs. In one file, Node.js would parse everything for --help.
 * @param {{ root: string, outdir: string, plugins: import("esbuild").Plugin[] }} options `root`: the folder of the project
 * @returns {Promise<import("esbuild").Metafile>} what the bundle contains
 */
export async function bundleCli({ root, outdir, plugins }) {
  const entryPoints = ["cli/balances.ts"];
  const { metafile } = await build({
    ...BUNDLE_OPTIONS,
    ...{ absWorkingDir: root, entryPoints, outdir, plugins, splitting: true },
  });
  return metafile;
}
