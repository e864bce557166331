import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Metafile, type Plugin } from "esbuild";
import { demoFunction } from "../../demo/demo-function.ts";
import { bundleOptions, FUNCTION_NAMES } from "../../infra/snapshot/function-bundle.ts";
import { PAGE_PACKAGES, pageScript, pageStyle, statementStyle } from "../../report-page/build/page-parts.ts";
import { BUNDLE_OPTIONS, bundleCli } from "./bundle-cli.js";

export const ROOT = fileURLToPath(new URL("../../", import.meta.url)).slice(0, -1);

/** What applications import: the bundle's name, and its source. */
const LIBRARIES = { infra: "infra/index.ts", history: "core/history-library.ts" };

/**
 * Bundles everything that the package contains: the command line, the construct, the library, and the functions.
 * @returns the folders in node_modules of the packages that the bundles contain code of, sorted
 */
export async function bundlePackage(outdir: string): Promise<string[]> {
  const metafiles = [
    await bundleCli({ root: ROOT, outdir: join(outdir, "cli"), plugins: [await packagedModules()] }),
    ...(await Promise.all([...bundleFunctions(outdir), ...bundleLibraries(outdir)])),
  ];
  // A process of its own, which starts from a file.
  copyFileSync(join(ROOT, "local/stand-ins/lambda-host.cjs"), join(outdir, "cli", "lambda-host.cjs"));
  const folders = metafiles.flatMap(({ outputs }) => Object.values(outputs).flatMap(packagesIn));
  const inPage = Object.keys(PAGE_PACKAGES).map((name) => `node_modules/${name}`);
  return [...new Set([...folders, ...inPage])].sort();
}

function packagesIn({ inputs }: Metafile["outputs"][string]): string[] {
  const used = Object.entries(inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0);
  return used.flatMap(([path]) => /node_modules\/(?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []);
}

/** Bundles each function into `functions/NAME/index.js`, where the construct finds it, as CDK bundles it in a clone. */
function bundleFunctions(outdir: string): Promise<Metafile>[] {
  mkdirSync(join(outdir, "functions"), { recursive: true });
  // The demo starts a bundle where it is. The package itself is one of ES modules.
  writeFileSync(join(outdir, "functions", "package.json"), '{ "type": "commonjs" }\n');
  return FUNCTION_NAMES.map(async (name) => {
    const outfile = join(outdir, "functions", name, "index.js");
    return (await build({ ...bundleOptions(name), outfile, metafile: true })).metafile;
  });
}

function bundleLibraries(outdir: string): Promise<Metafile>[] {
  return Object.entries(LIBRARIES).map(async ([name, entry]) => {
    const { metafile } = await build({
      ...BUNDLE_OPTIONS,
      absWorkingDir: ROOT,
      entryPoints: [entry],
      outfile: join(outdir, name, "index.js"),
      define: { PREBUILT_FUNCTIONS: JSON.stringify("../functions/") },
    });
    return metafile;
  });
}

/** Returns a plugin that replaces modules whose results a clone computes at run time, with tools that the package does not need. */
async function packagedModules(): Promise<Plugin> {
  const [script, style, statement] = await Promise.all([pageScript(), pageStyle(), statementStyle()]);
  const demo = demoFunction();
  demo.remove();
  const replaced = new Map([
    [
      "report-page/build/page-parts.ts",
      Object.entries({ pageScript: script, pageStyle: style, statementStyle: statement })
        .map(([name, text]) => `export const ${name} = async () => ${JSON.stringify(text)};`)
        .join("\n"),
    ],
    [
      "demo/demo-function.ts",
      `import { fileURLToPath } from "node:url";
      const bundle = fileURLToPath(new URL("../functions/snapshot/index.js", import.meta.url));
      const environment = ${JSON.stringify(demo.environment)};
      export const demoFunction = () => ({ bundle, environment, remove: () => {} });`,
    ],
  ]);
  return {
    name: "packaged-modules",
    setup({ onLoad, onEnd }) {
      const unused = new Set(replaced.keys());
      for (const [path, contents] of replaced) {
        const filter = new RegExp(`${path.replaceAll("/", "[/\\\\]").replace(".", "\\.")}$`);
        onLoad({ filter }, (args) => {
          if (resolve(args.path) !== join(ROOT, path)) return undefined;
          unused.delete(path);
          return { contents, loader: "js" };
        });
      }
      onEnd(() => ({ errors: [...unused].map((path) => ({ text: `${path} is not part of the command line.` })) }));
    },
  };
}
