import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { transfersFileText } from "../../cli/shared/reconcile/transfers-file.ts";
import { demoTransferSet } from "../../demo/demo-transfers.ts";
import type { Market } from "../../local/simulated-cdp/market/market.ts";

/** The file of transfers in the documents' commands: the demo writes it, with the same content. */
const DOCUMENTED = ".local/transfers.json";

/**
 * Writes the transfers of the example history into a folder. Returns a function that lets a documented command read them there.
 * @param market after the example history
 */
export function writeExampleTransfers(folder: string, market: Market): (args: readonly string[]) => readonly string[] {
  const path = join(folder, "transfers.json");
  writeFileSync(path, transfersFileText(demoTransferSet(market)));
  return (args) => args.map((arg) => (arg === DOCUMENTED ? path : arg));
}
