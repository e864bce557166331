import { fileURLToPath } from "node:url";
import { FUNCTION_ENTRIES } from "../../infra/snapshot/function-bundle.ts";
import { bundleCli } from "../../tools/package/bundle-cli.js";
import { bundleFunction } from "../support/bundle.ts";
import { describe, expect, it } from "../support/jest.ts";
import { newFolder } from "../support/new-folder.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const { outputs } = await bundleCli({ root, outdir: newFolder(), plugins: [] });

/**
 * Returns every chunk that a command loads. Dynamic imports of the other commands are not followed.
 * @param atStart whether to leave out what it loads on demand
 */
function chunksOf(command: string, atStart: boolean): Set<string> {
  const isOther = (path: string) => {
    const entry = outputs[path]?.entryPoint ?? "";
    return entry.startsWith("cli/commands/") && entry !== `cli/commands/${command}.ts`;
  };
  const entries = ["cli/balances.ts", ...(atStart ? [`cli/commands/${command}.ts`] : [])];
  const start = Object.keys(outputs).filter((path) => entries.includes(outputs[path]?.entryPoint ?? ""));
  const chunks = new Set(start);
  for (const chunk of chunks) {
    for (const { path, kind, external } of outputs[chunk]?.imports ?? []) {
      const isFollowed = kind !== "dynamic-import" || (!atStart && !isOther(path));
      if (!external && isFollowed) chunks.add(path);
    }
  }
  return chunks;
}

/** Returns every module with code in what a command loads, by its path in the project or in node_modules. */
function loadedBy(command: string, { atStart = false } = {}): Set<string> {
  const modules = [...chunksOf(command, atStart)].flatMap((path) => Object.entries(outputs[path]?.inputs ?? {}));
  const loaded = modules.filter(([, { bytesInOutput }]) => bytesInOutput > 0);
  return new Set(loaded.map(([path]) => path.replace(/^.*node_modules\//, "")));
}

// A file of transfers has the API's format, which needs neither the client nor the signer.
const FORMAT = String.raw`(?!(decode|fields|transfer-schema)\.ts)`;
const API_MODULES = new RegExp(String.raw`^(jose\/|@aws-lambda-powertools\/|core\/coinbase\/${FORMAT}|core\/key\/)`);
const DOCTOR_MODULES = /^(cli\/doctor\/run-checks|@aws-sdk\/client-(cloudwatch|scheduler))/;
const doctorModulesIn = (loaded: Set<string>) => [
  ...new Set([...loaded].flatMap((path) => DOCTOR_MODULES.exec(path)?.[0] ?? [])),
];
const READING = "accounts latest as-of history totals changes gaps export chart report statement verify".split(" ");
const apiModulesIn = (loaded: Set<string>) => [...loaded].filter((path) => API_MODULES.test(path));

describe("the compiled command line", () => {
  it("loads neither a command nor the SDK for --help", () => {
    const loaded = [...loadedBy("--help")];

    expect(loaded).toContain("cli/program.ts");
    expect(loaded.filter((path) => /^(@aws-sdk|@smithy|cli\/commands\/|luxon)/.test(path))).toEqual([]);
  });

  it.each(READING)("%s loads neither jose, nor Powertools, nor the API client, nor the doctor's clients", (command) => {
    const loaded = loadedBy(command);

    expect(loaded).toContain(`cli/commands/${command}.ts`);
    expect(apiModulesIn(loaded)).toEqual([]);
    // `gaps --stack` reads the schedule of a new stack.
    const onDemand = command === "gaps" ? ["@aws-sdk/client-scheduler"] : [];
    expect(doctorModulesIn(loaded)).toEqual(onDemand);
  });

  it("reconcile loads none of them with a file of transfers", () => {
    const loaded = loadedBy("reconcile", { atStart: true });

    expect(loaded).toContain("core/coinbase/transfer-schema.ts");
    expect(apiModulesIn(loaded)).toEqual([]);
    expect(doctorModulesIn(loadedBy("reconcile"))).toEqual([]);
  });

  it.each(["snapshot", "doctor", "reconcile"])("%s loads the signer and the API client, on demand", (command) => {
    expect(apiModulesIn(loadedBy(command))).toEqual(
      expect.arrayContaining([expect.stringMatching(/^jose\//), "core/coinbase/client.ts"]),
    );
  });

  it("doctor loads the clients of the services that only it calls", () => {
    expect(doctorModulesIn(loadedBy("doctor")).sort()).toEqual([
      "@aws-sdk/client-cloudwatch",
      "@aws-sdk/client-scheduler",
      "cli/doctor/run-checks",
    ]);
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
