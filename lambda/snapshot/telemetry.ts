import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import type { JobError } from "../../core/domain/errors.ts";
import type { Telemetry } from "../../core/domain/ports.ts";
import type { RunResult } from "../../core/domain/run-result.ts";
import { CODE_DIMENSION, METRIC_NAMESPACE, METRICS } from "../../core/names/metrics.ts";

/** The default of `POWERTOOLS_SERVICE_NAME`. */
const DEFAULT_SERVICE = "cdp-balance-snapshots";

/** The statuses with which the API rejects the key. The body does not matter: it may be a proxy's. */
const KEY_REJECTED: readonly number[] = [401, 403];

/**
 * Writes structured logs, one line per account and one per run, and the metrics that the alarms watch. A dry run has no
 * metrics, because it must not silence an alarm.
 */
export function powertoolsTelemetry(): Telemetry {
  const serviceName = process.env["POWERTOOLS_SERVICE_NAME"] || DEFAULT_SERVICE;
  const logger = new Logger({ serviceName });
  const metrics = new Metrics({ serviceName, namespace: METRIC_NAMESPACE });
  /** Of the current run: failed attempts by code, the codes with which the API rejected the key, and warnings. */
  const apiErrors = new Map<string, number>();
  const rejections = new Set<string>();
  let warnings = 0;
  const isKeyFailure = (code = "") => code.startsWith("key_") || rejections.has(code);

  const count = (name: string, value: number) => metrics.addMetric(name, MetricUnit.Count, value);
  const publish = () => {
    count(METRICS.warnings, warnings);
    metrics.publishStoredMetrics();
    for (const [code, failed] of apiErrors) {
      metrics.singleMetric().addDimension(CODE_DIMENSION, code).addMetric(METRICS.apiErrors, MetricUnit.Count, failed);
    }
  };
  const reset = () => {
    apiErrors.clear();
    rejections.clear();
    warnings = 0;
  };

  return {
    accountEnded: (slot, result, durationMs) => {
      const line = { slot, durationMs, ...result };
      if (result.outcome === "failed") logger.error("Account failed", line);
      else if (result.notices) logger.warn("Account complete, with notices", line);
      else logger.info(result.outcome === "complete" ? "Account complete" : "Account complete already", line);
    },
    apiFailed: ({ code, status }) => {
      apiErrors.set(code, (apiErrors.get(code) ?? 0) + 1);
      if (KEY_REJECTED.includes(status)) rejections.add(code);
    },
    runEnded: ({ snapshots, ended = [], ...run }, oldestCompleteMs, allAccounts) => {
      for (const account of ended) logger.warn("Account ended", { slot: run.slot, ...account });
      const pages = pagesOf(snapshots);
      const keyFailures = snapshots.filter(({ error }) => isKeyFailure(error?.code)).length;
      logger.info("Run ended", { ...run, pages, ...(oldestCompleteMs !== undefined && { oldestCompleteMs }) });
      if (!run.dryRun) {
        const { complete, alreadyComplete, failed } = run.accounts;
        count(METRICS.accountsComplete, complete + alreadyComplete);
        count(METRICS.accountsFailed, failed);
        count(METRICS.keyFailures, keyFailures);
        count(METRICS.notices, sum(snapshots.map(({ notices = [] }) => notices.length)) + ended.length);
        if (run.trigger === "schedule" && allAccounts) count(METRICS.completeRuns, failed === 0 ? 1 : 0);
        count(METRICS.pages, pages);
        metrics.addMetric(METRICS.duration, MetricUnit.Milliseconds, run.durationMs);
        if (oldestCompleteMs !== undefined) {
          metrics.addMetric(METRICS.oldestCompleteAge, MetricUnit.Seconds, Math.round(oldestCompleteMs / 1000));
        }
        publish();
      }
      reset();
    },
    runAborted: (slot, error, dryRun) => {
      logger.error("Run aborted", { slot, dryRun, error: logged(error) });
      if (!dryRun) {
        count(METRICS.keyFailures, isKeyFailure(error.code) ? 1 : 0);
        publish();
      }
      reset();
    },
    warning: (message, error, where) => {
      warnings++;
      logger.warn(message, { ...where, error: logged(error) });
    },
  };
}

function logged({ code, message, suggestedFix }: JobError) {
  return { code, message, ...(suggestedFix !== undefined && { suggestedFix }) };
}

/** Returns how many pages this run read. */
function pagesOf(snapshots: RunResult["snapshots"]): number {
  return sum(snapshots.map(({ outcome, pages = 0 }) => (outcome === "complete" ? pages : 0)));
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, one) => total + one, 0);
}
