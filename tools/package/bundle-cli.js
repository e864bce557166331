// @ts-check
import { build } from "esbuild";

/** Packages that are not bundled: they load further files by path. The package depends on the first two only. */
const EXTERNAL = ["dynalite", "level", "esbuild", "aws-cdk-lib", "constructs"];

/** Lets CommonJS packages in the bundle load the modules of Node.js. */
const BANNER =
  'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);';

/**
 * Bundles the command line into a folder: `balances.js`, and a chunk for each set of modules that some commands share. A command
 * loads only the chunks that it needs. ES modules, because each chunk is then read on demand: in one file, also a lazy one, Node.js
 * parses all of it for --help. Minified, except for names, which errors show.
 * @param {{ root: string, outdir: string, plugins: import("esbuild").Plugin[] }} options `root`: the folder of the project
 * @returns {Promise<import("esbuild").Metafile>} what the bundle contains
 */
export async function bundleCli({ root, outdir, plugins }) {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ["cli/balances.ts"],
    outdir,
    plugins,
    external: EXTERNAL,
    bundle: true,
    splitting: true,
    platform: "node",
    format: "esm",
    target: "node20",
    mainFields: ["module", "main"],
    minifyWhitespace: true,
    minifySyntax: true,
    // A stack trace shows a line of about this length.
    lineLimit: 200,
    legalComments: "none",
    banner: { js: BANNER },
    // Keeps the output independent of any tsconfig.json that esbuild would find.
    tsconfigRaw: "{}",
    logLevel: "silent",
    metafile: true,
  });
  return metafile;
}
