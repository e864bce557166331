import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { transfersFileText } from "../../cli/shared/reconcile/transfers-file.ts";
import { demoTransferSet } from "../../demo/demo-transfers.ts";
import { createDemoMarket, EXAMPLE_TICKS } from "../../demo/example-history.ts";
import { EXAMPLE_NOW } from "./documented-commands.ts";

/** The file of transfers in the documents' commands. */
const DOCUMENTED = "transfers.json";

/** Writes the transfers of the example history into a folder. Returns a function that lets a documented command read them there. */
export function writeExampleTransfers(folder: string): (args: readonly string[]) => readonly string[] {
  const path = join(folder, DOCUMENTED);
  const market = createDemoMarket(EXAMPLE_TICKS);
  const accountIds = market.accounts().map(({ accountId }) => accountId);
  writeFileSync(path, transfersFileText(demoTransferSet(market, accountIds, EXAMPLE_NOW)));
  return (args) => args.map((arg) => (arg === DOCUMENTED ? path : arg));
}
