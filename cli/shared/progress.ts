import { messageWithFix } from "../../core/domain/errors.ts";
import type { Telemetry } from "../../core/domain/ports.ts";

/** A run as a person follows it: a line an account, on stderr. */
export function progressTelemetry(): Telemetry {
  const tell = (text: string) => process.stderr.write(`${text}\n`);
  return {
    accountEnded: (slot, { accountId, outcome, assets, pages, error }) =>
      tell(
        error === undefined
          ? `${accountId}: ${outcome} for ${slot}, ${counted(assets, "asset")} on ${counted(pages, "page")}`
          : `${accountId}: ${outcome} for ${slot}: ${error.message}`,
      ),
    runEnded: () => {},
    warning: (message, error, where) =>
      tell(`${[where?.accountId, message].filter(Boolean).join(": ")}: ${messageWithFix(error)}`),
  };
}

/** Tells on stderr, once a second, how far what takes longer than a second has come. */
export function startProgress(state: () => string): { stop(): void } {
  const timer = setInterval(() => process.stderr.write(`reading: ${state()} …\n`), 1000);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}

function counted(count: number | undefined, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
