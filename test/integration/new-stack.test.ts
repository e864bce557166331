import { makeAccount, makeBalances } from "../support/accounts.ts";
import { type DoctorWorld, INVOKE_COMMAND, STACK, startDoctorWorld, WITH_ANCHOR } from "../support/doctor.ts";
import { expectFailure, jsonRows } from "../support/history-cli.ts";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "../support/jest.ts";
import { newFolder } from "../support/new-folder.ts";
import { DENIED } from "../support/world/aws.ts";

// The commands that read, with --stack, right after the first deployment.

let world: DoctorWorld;
const account = makeAccount(makeBalances(2));
const home = newFolder();
const balances = (command: string) => world.balances([...command.split(" "), "--stack", STACK], home);

beforeAll(async () => {
  world = await startDoctorWorld(() => [account]);
});
beforeEach(() => world.reset());
afterAll(() => world.close());

describe("an empty table", () => {
  it.each([
    ...["latest", "accounts", "gaps", "totals", "chart", "verify", "export --format json"],
    ...["as-of --at now", "history --asset btc", `accounts retire ${account.accountId}`],
  ])("makes %s name the doctor and the stack's command that takes a snapshot", async (command) => {
    const ended = await balances(command);

    expectFailure(ended, 2, /^No snapshots in the table \S+ \(eu-central-1, \S+\)\. To check what is missing: /);
    expect(ended.stderr).toContain(`balances doctor --stack ${STACK}. To take a snapshot now: ${INVOKE_COMMAND}\n`);
  });
});

describe("gaps, with manual snapshots only", () => {
  beforeAll(async () => {
    world.setTime("2026-11-23T10:20:00.000Z");
    await world.runManually();
    world.setTime("2026-11-23T12:30:00.000Z");
  });

  const NOTE = /^No scheduled run has started yet\. The slots are those of the stack's schedule, cron\(0 \* .* UTC\.\n/;

  it.each([
    ["", {}],
    [", which has another one for the chain heads", { resources: WITH_ANCHOR }],
  ])("takes the schedule of the stack%s", async (_, stack) => {
    world.setStack(stack);

    const ended = await balances("gaps");

    expect(ended.stderr).toMatch(NOTE);
    expect(ended.code).toBe(1);
    expect(jsonRows(ended)).toMatchObject([
      { slot: "2026-11-23T11:00:00.000Z", code: "not_run" },
      { slot: "2026-11-23T12:00:00.000Z", code: "not_run" },
    ]);
  });

  it("takes that of --schedule instead", async () => {
    const ended = await world.balances(["gaps", "--stack", STACK, "--schedule", "cron(0 6 * * ? *)"], home);

    expect(ended).toMatchObject({ code: 0, stdout: "" });
  });

  it.each([
    ["scheduler:GetSchedule", /^--stack: cannot read the schedule of .*: AccessDenied.* Allow .*scheduler:GetSchedule/],
    [
      "cloudformation:ListStackResources",
      /^--stack: .* Allow cloudformation:ListStackResources .* with --schedule\.$/m,
    ],
  ])("fails if %s is not allowed", async (action, message) => {
    world.aws.reply(action, DENIED);

    expectFailure(await balances("gaps"), 1, message);
  });

  it.each([
    ["no schedule", {}],
    ["only that of the chain heads", { ...WITH_ANCHOR, "AWS::Scheduler::Schedule": ["anchor-schedule"] }],
  ])("asks for --schedule if the stack has %s", async (_, resources) => {
    world.setStack({ resources });

    expectFailure(await balances("gaps"), 2, /^The table contains no schedule\. Give the schedule to check/);
  });

  it("takes the schedule that the first scheduled run records, and reads no other", async () => {
    await world.runSlot("2026-11-23T13:00:00.000Z");
    world.aws.reply("scheduler:GetSchedule", DENIED);

    const ended = await balances("gaps --from 2026-11-23T13:00:00Z");

    expect(ended).toMatchObject({ code: 0, stdout: "" });
    expect(ended.stderr).not.toMatch(NOTE);
  });
});
