import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import { KNOWN_API_CODES } from "../../core/coinbase/response.ts";
import { isKeyFailure } from "../../core/domain/errors.ts";
import type { Telemetry } from "../../core/domain/ports.ts";
import { errorFields } from "../../core/domain/run-result.ts";
import { CODE_DIMENSION, KEY_DIMENSION, METRIC_NAMESPACE, METRICS, OTHER_CODE } from "../../core/names/metrics.ts";

/** The default of `POWERTOOLS_SERVICE_NAME`. */
const DEFAULT_SERVICE = "cdp-balance-snapshots";

/**
 * Writes structured logs, one line per account and one per run, and the metrics that the alarms watch. A dry run has no
 * metrics, because it must not silence an alarm. Runs of several keys at the same time need one telemetry each.
 * @param key the name of the API key: a field of each line, and a dimension of each metric. `undefined`: it has none
 */
export function powertoolsTelemetry(key?: string): Telemetry {
  const serviceName = process.env["POWERTOOLS_SERVICE_NAME"] || DEFAULT_SERVICE;
  const ofKey = key === undefined ? {} : { [KEY_DIMENSION]: key };
  const logger = new Logger({ serviceName, persistentKeys: ofKey });
  // The names of the default dimensions count: a metric of `apiErrors` gets them, too.
  const metrics = new Metrics({ serviceName, namespace: METRIC_NAMESPACE, defaultDimensions: ofKey });
  /** Failed attempts of the current invocation, by code. */
  const apiErrors = new Map<string, number>();

  const count = (name: string, value: number) => metrics.addMetric(name, MetricUnit.Count, value);
  const publishApiErrors = (dryRun: boolean) => {
    for (const [code, failed] of dryRun ? [] : apiErrors) {
      metrics.singleMetric().addDimension(CODE_DIMENSION, code).addMetric(METRICS.apiErrors, MetricUnit.Count, failed);
    }
    apiErrors.clear();
  };

  return {
    accountEnded: (slot, result, durationMs) => {
      const line = { slot, durationMs, ...result };
      if (result.outcome === "failed") logger.error("Account failed", line);
      else if (result.notices) logger.warn("Account complete, with notices", line);
      else logger.info(result.outcome === "complete" ? "Account complete" : "Account complete already", line);
    },
    apiFailed: ({ code }) => {
      // Each value of a dimension is a metric that costs money, and the API can send any text as the type of an error.
      const known = KNOWN_API_CODES.has(code) ? code : OTHER_CODE;
      apiErrors.set(known, (apiErrors.get(known) ?? 0) + 1);
    },
    runEnded: ({ snapshots: _, ended = [], notReached, noKey, ...run }, { counts, oldestCompleteMs, allAccounts }) => {
      if (notReached !== undefined) logger.error("Accounts not reached", { slot: run.slot, ...notReached });
      for (const account of ended) logger.warn("Account ended", { slot: run.slot, ...account });
      const { pages, notices } = counts;
      const keyFailures = noKey === undefined ? counts.keyFailures : 1;
      if (noKey !== undefined) logger.warn("No key yet", { ...run, error: noKey });
      else logger.info("Run ended", { ...run, pages, ...(oldestCompleteMs !== undefined && { oldestCompleteMs }) });
      if (!run.dryRun) {
        const { complete, alreadyComplete, failed } = run.accounts;
        count(METRICS.accountsComplete, complete + alreadyComplete);
        count(METRICS.accountsFailed, failed);
        count(METRICS.keyFailures, keyFailures);
        count(METRICS.notices, notices + ended.length + (run.endedLeftOut ?? 0));
        if (run.trigger === "schedule" && allAccounts) count(METRICS.completeRuns, failed === 0 ? 1 : 0);
        count(METRICS.pages, pages);
        metrics.addMetric(METRICS.duration, MetricUnit.Milliseconds, run.durationMs);
        if (oldestCompleteMs !== undefined) {
          metrics.addMetric(METRICS.oldestCompleteAge, MetricUnit.Seconds, Math.round(oldestCompleteMs / 1000));
        }
        count(METRICS.warnings, counts.warnings);
        metrics.publishStoredMetrics();
      }
      publishApiErrors(run.dryRun);
    },
    partEnded: (slot, dryRun, { after, progress }) => {
      logger.info("Part of the run ended", { slot, dryRun, after, ...progress });
      publishApiErrors(dryRun);
    },
    runAborted: (slot, error, dryRun, warnings) => {
      logger.error("Run aborted", { slot, dryRun, error: errorFields(error) });
      if (!dryRun) {
        count(METRICS.keyFailures, isKeyFailure(error) ? 1 : 0);
        count(METRICS.warnings, warnings);
        metrics.publishStoredMetrics();
      }
      publishApiErrors(dryRun);
    },
    warning: (message, error, where) => {
      logger.warn(message, { ...where, error: errorFields(error) });
    },
  };
}
