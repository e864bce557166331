import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expectFailure } from "../support/history-cli.ts";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "../support/jest.ts";
import { makeEd25519Key } from "../support/keys.ts";
import { ID, ONE_KEY, PERIOD, type ReconcileWorld, STACK, startReconcileWorld } from "../support/reconcile-world.ts";

// Which keys the command asks, and keys that the API rejects.

let world: ReconcileWorld;
beforeAll(async () => {
  world = await startReconcileWorld();
});
afterAll(() => world.close());
beforeEach(() => {
  Object.assign(world.permissions, { emea: true, us: true });
});

interface Output {
  readonly incomplete: readonly string[];
  readonly lines: readonly { accountId: string; asset: string; state: string }[];
}

const ofStack = (...args: string[]) => world.balances(["reconcile", ...PERIOD, "--stack", STACK, ...args]);
const outputOf = (ended: { stdout: string }) => JSON.parse(ended.stdout) as Output;
const nameOf = new Map(Object.entries(ID).map(([name, id]) => [id as string, name]));
const states = ({ lines }: Output) =>
  Object.fromEntries(lines.map(({ accountId, asset, state }) => [`${nameOf.get(accountId)} ${asset}`, state]));
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

  it("is named above the text", async () => {
    world.permissions.us = false;

    const { stdout } = await ofStack("--account", "Payouts", "--format", "table");

    expect(stdout).toMatch(/^incomplete: not asked: the key us lacks transfers:read\./m);
    expect(stdout).toMatch(/^eth not asked +1 +– +– +– +– +1\.5$/m);
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

  it("reconciles the accounts of its key", async () => {
    const ended = await world.balances(withFile("emea", "--key", "emea"));

    expect(Object.keys(states(outputOf(ended)))).toEqual([
      ...["treasury btc", "treasury eth", "treasury usdc", "operations btc"],
    ]);
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

  it("needs no --key for a table of one key", async () => {
    const ended = await world.balances(withFile("only"), ONE_KEY);

    expect(states(outputOf(ended))).toMatchObject({ "treasury usdc": "explained", "operations btc": "unexplained" });
  });

  it("ends with the message of a secret that cannot be read", async () => {
    const ended = await world.balances(["reconcile", ...PERIOD, "--secret", "secret-nowhere"], ONE_KEY);

    expectFailure(ended, 1, /^The secret secret-nowhere could not be read: /);
  });

  it("ends with the message of the API if the API rejects the key", async () => {
    writeFileSync(fileAt("other.json"), makeEd25519Key().file);
    const args = ["--key-file", fileAt("other.json"), "--api", world.cdp.url];

    const ended = await world.balances(["reconcile", ...PERIOD, ...args], ONE_KEY);

    expectFailure(ended, 1, /^GET \/platform\/v2\/transfers: HTTP 401 .*give the file of the new one with --key-file/s);
  });

  it("ends with the message of a proxy's 403, which says nothing about the key's permissions", async () => {
    world.cdp.addFault({ kind: "html", status: 403, on: { path: "/v2/transfers" } });

    const ended = await world.balances(withFile("only"), ONE_KEY);

    world.cdp.clearFaults();
    expectFailure(ended, 1, /^GET \/platform\/v2\/transfers: HTTP 403 .*a proxy or firewall/);
    expect(ended.stderr).not.toContain("lacks transfers:read");
  });
});
