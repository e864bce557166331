import { BatchGetItemCommand, BatchWriteItemCommand, type WriteRequest } from "@aws-sdk/client-dynamodb";
import type { Slot } from "../../../core/domain/slot.ts";
import { TABLE_KEYS } from "../../../core/names/table-keys.ts";
import { LOCAL_TABLE } from "../../../local/dynamodb/embedded-dynamodb.ts";
import type { SimulatedAccount, WireBalance } from "../../../local/simulated-cdp/server.ts";
import { makeAccount } from "../accounts.ts";
import { openGate } from "./gate.ts";
import { nameOf } from "./invariants.ts";
import type { StartRun } from "./run.ts";
import { HORIZON, type Item, type Scene, startScene } from "./scene.ts";
import type { Answer, Forward, Key } from "./step.ts";

/** One account of 5,000 assets, for any number of trials: closing the inner scene restores the table. */
export interface LargeScene {
  readonly scene: Scene;
  close(): Promise<void>;
}

const ASSETS = 5_000;
/** The limit of BatchWriteItem. */
const BATCH = 25;
/** Runs before the trials: the first sees one asset, the second sees all of them. */
const ONE_ASSET = -2;
const ALL_ASSETS = -1;

/**
 * Starts a scene whose table has a complete snapshot of an earlier slot and a description of every asset.
 * @param earlier two slots before `slot`
 */
export async function startLargeScene(
  start: StartRun,
  slot: Slot,
  earlier: readonly [Slot, Slot],
): Promise<LargeScene> {
  const account = makeAccount();
  const markets = new Map<number, SimulatedAccount[]>();
  const accounts = (run: number) => {
    const made = markets.get(run) ?? [{ ...account, balances: balancesOf(run) }];
    markets.set(run, made);
    return made;
  };
  const scene = await startScene({ slot, accounts });
  const { table } = scene;
  const write = async (requests: readonly WriteRequest[]): Promise<void> => {
    for (let at = 0; at < requests.length; at += BATCH) {
      const RequestItems = { [LOCAL_TABLE]: requests.slice(at, at + BATCH) };
      await table.send(new BatchWriteItemCommand({ RequestItems }));
    }
  };
  const runAt = async (run: number, scheduledTime: Slot): Promise<void> => {
    scene.prepareRun(run);
    const gate = await openGate({ forward: scene.forward });
    const { accounts: outcomes } = await (await start(gate.url, { scheduledTime })).ended;
    await gate.close();
    if (outcomes.complete !== 1) throw new Error(`The scene could not be made: ${JSON.stringify(outcomes)}`);
  };

  await runAt(ONE_ASSET, earlier[0]);
  const [description] = (await scene.items([])).filter(isDescription);
  // A run would put 5,000 descriptions one by one.
  const text = JSON.stringify(description);
  const items = Array.from({ length: ASSETS }, (_, n): Item => JSON.parse(text.replaceAll(/\ba0\b/g, `a${n}`)));
  await write(items.map((Item) => ({ PutRequest: { Item } })));
  await runAt(ALL_ASSETS, earlier[1]);

  const initialItems = (await scene.items([])).filter((item) => !isDescription(item));
  const assets = await scene.assets();
  const changed = new Map<string, Item>();
  let run = 0;
  return {
    scene: {
      ...scene,
      initialItems,
      forward: cached(scene.forward, () => run),
      prepareRun: (n) => {
        run = n;
        scene.prepareRun(n);
      },
      history: (accountId) => scene.reader.records(accountId, { from: Date.parse(slot), to: HORIZON }),
      assets: async () => assets,
      items: async (written) => {
        for (const key of written.map(itemOf)) changed.set(nameOf(key), key);
        if (changed.size === 0) return initialItems;
        const RequestItems = { [LOCAL_TABLE]: { Keys: [...changed.values()] } };
        const { Responses } = await table.send(new BatchGetItemCommand({ RequestItems }));
        return [...initialItems.filter((item) => !changed.has(nameOf(item))), ...(Responses?.[LOCAL_TABLE] ?? [])];
      },
      close: async () => {
        await write([...changed.values()].map((Key) => ({ DeleteRequest: { Key } })));
        const overwritten = initialItems.filter((item) => changed.has(nameOf(item)));
        await write(overwritten.map((Item) => ({ PutRequest: { Item } })));
        changed.clear();
      },
    },
    close: scene.close,
  };
}

/** Returns balances of 80 bytes each, which need several items. */
function balancesOf(run: number): WireBalance[] {
  return Array.from({ length: run === ONE_ASSET ? 1 : ASSETS }, (_, n) => {
    const amount = (digit: number) => ({
      available: `${n}.${digit}`.padEnd(16, "0"),
      total: `${n}.${digit}`.padEnd(18, "0"),
    });
    return {
      asset: { symbol: `a${n}`, type: "crypto", name: "Asset", decimals: 18 },
      amount: { [`a${n}`]: amount(run + 3), usd: amount(run + 4) },
    };
  });
}

/** Caches responses that do not change between trials: pages and descriptions of assets. */
function cached(forward: Forward, run: () => number): Forward {
  const answers = new Map<string, Promise<Answer>>();
  return (step, request) => {
    if (step.writes?.partition === "assets") answers.clear();
    if (step.target !== "api" && step.kind !== "Query assets") return forward(step, request);
    const name = step.target === "api" ? `${run()} ${request.url}` : request.body.toString();
    const answer = answers.get(name) ?? forward(step, request);
    answers.set(name, answer);
    return answer;
  };
}

function isDescription(item: Item): boolean {
  return item[TABLE_KEYS.partition]?.S === "assets";
}

function itemOf({ partition, sort }: Key): Item {
  return { [TABLE_KEYS.partition]: { S: partition }, [TABLE_KEYS.sort]: { S: sort } };
}
