import { ApiError, JobError } from "../../../core/domain/errors.ts";
import type { Telemetry } from "../../../core/domain/ports.ts";
import { METRICS } from "../../../core/names/metrics.ts";
import { powertoolsTelemetry } from "../../../lambda/snapshot/telemetry.ts";
import { emissionOf } from "../../support/emission.ts";
import { describe, expect, it } from "../../support/jest.ts";
import { runResultOf, SLOT } from "../domain/snapshots.ts";

const telemetryOf = (key: string) => powertoolsTelemetry(key) as Required<Telemetry>;
const UNAVAILABLE = new ApiError("api_service_unavailable", 503, "It is not available.");

describe("the telemetry of several keys", () => {
  it("has the key in every line and metric, and keeps the counts of runs at the same time apart", () => {
    const { logs, metrics } = emissionOf(() => {
      const [emea, us] = [telemetryOf("emea"), telemetryOf("us")];
      emea.accountEnded(SLOT, { accountId: "account_1", outcome: "complete", pages: 3 }, 1);
      us.accountEnded(SLOT, { accountId: "account_2", outcome: "complete", pages: 5 }, 1);
      us.apiFailed(UNAVAILABLE);
      emea.warning("Something happened.", new JobError("x", "It did."));
      emea.runEnded(runResultOf([], { key: "emea" }), 0, true);
      us.warning("Something happened.", new JobError("x", "It did."));
      us.warning("Something happened.", new JobError("x", "It did."));
      us.runAborted(SLOT, new JobError("key_empty", "It is empty."), false);
    });

    expect(logs.map(({ key, message }) => `${key}: ${message}`)).toEqual([
      "emea: Account complete",
      "us: Account complete",
      "emea: Something happened.",
      "emea: Run ended",
      "us: Something happened.",
      "us: Something happened.",
      "us: Run aborted",
    ]);
    const valuesOf = (key: string) =>
      Object.fromEntries(
        metrics.filter(({ dimensions }) => dimensions["key"] === key).map(({ name, value }) => [name, value]),
      );
    expect(valuesOf("emea")).toMatchObject({ [METRICS.pages]: 3, [METRICS.warnings]: 1, [METRICS.keyFailures]: 0 });
    expect(valuesOf("emea")).not.toHaveProperty(METRICS.apiErrors);
    expect(valuesOf("us")).toEqual({ [METRICS.warnings]: 2, [METRICS.keyFailures]: 1, [METRICS.apiErrors]: 1 });
    expect(metrics.find(({ name }) => name === METRICS.apiErrors)?.dimensions).toEqual({
      ...{ service: "cdp-balance-snapshots", key: "us", code: "api_service_unavailable" },
    });
  });

  it("has neither for the only key, which has no name", () => {
    const { logs, metrics } = emissionOf((telemetry) => telemetry.runEnded(runResultOf([]), 0, true));

    expect(logs.map((line) => "key" in line)).toEqual([false]);
    expect(metrics.filter(({ dimensions }) => "key" in dimensions)).toEqual([]);
  });
});
