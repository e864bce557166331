import type { CheckResult } from "../../cli/doctor/check-result.ts";
import { OUTPUTS } from "../../core/names/outputs.ts";
import { TableSnapshotStore } from "../../core/table/snapshot-store.ts";
import { Table } from "../../core/table/table.ts";
import { LOCAL_TABLE } from "../../local/dynamodb/embedded-dynamodb.ts";
import { makeAccount } from "../support/accounts.ts";
import { type DoctorWorld, STACK, STACK_WITHOUT_TABLE, statusByCheck, textOf } from "../support/doctor.ts";
import { emea, first, type KeysDoctor, scheduleOf, second, startKeysDoctor, third } from "../support/doctor-keys.ts";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "../support/jest.ts";
import { newFolder } from "../support/new-folder.ts";
import { snapshotWith } from "../unit/domain/snapshots.ts";

// test/integration/doctor-state-machine.test.ts has the checks of the engine.

let doctor: KeysDoctor;
let world: DoctorWorld;
beforeAll(async () => {
  doctor = await startKeysDoctor();
  world = doctor.world;
});
beforeEach(() => doctor.reset());
afterAll(() => world.close());

describe("the checks of a stack with several keys", () => {
  it("run for each key, and name it", async () => {
    const results = await world.check();

    const keys = (check: string) => results.filter((one) => one.check === check).map(({ key }) => key);
    expect(keys("key")).toEqual(["emea", "us"]);
    expect(keys("authentication")).toEqual(["emea", "us"]);
    expect(keys("balances")).toEqual(["emea", "emea", "us", "us"]);
    expect(keys("transfers")).toEqual(["emea", "us"]);
    expect(keys("schedule")).toEqual(["emea", "us"]);
    expect(keys("api")).toEqual([undefined]);
    expect(textOf(results, "key")).toMatch(/read from the secret secret-emea\n.*read from the secret secret-us$/);
    expect(textOf(results, "schedule")).toMatch(
      /next slot 2026-11-23T11:00.*\n.*cron\(0 6 .*next slot 2026-11-24T06:00/,
    );
    expect(statusByCheck(results)).toMatchObject({ stack: "passed", authentication: "passed", schedule: "passed" });
  });

  it("go on with the other keys if one key fails, and say how to store it", async () => {
    world.aws.reply("secretsmanager:GetSecretValue", (_, { input: { SecretId } }) =>
      SecretId === "secret-us" ? { Name: "secret-us", SecretString: "{}" } : { SecretString: emea.file },
    );

    const results = await world.check(STACK_WITHOUT_TABLE);

    const states = results.flatMap(({ check, key, status }) => (check === "permission" ? [`${key} ${status}`] : []));
    expect(states).toEqual(["emea passed", "us skipped"]);
    expect(textOf(results, "key")).toMatch(/^passed: .*\nfailed: the secret secret-us: .* put us$/);
  });

  it("warn of accounts that two keys record, of which the first to come takes each slot", async () => {
    const shared = `emea and us see the same account: ${third.accountId} → An account stays with`;
    expect(await world.textOf("accounts", STACK_WITHOUT_TABLE)).toContain(`warning: ${shared}`);

    doctor.setStack({ RecordedAccountsUs: "1 configured" });

    expect(await world.textOf("accounts", STACK_WITHOUT_TABLE)).not.toContain("warning");
  });

  it("fail if a key has no schedule, or one that starts something else", async () => {
    world.setSchedules([scheduleOf("us", { Target: { ...scheduleOf("us").Target, Arn: "old" } })]);

    const text = await world.textOf("schedule", STACK_WITHOUT_TABLE);

    expect(text).toMatch(/^failed: the stack has no schedule for this key: nothing starts the function → .*deploy$/m);
    expect(text).toMatch(/^failed: .* invokes old instead of the stack's function snapshot-function/m);
  });

  it("expect the schedules to start a state machine, and its execution for the last slot of each key to succeed", async () => {
    const ARN = "arn:aws:states:eu-central-1:123456789012:stateMachine:Snapshots";
    const execution = (status: string, time: string) => {
      const startDate = Date.parse(`2026-11-23T${time}:00Z`) / 1000;
      return { executionArn: `${ARN}:${time}`, stateMachineArn: ARN, name: time, status, startDate };
    };
    doctor.setStack({ [OUTPUTS.stateMachineArn]: ARN });
    world.aws.reply("states:ListExecutions", {
      executions: [execution("SUCCEEDED", "09:00"), execution("FAILED", "06:00")],
    });

    const results = await world.check(STACK_WITHOUT_TABLE);

    expect(textOf(results, "state machine")).toMatch(/^failed: the execution 06:00 is FAILED/);
    expect(textOf(results, "schedule")).toMatch(
      /^failed: .* instead of the stack's state machine arn:aws:states:\S+:Snap/,
    );
  });

  it("are limited to one key by its name", async () => {
    const results = await world.check({ ...STACK_WITHOUT_TABLE, keyName: "us" });

    expect(new Set(results.flatMap(({ key }) => key ?? []))).toEqual(new Set(["us"]));
    expect(textOf(results, "accounts")).toBe("passed: the key sees 2 accounts");
  });

  it("read the requested accounts with the keys that list them", async () => {
    const results = await world.check({ ...STACK_WITHOUT_TABLE, accounts: [second.accountId] });

    const read = results.filter(({ check }) => check === "balances").map(({ key, accountId }) => [key, accountId]);
    expect(read).toEqual([["us", second.accountId]]);
  });

  it.each([
    [
      ["--stack", STACK, "--key", "usa"],
      /^--key: the stack has no key usa\. It has emea and us\. Did you mean us or emea\?$/m,
    ],
    [["--stack", STACK, "--secret", "secret-us"], /^The stack has the keys emea and us\. Add --key with the name/m],
  ])("are a usage error for %j", async (args, message) => {
    const ended = await world.runCommand(args, newFolder());

    expect(ended.stderr).toMatch(message);
    expect(ended.code).toBe(2);
  });
});

describe("the check of the last run of a stack with several keys", () => {
  const at = (time: string) => `2026-11-23T${time}:00.000Z`;
  const [gone, givenUp] = [makeAccount([]), makeAccount([])];
  beforeAll(async () => {
    const store = new TableSnapshotStore(new Table(world.servers.table, LOCAL_TABLE));
    const schedule = { timezone: "UTC", latenessLimitMs: 3_600_000 };
    const slot = at("06:00");
    for (const [key, expression] of [
      ["us", "cron(0 6 * * ? *)"],
      ["emea", "cron(0 * * * ? *)"],
    ] as const)
      await store.registerSchedule({ ...schedule, key, expression }, slot, slot);
    const keys = { emea: [first], us: [second, givenUp], apac: [gone] };
    for (const [key, accounts] of Object.entries(keys)) {
      for (const { accountId, name } of accounts)
        await store.save(snapshotWith({}, { accountId, slot, trigger: "schedule" }), [], { accountId, name, key });
    }
    const noKey = { accountId: givenUp.accountId, key: "", noKeySince: at("07:00") };
    await store.registerDescription(noKey, at("07:00"));
    const failed = { code: "api_forbidden", message: "Forbidden.", slot: at("09:00"), trigger: "schedule" } as const;
    await store.recordFailedRun({ ...failed, key: "emea", scope: "all", failedAt: at("09:01") });
    doctor.reset();
    results = await world.check();
  });

  let results: readonly CheckResult[];
  const lastRuns = () => results.filter(({ check }) => check === "last run");

  it("expects the slots of the key that serves an account, and explains them with the failed runs of this key", () => {
    const texts = lastRuns().map(({ key, accountId, status, message }) => [key, accountId, status, message].join(" "));
    expect(texts).toEqual(
      expect.arrayContaining([
        `emea  failed all accounts: the run for ${at("09:00")} failed after 1 attempt; api_forbidden: Forbidden.`,
        expect.stringMatching(`^us ${second.accountId} passed complete for ${at("06:00")}`),
      ]),
    );
    expect(texts.some((text) => text.startsWith("us") && text.includes("slot"))).toBe(false);
  });

  it("shows the name of an account", async () => {
    const { stdout } = await world.runCommand(["--stack", STACK, "--format", "table"], newFolder());
    const named = results.filter(({ accountName }) => accountName !== undefined);

    expect(stdout).toMatch(new RegExp(`^passed +balances +emea: Treasury\\s+\\(${first.accountId}\\):`, "m"));
    expect(named.map(({ check, accountId, accountName }) => [check, accountId, accountName])).toEqual(
      ["balances", "last run"].map((check) => [check, first.accountId, "Treasury"]),
    );
  });

  it("warns of the accounts whose key is gone, and says how to end them", () => {
    const [unserved] = lastRuns().filter(({ message }) => message.startsWith("no key of the stack"));

    expect(unserved).toMatchObject({
      status: "warning",
      message: `no key of the stack serves 1 account, whose key was apac: ${gone.accountId}`,
      suggestedFix: expect.stringMatching(/end it: balances accounts retire --key apac$/),
    });
  });

  it("warns of the accounts that their key gave up, which may end on their own", () => {
    const unserved = lastRuns().filter(({ message }) => message.startsWith("no key serves"));

    expect(unserved).toEqual([
      expect.objectContaining({
        status: "warning",
        message: `no key serves 1 account, which us no longer lists: ${givenUp.accountId}`,
        suggestedFix: "What to do: docs/runbook.md#gaps-without-a-key",
      }),
    ]);
  });
});

describe("the checks of one of several keys, without a stack", () => {
  const table = { name: LOCAL_TABLE };
  const withFile = (file: string) => ({ table, key: { file: "key.json", text: file } });

  it("show no account of another key, also if the API lists it for this one", async () => {
    const lastRuns = async (request: Parameters<DoctorWorld["check"]>[0]) => {
      const results = await world.check(request);
      return results.flatMap(({ check, key, accountId, message }) =>
        check === "last run" ? [[key, accountId ?? message]] : [],
      );
    };

    // The file of emea, by mistake. The third account has no record, the first one has that of emea.
    const expected = [
      ["us", second.accountId],
      ["us", `no record of 1 of the accounts that the key sees: ${third.accountId}`],
    ];
    expect(await lastRuns({ ...withFile(emea.file), keyName: "us" })).toEqual(expected);
    expect(await lastRuns({ stack: STACK, ...withFile(emea.file), keyName: "us" })).toEqual(expected);
  });

  it("are a usage error before the first request for a key that the table does not know", async () => {
    const { requests } = world.servers.cdp;
    const before = requests.length;

    const checked = world.check({ ...withFile(emea.file), keyName: "emae" });

    await expect(checked).rejects.toMatchObject({
      code: "usage",
      message: expect.stringContaining(
        "--key: no account in the table has the key emae. Expected apac, emea or us. Before the",
      ),
    });
    expect(requests).toHaveLength(before);
  });

  it("run for any key if the table cannot be read", async () => {
    const results = await world.check({ ...withFile(emea.file), table: { name: "another" }, keyName: "emae" });

    expect(statusByCheck(results)).toMatchObject({ authentication: "passed", table: "failed" });
  });
});

it("--key is a usage error for a stack whose key has no name", async () => {
  world.reset();

  const ended = await world.runCommand(["--stack", STACK, "--key", "us"], newFolder());

  expect(ended.stderr).toMatch(/^--key: the stack has one key, which has no name\. Leave --key out\.$/m);
  expect(ended.code).toBe(2);
});
