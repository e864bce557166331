import { build, type Metafile } from "esbuild";
import { describe, expect, it } from "../support/jest.ts";

/** Returns the modules of an entry point and what each of them imports; packages are not followed. */
async function modulesOf(entryPoint: string): Promise<Metafile["inputs"]> {
  const { metafile } = await build({
    entryPoints: [entryPoint],
    absWorkingDir: process.cwd(),
    bundle: true,
    packages: "external",
    platform: "node",
    format: "esm",
    splitting: true,
    outdir: "unused",
    write: false,
    metafile: true,
  });
  return metafile.inputs;
}

const PROGRAM = "cli/program.ts";
const program = await modulesOf(PROGRAM);

/** Returns every module and package that a command loads. Dynamic imports of the other commands are not followed. */
function loadedBy(command: string): Set<string> {
  const loaded = new Set([PROGRAM]);
  for (const path of loaded) {
    const isOtherCommand = path.startsWith("cli/commands/") && path !== `cli/commands/${command}.ts`;
    for (const { path: imported, kind } of program[path]?.imports ?? []) {
      if (kind !== "dynamic-import" || !isOtherCommand) loaded.add(imported);
    }
  }
  return loaded;
}

const API_MODULES = /^(jose|@aws-lambda-powertools\/|core\/coinbase\/|core\/key\/)/;
const DOCTOR_MODULES = /^(cli\/doctor\/run-checks|@aws-sdk\/client-(cloudwatch|scheduler)$)/;
const apiModulesIn = (loaded: Set<string>) => [...loaded].filter((path) => API_MODULES.test(path));

describe("the command line", () => {
  it.each([
    "accounts",
    "latest",
    "as-of",
    "history",
    "totals",
    "changes",
    "gaps",
    "export",
    "chart",
    "report",
    "verify",
  ])("%s loads neither jose, nor Powertools, nor the API client, nor the doctor's clients", (command) => {
    const loaded = loadedBy(command);

    expect(loaded).toContain(`cli/commands/${command}.ts`);
    expect(apiModulesIn(loaded)).toEqual([]);
    // `gaps --stack` reads the schedule of a new stack.
    const onDemand = command === "gaps" ? ["@aws-sdk/client-scheduler"] : [];
    expect([...loaded].filter((path) => DOCTOR_MODULES.test(path))).toEqual(onDemand);
  });

  it.each(["snapshot", "doctor"])("%s loads the signer and the API client, on demand", (command) => {
    expect(apiModulesIn(loadedBy(command))).toEqual(expect.arrayContaining(["jose", "core/coinbase/client.ts"]));
  });

  it("doctor loads the clients of the services that only it calls", () => {
    expect(loadedBy("doctor")).toContain("@aws-sdk/client-cloudwatch");
    expect(loadedBy("doctor")).toContain("@aws-sdk/client-scheduler");
  });
});

describe("the deployed bundles", () => {
  it.each(["lambda/snapshot/handler.ts", "lambda/anchor/handler.ts"])(
    "%s contains nothing of core/history",
    async (entry) => {
      const modules = Object.keys(await modulesOf(entry));

      expect(modules).toContain(entry);
      expect(modules.filter((path) => path.startsWith("core/history/"))).toEqual([]);
    },
  );
});
