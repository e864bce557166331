import { counted } from "../cli/shared/counted.ts";
import type { RecordedRequest } from "../local/simulated-cdp/server.ts";

/** What the client sees of a fault that no status shows. */
const WITHOUT_STATUS: Readonly<Record<string, string>> = { reset: "connection reset", cut: "response cut off" };

/**
 * Returns what the simulated API says about the failed requests of a run, and how many of them succeeded when they were sent
 * again; `undefined` if none failed.
 * @param requests all requests of the run, in order of arrival
 */
export function describeFailures(requests: readonly RecordedRequest[]): string | undefined {
  const failed = requests.filter(hasFailed);
  if (failed.length === 0) return undefined;
  const reasons = new Map<string, number>();
  for (const { fault = "", status } of failed) {
    const reason = WITHOUT_STATUS[fault] ?? `HTTP ${status}`;
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
  const listed = [...reasons].map(([reason, count]) => `${count} × ${reason}`).join(", ");
  const succeeded = new Set(requests.filter((request) => !hasFailed(request)).map(targetOf));
  const repeated = failed.filter((request) => succeeded.has(targetOf(request))).length;
  const outcome = repeated === 0 ? "" : `; sent again, ${repeated === failed.length ? "all" : repeated} succeeded`;
  return `${failed.length} of ${counted(requests.length, "request")} failed (${listed})${outcome}`;
}

function hasFailed({ fault, status }: RecordedRequest): boolean {
  return fault !== undefined || status >= 400;
}

function targetOf({ path, query }: RecordedRequest): string {
  return JSON.stringify([path, query]);
}
