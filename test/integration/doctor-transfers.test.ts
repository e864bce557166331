import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Fault } from "../../local/simulated-cdp/faults/fault.ts";
import { makeAccount, makeBalances } from "../support/accounts.ts";
import { type DoctorWorld, STACK, startDoctorWorld, statusByCheck, textOf, withKeyFile } from "../support/doctor.ts";
import { jsonRows } from "../support/history-cli.ts";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "../support/jest.ts";
import { makeEd25519Key } from "../support/keys.ts";
import { newFolder } from "../support/new-folder.ts";

// The check whether a key may read transfers, which the job does not need.

const accounts = [makeAccount(makeBalances(3))];
const withPermission = makeEd25519Key();
const without = makeEd25519Key();
let world: DoctorWorld;

beforeAll(async () => {
  const keys = [withPermission, { ...without, mayReadTransfers: false }];
  world = await startDoctorWorld(() => accounts, withPermission, keys);
});
beforeEach(() => world.reset());
afterAll(() => world.close());

const request = (key: { file: string }) => ({
  ...withKeyFile(key.file),
  api: { baseUrl: world.servers.cdp.url, setting: "--api" },
});

describe("the check of transfers", () => {
  it("passes a key with the permission, after one request for one transfer", async () => {
    world.servers.cdp.requests.length = 0;

    const text = await world.textOf("transfers", request(withPermission));

    expect(text).toBe("passed: the key may read transfers, which only balances reconcile needs");
    const asked = world.servers.cdp.requests.filter(({ path }) => path.endsWith("/v2/transfers"));
    expect(asked.map(({ query, status }) => [query, status])).toEqual([[{ pageSize: "1" }, 200]]);
  });

  it("is skipped for a key without the permission, which changes neither the exit code nor another check", async () => {
    const folder = newFolder();
    const file = join(folder, "key.json");
    writeFileSync(file, without.file);

    const ended = await world.runCommand(["--key-file", file, "--api", world.servers.cdp.url], folder);

    const results = jsonRows(ended) as unknown as Parameters<typeof textOf>[0];
    expect(textOf(results, "transfers")).toBe(
      "skipped: not checked: the key lacks transfers:read, which only balances reconcile needs",
    );
    expect(ended.code).toBe(0);
    expect(statusByCheck(results)).toMatchObject({ permission: "passed", balances: "passed" });
  });

  it.each<[Fault, RegExp]>([
    [{ kind: "error", status: 503 }, /^warning: cannot check: GET .*transfers: HTTP 503 .* → .*status\.coinbase\.com/],
    [{ kind: "body", body: '{"transfers": 1}' }, /^warning: cannot check: .* transfers: expected array.* → /],
  ])("warns after %j, because the job needs no transfers", async (fault, expected) => {
    world.servers.cdp.addFault({ ...fault, on: { path: "/v2/transfers" } });

    const results = await world.check({ stack: STACK });

    expect(textOf(results, "transfers")).toMatch(expected);
    expect(results.filter(({ status }) => status === "failed")).toEqual([]);
  });

  it("is skipped if the API refuses the key", async () => {
    const text = await world.textOf("transfers", request(makeEd25519Key()));

    expect(text).toBe('skipped: not checked: the check "authentication" failed');
  });

  it("is skipped without a key", async () => {
    const table = { name: world.servers.env["TABLE_NAME"] ?? "" };

    expect(await world.textOf("transfers", { table })).toMatch(/^skipped: not checked: requires --key-file, /);
  });
});
