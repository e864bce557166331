import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { makeAccount, makeBalances } from "../support/accounts.ts";
import { AwsRefusal, DENIED } from "../support/aws.ts";
import { type DoctorWorld, of, SECRET, STACK, startDoctorWorld, statuses, withFile } from "../support/doctor.ts";
import { makeEcKey, makeEd25519Key } from "../support/keys.ts";

// The doctor on the key, and on what the API makes of it, against a real server that checks every token.

const some = makeAccount(makeBalances(31));
let world: DoctorWorld;

beforeAll(async () => {
  world = await startDoctorWorld(() => [some]);
});
beforeEach(() => {
  world.servers.cdp.behave();
  world.restore();
});
afterAll(() => world.close());

const ofServer = () => withFile(world.servers.key.file);
/** A good key that the server does not know. */
const revoked = () => withFile(makeEd25519Key().file);

describe("key", () => {
  it.each([
    ["cut", '{"id": "x", "privateKey": "MC4', /JSON that is broken or cut/],
    ["empty", " \n", /is empty/],
    ["without an id", makeEcKey().formats["SEC1 PEM"] ?? "", /bare PEM: the key's id/],
    ["of another kind", '{"id": "x", "privateKey": "AAAA"}', /base64 of 3 bytes/],
  ])(
    "says what is wrong with a file that is %s, skips what needs it, and looks at the rest",
    async (_, text, expected) => {
      const findings = await world.examine({ ...withFile(text), stack: STACK });

      expect(of(findings, "key")).toMatchObject([
        { status: "failed", found: expect.stringMatching(expected), remedy: expect.stringContaining("CDP portal") },
      ]);
      expect(of(findings, "key")[0]?.found).not.toContain("Give the JSON");
      for (const step of ["signature", "permission", "allowlist", "accounts", "page", "account"] as const) {
        expect(of(findings, step)).toEqual([{ step, status: "skipped", found: "not checked: the step key failed" }]);
      }
      expect(statuses(findings)).toMatchObject({ api: "ok", clock: "ok", table: "ok", schedule: "ok", alarms: "ok" });
    },
  );

  it("reads the stack's secret, and says that it has no value, with the command that puts one in", async () => {
    world.aws.reply("secretsmanager:GetSecretValue", new AwsRefusal("ResourceNotFoundException"));

    const [key] = of(await world.examine(), "key");

    expect(key).toMatchObject({ status: "failed", found: `the secret ${SECRET} does not exist, or has no value yet` });
    expect(key?.remedy).toMatch(/put-secret-value --region eu-central-1 --secret-id .* file:\/\/cdp_api_key\.json$/);
  });

  it("does not take its own lack of permission for the function's", async () => {
    world.aws.reply("secretsmanager:GetSecretValue", DENIED);

    const [key] = of(await world.examine(), "key");

    expect(key).toMatchObject({ status: "failed", found: expect.stringContaining("cannot tell") });
    expect(key?.remedy).toMatch(/Give yourself secretsmanager:GetSecretValue.*--key-file.*its own role/);
  });

  it("reads a secret that is named, without a stack", async () => {
    const findings = await world.examine({ key: { secret: "mine" }, apiBaseUrl: world.servers.cdp.url });

    expect(of(findings, "key")).toMatchObject([
      { status: "ok", found: expect.stringMatching(/from the secret mine$/) },
    ]);
    expect(statuses(findings)).toMatchObject({ account: "ok", stack: "skipped", table: "skipped", alarms: "skipped" });
  });
});

describe("signature, permission and allowlist", () => {
  const api = () => ({ ...ofServer(), apiBaseUrl: world.servers.cdp.url });

  it("takes a key that is refused in the words for a key that does not exist for one: revoked", async () => {
    const findings = await world.examine({ ...api(), ...revoked() });

    expect(of(findings, "signature")).toMatchObject([
      { status: "failed", found: expect.stringMatching(/HTTP 401.*in the same words as a key that does not exist$/) },
    ]);
    expect(of(findings, "signature")[0]?.remedy).toMatch(/\(1\) the key is revoked.*\(2\) the key's IP allowlist/);
    expect(statuses(findings)).toMatchObject({ permission: "skipped", allowlist: "skipped", accounts: "skipped" });
    expect(of(findings, "allowlist")[0]?.found).toBe("not checked: the step signature failed");
  });

  it("takes a key that is refused in other words for one that is known: its allowlist first", async () => {
    world.servers.cdp.misbehave({ kind: "error", status: 401, message: "Unauthorized." });

    const [signature] = of(await world.examine(api()), "signature");

    expect(signature?.found).toMatch(/in other words than a key that does not exist$/);
    expect(signature?.remedy).toMatch(/\(1\) the key's IP allowlist.*\(2\) the key is revoked/);
  });

  it("takes a stack with a fixed address for one whose key has an allowlist", async () => {
    world.stack({ outputs: { EgressAddress: "203.0.113.7" } });

    const [signature] = of(await world.examine({ stack: STACK, ...revoked() }), "signature");

    expect(signature?.remedy).toMatch(/\(1\) the key's IP allowlist.*\(2\) the key is revoked/);
  });

  it("names the permission for a 403, and the allowlist after it", async () => {
    world.servers.cdp.misbehave({ kind: "error", status: 403 });

    const findings = await world.examine(api());

    expect(statuses(findings)).toMatchObject({
      signature: "ok",
      permission: "failed",
      allowlist: "skipped",
      account: "skipped",
    });
    expect(of(findings, "permission")[0]?.remedy).toMatch(/accounts:read@entity.*IP allowlist/);
  });

  it.each([
    [{}, /the function has no fixed one/],
    [{ EgressAddress: "203.0.113.7" }, /the function calls from 203\.0\.113\.7: .* has to be on it/],
  ])("says that the function calls from another address, with outputs %p", async (outputs, expected) => {
    world.stack({ outputs });

    const findings = await world.examine();

    expect(of(findings, "allowlist")).toMatchObject([{ status: "ok", found: expect.stringMatching(expected) }]);
  });

  it("tells an outage from a refusal, and asks for accounts that are given all the same", async () => {
    world.servers.cdp.misbehave({ kind: "error", status: 503, on: { path: /\/v2\/accounts$/ } });

    const findings = await world.examine({ ...api(), accounts: [some.accountId] });

    expect(of(findings, "signature")).toMatchObject([
      {
        status: "failed",
        found: expect.stringMatching(/^cannot tell: .*HTTP 503/),
        remedy: expect.stringContaining("status.coinbase.com"),
      },
    ]);
    expect(of(findings, "account")).toMatchObject([{ status: "ok", accountId: some.accountId }]);
  });

  it("asks once and does not wait, whatever the API asks for", async () => {
    world.servers.cdp.misbehave({ kind: "error", status: 429, retryAfter: "600" });

    const findings = await world.examine(api());

    expect(world.clock.slept).toEqual([]);
    expect(of(findings, "signature")[0]?.remedy).toMatch(/600 reads/);
  });
});
