import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import { KNOWN_API_CODES } from "../../core/coinbase/response.ts";
import type { Telemetry } from "../../core/domain/ports.ts";
import { errorFields } from "../../core/domain/run-result.ts";
import { CODE_DIMENSION, KEY_DIMENSION, METRIC_NAMESPACE, METRICS, OTHER_CODE } from "../../core/names/metrics.ts";

/** The default of `POWERTOOLS_SERVICE_NAME`. */
const DEFAULT_SERVICE = "cdp-balance-snapshots";

/** The statuses with which the API rejects the key. The body does not matter: it may be a proxy's. */
const KEY_REJECTED: readonly number[] = [401, 403];

const NO_COUNTS = { warnings: 0, pages: 0, notices: 0, keyFailures: 0 };

/**
 * Writes structured logs, one line per account and one per run, and the metrics that the alarms watch. A dry run has no
 * metrics, because it must not silence an alarm. Runs of several keys at the same time need one telemetry each, which has
 * its own counts.
 * @param key the name of the API key: a field of each line, and a dimension of each metric. `undefined`: it has none
 */
export function powertoolsTelemetry(key?: string): Telemetry {
  const serviceName = process.env["POWERTOOLS_SERVICE_NAME"] || DEFAULT_SERVICE;
  const ofKey = key === undefined ? {} : { [KEY_DIMENSION]: key };
  const logger = new Logger({ serviceName, persistentKeys: ofKey });
  // The names of the default dimensions count: a metric of `apiErrors` gets them, too.
  const metrics = new Metrics({ serviceName, namespace: METRIC_NAMESPACE, defaultDimensions: ofKey });
  /** Of the current run: failed attempts by code, the codes with which the API rejected the key, and counts. */
  const apiErrors = new Map<string, number>();
  const rejections = new Set<string>();
  let counts = NO_COUNTS;
  const isKeyFailure = (code = "") => code.startsWith("key_") || rejections.has(code);

  const count = (name: string, value: number) => metrics.addMetric(name, MetricUnit.Count, value);
  const publish = () => {
    count(METRICS.warnings, counts.warnings);
    metrics.publishStoredMetrics();
    for (const [code, failed] of apiErrors) {
      metrics.singleMetric().addDimension(CODE_DIMENSION, code).addMetric(METRICS.apiErrors, MetricUnit.Count, failed);
    }
  };
  const reset = () => {
    apiErrors.clear();
    rejections.clear();
    counts = NO_COUNTS;
  };

  return {
    accountEnded: (slot, result, durationMs) => {
      const { outcome, pages = 0, notices = [], noticesLeftOut = 0, error } = result;
      counts = {
        ...counts,
        pages: counts.pages + (outcome === "complete" ? pages : 0),
        notices: counts.notices + notices.length + noticesLeftOut,
        keyFailures: counts.keyFailures + (isKeyFailure(error?.code) ? 1 : 0),
      };
      const line = { slot, durationMs, ...result };
      if (result.outcome === "failed") logger.error("Account failed", line);
      else if (result.notices) logger.warn("Account complete, with notices", line);
      else logger.info(result.outcome === "complete" ? "Account complete" : "Account complete already", line);
    },
    apiFailed: ({ code, status }) => {
      // Each value of a dimension is a metric that costs money, and the API can send any text as the type of an error.
      const known = KNOWN_API_CODES.has(code) ? code : OTHER_CODE;
      apiErrors.set(known, (apiErrors.get(known) ?? 0) + 1);
      if (KEY_REJECTED.includes(status)) rejections.add(code);
    },
    runEnded: ({ snapshots: _, ended = [], notReached, noKey, ...run }, oldestCompleteMs, allAccounts) => {
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
        publish();
      }
      reset();
    },
    runAborted: (slot, error, dryRun) => {
      logger.error("Run aborted", { slot, dryRun, error: errorFields(error) });
      if (!dryRun) {
        count(METRICS.keyFailures, isKeyFailure(error.code) ? 1 : 0);
        publish();
      }
      reset();
    },
    warning: (message, error, where) => {
      counts = { ...counts, warnings: counts.warnings + 1 };
      logger.warn(message, { ...where, error: errorFields(error) });
    },
  };
}
