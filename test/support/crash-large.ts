import { BatchGetItemCommand, BatchWriteItemCommand, type WriteRequest } from "@aws-sdk/client-dynamodb";
import type { Slot } from "../../core/domain/slot.ts";
import { TABLE_KEYS } from "../../core/names/table-keys.ts";
import { LOCAL_TABLE } from "../../local/dynamodb/embedded-dynamodb.ts";
import type { SimulatedAccount, WireBalance } from "../../local/simulated-cdp/server.ts";
import { makeAccount } from "./accounts.ts";
import { openGate } from "./crash-gate.ts";
import { nameOf } from "./crash-invariants.ts";
import type { StartRun } from "./crash-run.ts";
import { HORIZON, type Item, type Scene, startScene } from "./crash-scene.ts";
import type { Answer, Forward, Key } from "./crash-step.ts";

/** One account of 5,000 assets, for any number of kills: what closes the scene sets the table back to what it was. */
export interface LargeScene {
  readonly scene: Scene;
  close(): Promise<void>;
}

const ASSETS = 5_000;
/** What a BatchWriteItem takes. */
const BATCH = 25;
/** Runs before the search: one that sees a single asset, and one that sees them all. */
const ONE_ASSET = -2;
const ALL_ASSETS = -1;

/**
 * A scene with a complete snapshot of the account for an earlier slot: its assets are described, and there is something to
 * hold the walk against.
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
    scene.show(run);
    const gate = await openGate({ forward: scene.forward });
    const { accounts: outcomes } = await (await start(gate.url, { scheduledTime })).ended;
    await gate.close();
    if (outcomes.complete !== 1) throw new Error(`The scene could not be made: ${JSON.stringify(outcomes)}`);
  };

  await runAt(ONE_ASSET, earlier[0]);
  const [description] = (await scene.items([])).filter(isDescription);
  // As a run would put them one by one.
  const text = JSON.stringify(description);
  const items = Array.from({ length: ASSETS }, (_, n): Item => JSON.parse(text.replaceAll(/\ba0\b/g, `a${n}`)));
  await write(items.map((Item) => ({ PutRequest: { Item } })));
  await runAt(ALL_ASSETS, earlier[1]);

  const atFirst = (await scene.items([])).filter((item) => !isDescription(item));
  const assets = await scene.assets();
  const touched = new Map<string, Item>();
  let run = 0;
  return {
    scene: {
      ...scene,
      atFirst,
      forward: remembering(scene.forward, () => run),
      show: (n) => {
        run = n;
        scene.show(n);
      },
      history: (accountId) => scene.reader.records(accountId, { from: Date.parse(slot), to: HORIZON }),
      assets: async () => assets,
      items: async (written) => {
        for (const key of written.map(itemOf)) touched.set(nameOf(key), key);
        if (touched.size === 0) return atFirst;
        const RequestItems = { [LOCAL_TABLE]: { Keys: [...touched.values()] } };
        const { Responses } = await table.send(new BatchGetItemCommand({ RequestItems }));
        return [...atFirst.filter((item) => !touched.has(nameOf(item))), ...(Responses?.[LOCAL_TABLE] ?? [])];
      },
      close: async () => {
        await write([...touched.values()].map((Key) => ({ DeleteRequest: { Key } })));
        const overwritten = atFirst.filter((item) => touched.has(nameOf(item)));
        await write(overwritten.map((Item) => ({ PutRequest: { Item } })));
        touched.clear();
      },
    },
    close: scene.close,
  };
}

/** 80 bytes an asset: more than fit into one item. */
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

/** What is asked for again and again and is always the same is answered by the servers once: pages, and the descriptions. */
function remembering(forward: Forward, run: () => number): Forward {
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
