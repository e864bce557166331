import { messageWithFix } from "../../core/domain/errors.ts";
import type { Telemetry } from "../../core/domain/ports.ts";
import { counted } from "./counted.ts";

/** Reports a run on stderr, one line per account. */
export function progressTelemetry(): Telemetry {
  const print = (line: string) => process.stderr.write(`${line}\n`);
  return {
    accountEnded: (slot, { accountId, outcome, assets, pages, error }) =>
      print(
        error === undefined
          ? `${accountId}: ${outcome === "alreadyComplete" ? "already complete" : outcome} for ${slot}, ${counted(assets ?? 0, "asset")} on ${counted(pages ?? 0, "page")}`
          : `${accountId}: ${outcome} for ${slot}: ${messageWithFix(error)}`,
      ),
    runEnded: () => {},
    warning: (what, error, where) =>
      print(`${[where?.accountId, what].filter(Boolean).join(": ")}: ${messageWithFix(error)}`),
  };
}

/** Prints progress on stderr once a second, until `stop`: nothing for work that takes less than a second. */
export function startProgress(state: () => string): { stop(): void } {
  const timer = setInterval(() => process.stderr.write(`reading: ${state()} …\n`), 1000);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}

/** Runs work that reads the table: shows its progress on stderr and, with `--verbose`, what it used. */
export async function showReadingProgress<T>(
  /** A live object, which the work updates. */
  { usage }: { readonly usage: { readonly requests: number; readonly capacityUnits: number } },
  { verbose }: { readonly verbose?: true },
  work: () => Promise<T>,
): Promise<T> {
  const progress = startProgress(() => counted(usage.requests, "request"));
  try {
    return await work();
  } finally {
    progress.stop();
    if (verbose) {
      process.stderr.write(`${counted(usage.requests, "request")}, ${counted(usage.capacityUnits, "read unit")}\n`);
    }
  }
}
