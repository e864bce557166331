import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RunResult } from "../../core/domain/run-result.ts";
import type { BalanceRow } from "../../core/history/balance-rows.ts";
import { LOCAL_TABLE } from "../../local/dynamodb/embedded-dynamodb.ts";
import type { Fault } from "../../local/simulated-cdp/faults/fault.ts";
import { type CliWorld, heldRows, LONG, STRANGE, startCliWorld } from "../support/cli-world.ts";
import { csvRows, jsonRows } from "../support/history-cli.ts";
import { afterAll, beforeAll, describe, expect, it } from "../support/jest.ts";

// The commands snapshot and latest in this process. test/e2e/cli.test.ts runs them in separate processes.

let world: CliWorld;
beforeAll(async () => {
  world = await startCliWorld();
});
afterAll(() => world.close());

describe("latest, on the embedded table", () => {
  let folder = "";
  let slot = "";
  beforeAll(async () => {
    folder = world.newFolder();
    await world.balances(world.snapshotAll, folder);
    slot = (JSON.parse((await world.balances(world.snapshotAll, folder)).stdout) as RunResult).slot;
  });

  it("prints the amounts of the API unchanged as JSON lines and as CSV", async () => {
    const json = await world.balances(["latest"], folder);
    const csv = await world.balances(["latest", "--format", "csv"], folder);

    const shown = (jsonRows(json) as unknown as BalanceRow[]).map(({ values, ...row }) => ({
      ...row,
      valueAvailable: values["usd"]?.available ?? "",
      valueTotal: values["usd"]?.total ?? "",
    }));
    const { rows } = csvRows(csv);
    const wanted = ["accountId", "asset", "available", "total", "valueAvailable", "valueTotal"];
    const textsOf = (all: readonly object[]) =>
      all.map((row) => wanted.map((name) => (row as Record<string, string>)[name]).join(" ")).sort();
    expect([json, csv]).toMatchObject(Array(2).fill({ code: 0, stderr: "" }));
    expect(textsOf(shown)).toEqual(heldRows(world.accounts));
    expect(textsOf(rows)).toEqual(heldRows(world.accounts));
    expect(new Set(rows.map((row) => `${row["slot"]} ${row["denomination"]}`))).toEqual(new Set([`${slot} usd`]));
  });

  it("prints a table of one account with every digit", async () => {
    const { code, stdout, stderr } = await world.balances(["latest", "--account", STRANGE, "--wide"], folder);

    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/, captured 20\S+Z \(\d+ seconds? ago\), 1 page, walk verified\n/);
    expect(stdout).toMatch(new RegExp(`long +The "long", inc\\. +${LONG.replace(".", "\\.")} +9{32}\\.99`));
    expect(stdout).not.toContain(world.accounts[0]?.accountId);
  });
});

it("snapshot --table stores every account but the one that failed, and ends with 1 and the reason", async () => {
  const { accounts, cdp } = world;
  const cwd = world.newFolder();
  cdp.addFault({ kind: "error", status: 404, on: { account: STRANGE }, correlationId: "41deb8d5-IAD" });

  const { code, stdout, stderr } = await world.balances(
    [...world.snapshotAll, "--table", LOCAL_TABLE],
    cwd,
    world.aws.env,
  );
  cdp.clearFaults();

  const report = JSON.parse(stdout) as RunResult;
  expect(code).toBe(1);
  expect(report.accounts).toEqual({ complete: accounts.length - 1, alreadyComplete: 0, failed: 1 });
  expect(stderr).toMatch(new RegExp(`^1 of ${accounts.length} accounts has no snapshot for slot ${report.slot}`, "m"));
  expect(stderr).toMatch(new RegExp(`^${STRANGE}: api_not_found: .*404`, "m"));
  expect(stderr).not.toMatch(/^\s+at /m);
  for (const { accountId, balances: assets } of accounts.filter((account) => account.accountId !== STRANGE)) {
    expect((await world.reader.latest(accountId))?.assets).toBe(assets.length);
  }
  expect(await world.findRecord(STRANGE, report.slot)).toMatchObject({
    status: "failed",
    attempt: { code: "api_not_found", correlationId: "41deb8d5-IAD", attempts: 1 },
  });
  expect(existsSync(join(cwd, ".local"))).toBe(false);
});

