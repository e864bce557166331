import { ApiError, JobError } from "../../../core/domain/errors.ts";
import type { Telemetry } from "../../../core/domain/ports.ts";
import { METRICS } from "../../../core/names/metrics.ts";
import { powertoolsTelemetry } from "../../../lambda/snapshot/telemetry.ts";
import { emissionOf } from "../../support/emission.ts";
import { describe, expect, it } from "../../support/jest.ts";
import { figuresOf, runResultOf, SLOT } from "../domain/snapshots.ts";

const telemetryOf = (key: string) => powertoolsTelemetry(key) as Required<Telemetry>;
const COMPLETE = { accountId: "account_1", outcome: "complete", pages: 3 } as const;
const UNAVAILABLE = new ApiError("api_service_unavailable", 503, "It is not available.");

describe("the telemetry of several keys", () => {
  it("has the key in every line and metric, and keeps the counts of runs at the same time apart", () => {
    const { logs, metrics } = emissionOf(() => {
      const [emea, us] = [telemetryOf("emea"), telemetryOf("us")];
      emea.accountEnded(SLOT, COMPLETE, 1);
      us.apiFailed(UNAVAILABLE);
      us.accountEnded(SLOT, COMPLETE, 1);
      emea.runEnded(runResultOf([COMPLETE], { key: "emea" }), figuresOf([COMPLETE]));
      us.runAborted(SLOT, new JobError("key_empty", "It is empty."), false, 2);
    });

    expect(logs.map(({ key, message }) => `${key}: ${message}`)).toEqual([
      "emea: Account complete",
      "us: Account complete",
      "emea: Run ended",
      "us: Run aborted",
    ]);
    const valuesOf = (key: string) =>
      Object.fromEntries(
        metrics.filter(({ dimensions }) => dimensions["key"] === key).map(({ name, value }) => [name, value]),
      );
    expect(valuesOf("emea")).toMatchObject({ [METRICS.pages]: 3, [METRICS.warnings]: 0, [METRICS.keyFailures]: 0 });
    expect(valuesOf("emea")).not.toHaveProperty(METRICS.apiErrors);
    expect(valuesOf("us")).toEqual({ [METRICS.warnings]: 2, [METRICS.keyFailures]: 1, [METRICS.apiErrors]: 1 });
    expect(metrics.find(({ name }) => name === METRICS.apiErrors)?.dimensions).toEqual({
      ...{ service: "cdp-balance-snapshots", key: "us", code: "api_service_unavailable" },
    });
  });
});
