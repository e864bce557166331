import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import type { Telemetry } from "./domain/ports.ts";

const SERVICE = "cdp-balance-snapshots";
const NAMESPACE = "CdpBalanceSnapshots";

/**
 * Structured logs, a line an account and a line a run, each with its slot, and the metrics that alarms stand on. A dry
 * run has no metrics: a rehearsal must not silence an alarm.
 */
export function powertoolsTelemetry(): Telemetry {
  const logger = new Logger({ serviceName: SERVICE });
  const metrics = new Metrics({ serviceName: SERVICE, namespace: NAMESPACE });
  return {
    accountEnded: (slot, result) => {
      if (result.outcome === "failed") logger.error("Account failed", { slot, ...result });
      else
        logger.info(result.outcome === "complete" ? "Account complete" : "Account complete already", {
          slot,
          ...result,
        });
    },
    runEnded: ({ snapshots, ...run }, oldestCompleteMs) => {
      const pages = snapshots.reduce((sum, { outcome, pages = 0 }) => sum + (outcome === "complete" ? pages : 0), 0);
      logger.info("Run ended", { ...run, pages, ...(oldestCompleteMs !== undefined && { oldestCompleteMs }) });
      if (run.dryRun) return;
      const { complete, alreadyComplete, failed } = run.accounts;
      metrics.addMetric("AccountsComplete", MetricUnit.Count, complete + alreadyComplete);
      metrics.addMetric("AccountsFailed", MetricUnit.Count, failed);
      metrics.addMetric("Pages", MetricUnit.Count, pages);
      metrics.addMetric("Duration", MetricUnit.Milliseconds, run.durationMs);
      metrics.addMetric("OldestCompleteAge", MetricUnit.Seconds, Math.round((oldestCompleteMs ?? 0) / 1000));
      metrics.publishStoredMetrics();
    },
    trouble: (message, details) => logger.warn(message, { ...details }),
  };
}