describe("a usage error ends with 2 and its message on stderr", () => {
  /** `KEY_FILE` is a valid key file, `KEY` its private key. */
  it.each<[name: string, args: string, ...parts: RegExp[]]>([
    [
      "every conflict between options, in one message",
      "snapshot --key-file KEY_FILE --type prime --sandbox --api https://example.com --data a --stack b",
      /--account with one or more account ids, or --all/,
      /--owner and --type require --all/,
      /^Use either --data or --stack\.$/m,
      /Use either --api or --sandbox/,
    ],
    [
      "every option with a wrong value, in one message",
      "snapshot --all --key-file nowhere.json --schedule hourly --api http://x.example --data KEY_FILE",
      /^--key-file: cannot read nowhere\.json \(ENOENT\)\. Expected the path/m,
      /^--schedule: "hourly" is not a valid schedule/m,
      /^--api: is not a valid base URL/m,
      /cdp_api_key\.json is not a folder\. Expected the data folder/,
    ],
    [
      "a key instead of a key file, without any part of it",
      "snapshot --all --key-file KEY",
      /^--key-file: the value is a key, not a path\. Expected the path/,
    ],
    ["--data with --table", "latest --data a --table b", /^Use either --data or --table\.$/m],
    ["--data with --secret", "doctor --data a --secret b", /^Use either --secret or --data: /m],
    ["an invalid account id", "snapshot --account account_1 --key-file KEY_FILE", /--account.*account_1/],
  ])("%s", async (_, args, ...parts) => {
    const key = JSON.parse(world.key.file).privateKey as string;
    const values: Record<string, string> = { KEY_FILE: world.keyFile, KEY: key };

    const ended = await world.balances(args.split(" ").map((arg) => values[arg] ?? arg));

    expect(ended).toMatchObject({ code: 2, stdout: "" });
    expect(ended.stderr).not.toContain(key.slice(0, 12));
    expect(ended.stderr).not.toMatch(/^\s+at /m);
    for (const part of parts) expect(ended.stderr).toMatch(part);
  });
});

describe("a suggested fix names the options that are given, not the settings of the function", () => {
  const FUNCTION_ONLY = /CDP_API_BASE_URL|the secret/;
  const snapshot = ["snapshot", "--all", "--dry-run", "--key-file"];

  it.each<[name: string, fault: Fault | undefined, fix: RegExp]>([
    ["an API that cannot be reached", undefined, /Check --api and the network/],
    ["a redirect", { kind: "redirect", location: "https://x.example" }, /HTTP 30\d, .* Check --api\.$/m],
    ["a rejected key", { kind: "error", status: 401 }, /rotated \(give the file of the new one with --key-file\)/],
  ])("%s", async (_, fault, fix) => {
    if (fault !== undefined) world.cdp.addFault(fault);
    const api = fault === undefined ? "http://127.0.0.1:1" : world.cdp.url;

    const args = [...snapshot, world.keyFile, "--api", api];
    const ended = await world.balances(args, world.newFolder(), { CDP_MAX_ATTEMPTS: "1" });
    world.cdp.clearFaults();

    expect(ended).toMatchObject({ code: 1, stdout: "" });
    expect(ended.stderr).toMatch(fix);
    expect(ended.stderr).not.toMatch(FUNCTION_ONLY);
    expect(ended.stderr.trim().split("\n")).toHaveLength(1);
  });

  it("an API without an option is that of the variable", async () => {
    const env = { CDP_MAX_ATTEMPTS: "1", CDP_API_BASE_URL: "http://127.0.0.1:1" };

    const { stderr } = await world.balances([...snapshot, world.keyFile], world.newFolder(), env);

    expect(stderr).toMatch(/Check CDP_API_BASE_URL and the network/);
  });
});

it("a damaged key file ends with 1 and the reason, without any part of the key, before a table is created", async () => {
  const folder = world.newFolder();
  const damaged = join(world.newFolder(), "damaged.json");
  writeFileSync(damaged, world.key.file.slice(0, -20));

  const args = ["snapshot", "--all", "--key-file", damaged, "--api", world.cdp.url];
  const { code, stdout, stderr } = await world.balances(args, folder);

  const secret = JSON.parse(world.key.file).privateKey as string;
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toMatch(
    /^--key-file \/.*\/damaged\.json: The key is incomplete or damaged JSON .* Use the JSON key file/,
  );
  expect(stderr).not.toContain(secret.slice(0, 12));
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(readdirSync(folder)).toEqual([]);
});

it("a key file in UTF-16, as PowerShell writes it, takes snapshots", async () => {
  const file = join(world.newFolder(), "powershell.json");
  writeFileSync(file, `\uFEFF${world.key.file}\r\n`, "utf16le");

  const snapshot = await world.balances([
    ...["snapshot", "--all", "--dry-run", "--key-file", file, "--api", world.cdp.url],
  ]);

  expect(snapshot.code).toBe(0);
  expect(JSON.parse(snapshot.stdout).accounts).toMatchObject({ complete: world.accounts.length, failed: 0 });
});
