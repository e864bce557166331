import { createHash } from "node:crypto";
import { rmSync } from "node:fs";
import { type DeployedFunction, synthesizeFunction } from "../../demo/deployed-function.ts";
import { LOCAL_TABLE } from "../../local/dynamodb/embedded-dynamodb.ts";
import type { Kill } from "../support/crash/gate.ts";
import { inChildProcess, inProcess, type StartRun } from "../support/crash/run.ts";
import { startScene } from "../support/crash/scene.ts";
import { stateOf, type Trial, tryKills } from "../support/crash/trial.ts";
import { afterAll, beforeAll, expect, it } from "../support/jest.ts";

let deployed: DeployedFunction;
beforeAll(() => {
  deployed = synthesizeFunction({ pageSize: 4, accountsAtOnce: 1 }, { tableName: LOCAL_TABLE, secretId: LOCAL_TABLE });
});
afterAll(() => rmSync(deployed.folder, { recursive: true }));

it("a SIGKILL of the deployed function leaves the same table as a kill at the gate", async () => {
  const here = inProcess(deployed.environment);
  const childProcess = inChildProcess(deployed.bundle, deployed.environment);
  const undisturbed = await kill(here);
  expect(undisturbed.problems).toEqual([]);
  const steps = undisturbed.runs[0] ?? [];
  const kinds = steps.map(({ kind }) => kind);
  expect(kinds).toContain("PutItem account_…#parts");

  // integration/crash.test.ts kills runs at all other steps, at the gate.
  const points = ["#parts", ""].map((suffix) => kinds.indexOf(`PutItem account_…${suffix}`) + 1);
  const restarted = new Set<string>();
  for (const step of points) {
    const killed = await kill(firstBy(childProcess, here), { step, when: "after" }, restarted);
    const cutOff = await kill(here, { step, when: "after" }, restarted);

    expect({ step, problems: [...killed.problems, ...cutOff.problems] }).toEqual({ step, problems: [] });
    expect({ step, ...afterKill(cutOff) }).toEqual({ step, ...afterKill(killed) });
  }
}, 120_000);

async function kill(start: StartRun, point?: Kill, restarted?: Set<string>): Promise<Trial> {
  const scene = await startScene({ accounts: 2, assets: 8, firstIsLarge: true });
  return tryKills(scene, start, point === undefined ? [] : [point], restarted);
}

/** Starts the first run in one way and further runs in another. */
function firstBy(first: StartRun, further: StartRun): StartRun {
  let next = first;
  return (...run) => {
    const start = next;
    next = further;
    return start(...run);
  };
}

/** Returns the steps of the killed run and its items. Asset descriptions are put concurrently, so their number is chance. */
function afterKill({ killed, runs, checkpoints }: Trial) {
  const table = stateOf((checkpoints[0]?.items ?? []).filter(({ account }) => account?.S !== "assets"));
  return {
    killed,
    kinds: runs[0]?.map(({ kind }) => kind).filter((kind) => kind !== "PutItem assets"),
    table: table.map((text) => `${text.slice(0, 100)} ${createHash("sha256").update(text).digest("hex")}`),
  };
}
