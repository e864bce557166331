import { expect } from "@jest/globals";
import { SLOT } from "./deployed-job.ts";
import type { Fault } from "./fault.ts";
import type { Lab } from "./lab.ts";
import { assertEnding, assertItEnds, assertKept, assertWhole } from "./promises.ts";
import { look, type Sight } from "./sight.ts";
import { tellRuns, tellSights } from "./words.ts";
import { World } from "./world.ts";

const MINUTE_MS = 60_000;

/** What is told of a fault. */
export interface Row {
  readonly fault: Fault;
  readonly runs: string;
  readonly sights: string;
  /** The names of the alarms that go off. */
  readonly alarms: readonly string[];
  /** What is not as it should be. */
  readonly problem?: unknown;
}

/** Has a fault happen in a world of its own, tells what was observed, and holds it against what has to be true. */
export async function examine(lab: Lab, fault: Fault): Promise<Row> {
  const { fresh, onEachPage, forAll, slots = [SLOT] } = fault;
  const world = await World.make(lab, { fresh, struck: onEachPage ? 3 : fault.struck });
  try {
    await fault.begin?.(world);
    await (fault.deliver ?? deliver)(world);
    await world.heal();

    const struck = (forAll ? world.accounts : world.struck).map(({ accountId }) => accountId);
    const sights = await look(world, struck, slots);
    const row = {
      fault,
      runs: tellRuns(world, fault),
      sights: tellSights(sights, world),
      alarms: alarmsOf(world, fault),
    };
    const problem = await assertAll(world, fault, sights).catch((thrown: unknown) => thrown);
    return { ...row, ...(problem !== undefined && { problem }) };
  } finally {
    await world.close();
  }
}

const deliver = (world: World) => world.deliver();

async function assertAll(world: World, fault: Fault, sights: readonly Sight[]): Promise<void> {
  assertItEnds(world);
  assertEnding(fault, world, sights);
  if (!fault.forAll) await assertLatestIsWhole(world, world.other.accountId, fault);
  await fault.check?.(world);
  const items = await world.items();
  if (!fault.spoilsThePast && !fault.fresh) assertKept(world.past, items);
  if (fault.lost || sights.every(({ snapshot }) => snapshot !== undefined)) return;

  // What an operator does when the fault is over. A key that could not be had is asked for again after some seconds.
  world.clock.advance(MINUTE_MS);
  const { error } = await world.invoke({ scheduledTime: lastOf(fault) });
  expect(error?.message).toBeUndefined();
  for (const { accountId } of world.accounts) await assertLatestIsWhole(world, accountId, fault);
  assertKept(items, await world.items());
}

async function assertLatestIsWhole(world: World, accountId: string, fault: Fault): Promise<void> {
  assertWhole(world, accountId, lastOf(fault), await world.reader.latest(accountId));
}

const lastOf = ({ slots = [] }: Fault) => slots.at(-1) ?? SLOT;

/** Those that go off from the first slot until the one after the last is due, and whatever was counted last is known. */
function alarmsOf({ data, lab, clock }: World, fault: Fault): readonly string[] {
  const end = Math.max(Date.parse(lastOf(fault)) + 60 * MINUTE_MS, clock.truth() + 5 * MINUTE_MS);
  return lab.deployment.alarms.goingOff(data, Date.parse(SLOT), end);
}
