import { build, type Metafile } from "esbuild";
import { FUNCTION_ENTRIES } from "../../infra/snapshot/function-bundle.ts";
import { bundleFunction } from "../support/bundle.ts";
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

/** Parts of packages that a function never needs: other sources of credentials, protocols, time zones, schemas of the stack. */
const NEVER_NEEDED =
  /credential-provider|nested-clients|token-providers|node_modules\/(@aws-sdk\/middleware-endpoint-discovery|@smithy\/core\/dist-es\/submodules\/(event-streams|cbor)|luxon|zod|mnemonist)\//;
const OTHER_CREDENTIALS =
  /AWS_WEB_IDENTITY_TOKEN_FILE|AWS_CONTAINER_CREDENTIALS|credential_process|sso_session|cognito/;

describe("the deployed bundles", () => {
  it.each([
    ["snapshot" as const, 550],
    ["anchor" as const, 600],
  ])("%s contains nothing of core/history and nothing that it never needs, in at most %d KB", async (name, maxKb) => {
    const { text, bytes } = await bundleFunction(name);
    const modules = [...bytes.keys()];

    expect(modules).toContain(FUNCTION_ENTRIES[name]);
    expect(modules.filter((path) => path.startsWith("core/history/"))).toEqual([]);
    expect(modules.filter((path) => NEVER_NEEDED.test(path))).toEqual([]);
    expect(text).not.toMatch(OTHER_CREDENTIALS);
    expect(text.length).toBeLessThan(maxKb * 1000);
  });
});
