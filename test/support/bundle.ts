import { build, type Metafile } from "esbuild";
import { bundleOptions, type FunctionName } from "../../infra/snapshot/function-bundle.ts";

/** The bundle of a function, and what esbuild says about its content. */
export interface Bundle {
  readonly text: string;
  /** Every module that the bundle contains code of, by its path, with the number of bytes. */
  readonly bytes: ReadonlyMap<string, number>;
}

/** Bundles a function as CDK does, which cannot return what the bundle contains. */
export async function bundleFunction(name: FunctionName): Promise<Bundle> {
  const options = bundleOptions(name);
  const { outputFiles, metafile } = await build({ ...options, outfile: "index.js", write: false, metafile: true });
  const [output] = outputFiles;
  return { text: output?.text ?? "", bytes: bytesByModule(metafile) };
}

function bytesByModule({ outputs }: Metafile): Map<string, number> {
  const inputs = Object.values(outputs).flatMap((output) => Object.entries(output.inputs));
  return new Map(inputs.flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [[path, bytesInOutput]] : [])));
}
