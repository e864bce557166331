import { setTimeout as sleep } from "node:timers/promises";
import type { RunStep } from "../../core/domain/run-step.ts";
import { ENV } from "../../core/names/environment.ts";
import { systemClock } from "../../core/system-clock.ts";
import { deployedDefinition, FUNCTION_ARN } from "../infra/deployed-definition.ts";
import { synth } from "../infra/synth.ts";
import { environmentOf } from "../infra/template.ts";
import { makeAccount, makeBalances } from "../support/accounts.ts";
import { currentHour } from "../support/clock.ts";
import { type DeployedFunction, deploy } from "../support/deployed.ts";
import { afterAll, beforeAll, describe, expect, it } from "../support/jest.ts";
import { execute } from "../support/states-language/interpreter.ts";
import { StatesError } from "../support/states-language/values.ts";
import { startWorld, type World } from "../support/world/world.ts";

// Runs the deployed bundle with the deployed definition. The time of the state machine is a thousandth of the real one.

const ACCOUNTS = Array.from({ length: 5 }, () => makeAccount(makeBalances(2)));
/** A part of the run begins no account in the second half of what is left without the reserve of 1 s. */
const INVOCATION_MS = 2_000;
const SLOW_MS = 200;

const clock = {
  ...systemClock,
  sleep: (ms: number, signal?: AbortSignal) => systemClock.sleep(ms / 1000, signal),
};
const { template } = synth({ engine: "stepFunctions" });
const definition = deployedDefinition(template);

let latencyMs = 0;
let world: World;
let fn: Awaited<ReturnType<DeployedFunction["start"]>>;

beforeAll(async () => {
  world = await startWorld({
    accounts: () => ACCOUNTS,
    onRequest: ({ phase }) => (phase === "received" ? sleep(latencyMs) : undefined),
  });
  // The bundle of all configurations is the same.
  const deployed = await deploy(world);
  const engine = String(environmentOf(template)[ENV.engine]);
  fn = await deployed.start(undefined, {
    [ENV.engine]: engine,
    [ENV.accountsAtOnce]: "1",
    [ENV.reserveSeconds]: "1",
  });
});
afterAll(async () => {
  await fn.stop();
  await world.close();
});

/** Invokes the function as Step Functions does. */
async function invoke(name: string, event: unknown): Promise<unknown> {
  expect(name).toBe(FUNCTION_ARN);
  const { step } = event as { readonly step: RunStep };
  const { result, error } = await fn.invoke(event, step.name === "take" ? INVOCATION_MS : undefined);
  if (error !== undefined) throw new StatesError(error.errorType, JSON.stringify(error));
  return result;
}

const stored = async (slot: string) => {
  const records = await Promise.all(ACCOUNTS.map(({ accountId }) => world.findRecord(accountId, slot)));
  return records.filter((record) => record?.status === "complete").length;
};

describe("the deployed bundle in the deployed state machine", () => {
  it("takes all accounts in several invocations", async () => {
    const slot = currentHour();
    latencyMs = SLOW_MS;

    const { status, output, entered } = await execute(definition, { scheduledTime: slot }, { clock, invoke });
    latencyMs = 0;

    expect(status).toBe("SUCCEEDED");
    // On a busy machine, an account can be complete when its part no longer has the time to report it.
    expect(output).toMatchObject({ slot, accounts: { failed: 0 } });
    // Every principal that may read the history of an execution sees the output.
    expect(JSON.stringify(output)).not.toContain("account_");
    expect(entered.filter((name) => name === "Take snapshots").length).toBeGreaterThan(1);
    expect(await stored(slot)).toBe(ACCOUNTS.length);
  });

  it.each([
    ["an unknown field", { kye: "emea" }, 'field \\"kye\\" is unknown'],
    ["a key that does not exist", { key: "emea" }, "has one key without a name"],
  ])("fails at once, with all that is wrong with the event, because of %s", async (_, event, message) => {
    const { status, error, entered } = await execute(definition, event, { clock, invoke });

    expect({ status, error: error?.error }).toEqual({ status: "FAILED", error: "InputError" });
    expect(error?.message).toContain(message);
    expect(entered).toEqual(["Valid event?", "Keys", "Take snapshots", "Event refused"]);
  });

  it("takes the slot of a dead letter of the scheduler, with which a person starts it", async () => {
    const slot = currentHour(2);
    const letter = { StateMachineArn: "arn:…", Input: JSON.stringify({ scheduledTime: slot }) };

    const { output } = await execute(definition, letter, { clock, invoke });

    expect(output).toMatchObject({ slot, trigger: "schedule", accounts: { failed: 0 } });
    expect(await stored(slot)).toBe(ACCOUNTS.length);
  });

  it("fails with the function's message while the API rejects the key, and a redrive takes the snapshots", async () => {
    const slot = currentHour(1);
    world.cdp.addFault({ kind: "error", status: 401 });

    const execution = await execute(definition, { scheduledTime: slot }, { clock, invoke });
    world.cdp.clearFaults();
    const again = await execution.redrive();

    expect(execution.status).toBe("FAILED");
    expect(execution.error?.message).toContain("api_unauthorized");
    expect(again).toMatchObject({ status: "SUCCEEDED", entered: ["Finish"] });
    expect(await stored(slot)).toBe(ACCOUNTS.length);
  });
});
