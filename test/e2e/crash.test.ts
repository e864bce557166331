import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "@jest/globals";
import { type DeployedFunction, synthesizeFunction } from "../../demo/deployed-function.ts";
import { LOCAL_TABLE } from "../../local/dynamodb/embedded-dynamodb.ts";
import type { Kill } from "../support/crash-gate.ts";
import { inProcess, inProcessOfItsOwn, SECRET_ID, type StartRun } from "../support/crash-run.ts";
import { startSmallScene } from "../support/crash-small.ts";
import { stateOf, type Trial, tryKills } from "../support/crash-trial.ts";

let deployed: DeployedFunction;
beforeAll(() => {
  deployed = synthesizeFunction({ pageSize: 4, accountsAtOnce: 1 }, { tableName: LOCAL_TABLE, secretId: SECRET_ID });
});
afterAll(() => deployed.remove());

it("a SIGKILL of the deployed function leaves what the searches' kills leave", async () => {
  const here = inProcess(deployed.environment);
  const inEarnest = inProcessOfItsOwn(deployed.bundle, deployed.environment);
  const unharmed = await kill(here);
  expect(unharmed.problems).toEqual([]);
  const steps = unharmed.runs[0] ?? [];
  const kinds = steps.map(({ kind }) => kind);
  expect(kinds).toContain("PutItem account_…#parts");

  // The first step of each kind that writes, and the first at each of the servers.
  const points = steps.flatMap(({ kind, target, writes }, at) => {
    const isFirst = writes ? kinds.indexOf(kind) === at : steps.findIndex((step) => step.target === target) === at;
    return isFirst ? [at + 1] : [];
  });
  const restarted = new Set<string>();
  for (const step of points) {
    const dead = await kill(firstBy(inEarnest, here), { step, when: "after" }, restarted);
    const frozen = await kill(here, { step, when: "after" }, restarted);

    expect({ step, problems: [...dead.problems, ...frozen.problems] }).toEqual({ step, problems: [] });
    expect({ step, ...afterKill(frozen) }).toEqual({ step, ...afterKill(dead) });
  }
}, 120_000);

async function kill(start: StartRun, point?: Kill, restarted?: Set<string>): Promise<Trial> {
  const scene = await startSmallScene({ accounts: 2, assets: 8, firstIsLong: true });
  return tryKills(scene, start, point === undefined ? [] : [point], restarted);
}

/** The first run in one way, and those after it in another. */
function firstBy(first: StartRun, further: StartRun): StartRun {
  let next = first;
  return (...run) => {
    const start = next;
    next = further;
    return start(...run);
  };
}

/**
 * What the killed run had done, and what the table had of it: the beginning of each item, and what stands for the rest. The
 * descriptions of assets are put side by side: how many of them were on their way is chance.
 */
function afterKill({ killed, runs, moments }: Trial) {
  const table = stateOf((moments[0]?.items ?? []).filter(({ account }) => account?.S !== "assets"));
  return {
    killed,
    kinds: runs[0]?.map(({ kind }) => kind).filter((kind) => kind !== "PutItem assets"),
    table: table.map((text) => `${text.slice(0, 100)} ${createHash("sha256").update(text).digest("hex")}`),
  };
}
