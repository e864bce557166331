import { build, type Metafile } from "esbuild";
import { functionCode } from "../../infra/snapshot/function-code.ts";

export const HANDLERS = ["lambda/snapshot/handler.ts", "lambda/anchor/handler.ts"] as const;

/** The bundle of a function, and what esbuild says about its content. */
export interface Bundle {
  readonly text: string;
  /** Every module that the bundle contains code of, by its path, with the number of bytes. */
  readonly bytes: ReadonlyMap<string, number>;
}

/** Bundles a function as CDK does, which cannot return what the bundle contains. @param entry path of its handler in the project */
export async function bundleFunction(entry: string): Promise<Bundle> {
  const { bundling, projectRoot } = functionCode(entry);
  const { format, mainFields, target, esbuildArgs } = bundling;
  const alias = Object.entries(esbuildArgs).flatMap(([name, value]) =>
    name.startsWith("--alias:") ? [[name.slice("--alias:".length), value]] : [],
  );
  const { outputFiles, metafile } = await build({
    entryPoints: [entry],
    absWorkingDir: projectRoot,
    bundle: true,
    platform: "node",
    ...{ format, mainFields, target },
    minifyWhitespace: esbuildArgs["--minify-whitespace"],
    minifySyntax: esbuildArgs["--minify-syntax"],
    lineLimit: Number(esbuildArgs["--line-limit"]),
    alias: Object.fromEntries(alias),
    outfile: "index.js",
    write: false,
    metafile: true,
  });
  const [output] = outputFiles;
  return { text: output?.text ?? "", bytes: bytesByModule(metafile) };
}

function bytesByModule({ outputs }: Metafile): Map<string, number> {
  const inputs = Object.values(outputs).flatMap((output) => Object.entries(output.inputs));
  return new Map(inputs.flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [[path, bytesInOutput]] : [])));
}
