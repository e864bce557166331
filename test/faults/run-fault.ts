import { HistoryReader } from "../../core/table/history-reader.ts";
import { Table } from "../../core/table/table.ts";
import { expect } from "../support/jest.ts";
import type { Item } from "../support/world/world.ts";
import { tableOf } from "../unit/table/embedded.ts";
import { SLOT } from "./deployed-job.ts";
import { type Description, describeRun, describeViews } from "./describe.ts";
import type { Fault } from "./fault.ts";
import { FaultWorld } from "./fault-world.ts";
import type { Fixtures } from "./fixtures.ts";
import { assertEnding, assertInTime, assertUnchanged, assertWhole } from "./promises.ts";
import { readSlots, type SlotView } from "./slot-view.ts";

const MINUTE_MS = 60_000;

/** What was observed of a fault. */
export interface Row {
  readonly fault: Fault;
  readonly run: Description;
  readonly reader: Description;
  /** The names of the alarms that fire. */
  readonly alarms: readonly string[];
  /** The assertion that failed. */
  readonly problem?: unknown;
}

/** Injects a fault into a new world, describes what happens, and checks the promises. */
export async function runFault(fixtures: Fixtures, fault: Fault): Promise<Row> {
  const { emptyTable, onEachPage, everyAccount, slots = [SLOT] } = fault;
  const world = await FaultWorld.make(fixtures, { emptyTable, affected: onEachPage ? 3 : fault.affected });
  try {
    await fault.inject?.(world);
    await (fault.deliver ?? deliver)(world);
    await world.clearFaults();

    const affected = (everyAccount ? world.accounts : world.affected).map(({ accountId }) => accountId);
    const reader = readerOf(await world.base.items());
    const views = await readSlots(reader, affected, slots);
    const row = {
      fault,
      run: describeRun(world, fault),
      reader: describeViews(views, world),
      alarms: alarmsOf(world, fault),
    };
    const problem = await assertAll(world, fault, reader, views).catch((thrown: unknown) => thrown);
    return { ...row, ...(problem !== undefined && { problem }) };
  } finally {
    await world.base.close();
  }
}

const deliver = (world: FaultWorld) => world.deliver();

async function assertAll(
  world: FaultWorld,
  fault: Fault,
  reader: HistoryReader,
  views: readonly SlotView[],
): Promise<void> {
  assertInTime(world);
  assertEnding(fault, world, views);
  if (!fault.everyAccount) await assertLatestIsWhole(world, reader, world.other.accountId, fault);
  await fault.check?.(world);
  const items = await world.base.items();
  if (!fault.changesHistory && !fault.emptyTable) assertUnchanged(world.previous, items);
  if (fault.unrecoverable || views.every(({ snapshot }) => snapshot !== undefined)) return;

  // An operator redoes the slot after the fault. The job reads a key that was unavailable again after some seconds.
  world.clock.advance(MINUTE_MS);
  const { error } = await world.invoke({ scheduledTime: lastOf(fault) });
  expect(error?.message).toBeUndefined();
  const after = await world.base.items();
  const latest = readerOf(after);
  for (const { accountId } of world.accounts) await assertLatestIsWhole(world, latest, accountId, fault);
  assertUnchanged(items, after);
}

/** Returns a reader of items in memory, which answers sooner than a table. */
function readerOf(items: readonly Item[]): HistoryReader {
  const { client, name } = tableOf(items);
  return new HistoryReader(new Table(client, name));
}

async function assertLatestIsWhole(
  world: FaultWorld,
  reader: HistoryReader,
  accountId: string,
  fault: Fault,
): Promise<void> {
  assertWhole(world, accountId, lastOf(fault), await reader.latest(accountId));
}

const lastOf = ({ slots = [] }: Fault) => slots.at(-1) ?? SLOT;

/** Returns the alarms that fire between the first slot and the one after the last, once all metrics have arrived. */
function alarmsOf({ data, fixtures, clock }: FaultWorld, fault: Fault): readonly string[] {
  const end = Math.max(Date.parse(lastOf(fault)) + 60 * MINUTE_MS, clock.truth() + 5 * MINUTE_MS);
  return fixtures.deployment.alarms.firing(data, Date.parse(SLOT), end);
}
