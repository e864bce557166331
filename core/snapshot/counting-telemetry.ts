import type { Telemetry } from "../domain/ports.ts";

/** A telemetry that counts the warnings that it passes on. */
export interface CountingTelemetry extends Telemetry {
  /** Returns the number of warnings since the last call, or since the beginning. */
  takeWarnings(): number;
}

/** Returns a telemetry that passes everything on to `telemetry`. */
export function countingTelemetry(telemetry: Telemetry): CountingTelemetry {
  let warnings = 0;
  return {
    accountEnded: (slot, result, durationMs) => telemetry.accountEnded(slot, result, durationMs),
    apiFailed: (error) => telemetry.apiFailed?.(error),
    runEnded: (result, figures) => telemetry.runEnded(result, figures),
    partEnded: (...args) => telemetry.partEnded?.(...args),
    runAborted: (...args) => telemetry.runAborted?.(...args),
    warning: (...args) => {
      warnings++;
      telemetry.warning(...args);
    },
    takeWarnings: () => {
      const taken = warnings;
      warnings = 0;
      return taken;
    },
  };
}
