import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Fault } from "../../local/simulated-cdp/faults/fault.ts";
import { expectFailure } from "../support/history-cli.ts";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "../support/jest.ts";
import {
  ID,
  ONE_KEY,
  outputOf,
  PERIOD,
  type ReconcileWorld,
  STACK,
  startReconcileWorld,
  statesOf,
} from "../support/reconcile-world.ts";

// Which keys the command asks, and keys that the API rejects.

let world: ReconcileWorld;
beforeAll(async () => {
  world = await startReconcileWorld();
});
afterAll(() => world.close());
beforeEach(() => {
  Object.assign(world.permissions, { emea: true, us: true });
});

const ofStack = (...args: string[]) => world.balances(["reconcile", ...PERIOD, "--stack", STACK, ...args]);
const fileAt = (name: string) => join(world.home, name);

describe("a key without the permission", () => {
  it("leaves its lines not asked, never zero, and ends with 1", async () => {
    world.permissions.us = false;

    const ended = await ofStack("--account", "Treasury", "Payouts");

    const output = outputOf(ended);
    const payouts = output.lines.filter(({ accountId }) => accountId === ID.payouts);
    expect(payouts).toMatchObject([
      { asset: "eth", state: "not_asked", in: null, out: null, fees: null, unexplained: null },
      { asset: "sol", state: "not_asked" },
    ]);
    expect(output.incomplete).toEqual([
      `not asked: the key us lacks transfers:read. This concerns 1 account (Payouts (${ID.payouts})).`,
    ]);
    expect(ended.stderr).toMatch(
      /^GET \/platform\/v2\/transfers: HTTP 403 .* Give the key the permission transfers:read/,
    );
    expect(ended.code).toBe(1);
  });

  it("keeps an earlier file of transfers, if no other key could read any", async () => {
    world.permissions.us = false;
    const file = fileAt("earlier.json");
    writeFileSync(file, "before");

    const ended = await ofStack("--account", "Payouts", "--save-transfers", file);

    expect(outputOf(ended).lines).toMatchObject([{ state: "not_asked" }, { state: "not_asked" }]);
    expect(ended.stderr).toMatch(/^--save-transfers: \S+ was not written, because no transfers could be read\.$/m);
    expect(ended.code).toBe(1);
    expect(readFileSync(file, "utf8")).toBe("before");
  });
});

describe("one key file", () => {
  const withFile = (key: "emea" | "only", ...args: string[]) => [
    ...["reconcile", ...PERIOD, "--key-file", world.keyFile(key), "--api", world.cdp.url, ...args],
  ];

  it("requires --key for a table with accounts of several keys", async () => {
    const ended = await world.balances(withFile("emea"));

    expectFailure(
      ended,
      2,
      /^--key-file: the accounts are of the keys emea and us, .* Select .* --key emea or --key us, or use --stack\.$/m,
    );
  });

  it("reconciles the accounts of its key, and needs no --key for a table of one key", async () => {
    const lines = ["treasury btc", "treasury eth", "treasury usdc", "operations btc"];

    const named = await world.balances(withFile("emea", "--key", "emea"));
    const only = await world.balances(withFile("only"), ONE_KEY);

    for (const ended of [named, only]) expect(Object.keys(statesOf(outputOf(ended)))).toEqual(lines);
  });

  it.each(["--out", "--save-transfers"])("is never replaced by the file of %s", async (option) => {
    const file = fileAt("kept.json");
    const text = readFileSync(world.keyFile("only"), "utf8");
    writeFileSync(file, text);

    const ended = await world.balances(
      ["reconcile", ...PERIOD, "--key-file", file, "--api", world.cdp.url, option, file],
      ONE_KEY,
    );

    expectFailure(ended, 2, /: \S+ is also the file of --key-file\. Choose another file\.$/m);
    expect(readFileSync(file, "utf8")).toBe(text);
  });

  it("ends with the message of a secret that cannot be read", async () => {
    const ended = await world.balances(["reconcile", ...PERIOD, "--secret", "secret-nowhere"], ONE_KEY);

    expectFailure(ended, 1, /^The secret secret-nowhere could not be read: /);
  });

  it.each<[string, Fault, RegExp]>([
    ["of the API if it rejects the key", { kind: "error", status: 401 }, /HTTP 401 .*new one with --key-file/s],
    ["of a proxy's 403, not of a permission", { kind: "html", status: 403 }, /HTTP 403 .*a proxy or firewall/],
  ])("ends with the message %s", async (_, fault, message) => {
    world.cdp.addFault({ ...fault, on: { path: "/v2/transfers" } });

    const ended = await world.balances(withFile("only"), ONE_KEY);

    world.cdp.clearFaults();
    expectFailure(ended, 1, message);
    expect(ended.stderr).not.toContain("lacks transfers:read");
  });
});
