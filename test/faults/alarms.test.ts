import type { Template } from "aws-cdk-lib/assertions";
import { describe, expect, it } from "../support/jest.ts";
import { Alarms, type Datum } from "./alarms.ts";

const MINUTE = 60_000;
/** A full hour. */
const START = Date.UTC(2026, 10, 23, 10);

const ON_ERRORS = {
  AlarmName: "stack-failed",
  Namespace: "AWS/Lambda",
  MetricName: "Errors",
  Dimensions: [{ Name: "FunctionName", Value: { Ref: "Function" } }],
  Statistic: "Sum",
  Period: 300,
  EvaluationPeriods: 1,
  DatapointsToAlarm: 1,
  Threshold: 2,
  ComparisonOperator: "GreaterThanOrEqualToThreshold",
  TreatMissingData: "notBreaching",
};

const RUNS = { Namespace: "AWS/Lambda", MetricName: "Errors", Dimensions: ON_ERRORS.Dimensions };
const ON_MISSING_RUNS = {
  AlarmName: "stack-missing-runs",
  Metrics: [
    { Id: "e", Expression: "FILL(runs, 0)", ReturnData: true },
    { Id: "runs", MetricStat: { Metric: RUNS, Period: 300, Stat: "Sum" }, ReturnData: false },
  ],
  EvaluationPeriods: 3,
  DatapointsToAlarm: 3,
  Threshold: 1,
  ComparisonOperator: "LessThanThreshold",
  TreatMissingData: "breaching",
};

function alarms(...properties: object[]): Alarms {
  const resources = Object.fromEntries(properties.map((Properties, at) => [`Alarm${at}`, { Properties }]));
  return new Alarms({ findResources: () => resources } as unknown as Template, "stack");
}

const datum = (minute: number, value: number, more: Partial<Datum> = {}): Datum => ({
  namespace: "AWS/Lambda",
  name: "Errors",
  dimensions: { FunctionName: { Ref: "Function" } },
  value,
  at: START + minute * MINUTE,
  ...more,
});

const within = (of: Alarms, data: readonly Datum[], minutes: number) =>
  of.firing(data, START, START + minutes * MINUTE);

describe("an alarm on errors", () => {
  it("fires when its statistic reaches the threshold within one period", () => {
    expect(within(alarms(ON_ERRORS), [datum(1, 1), datum(4, 1)], 10)).toEqual(["failed"]);
    expect(within(alarms(ON_ERRORS), [datum(4, 1), datum(6, 1)], 10)).toEqual([]);
    expect(within(alarms({ ...ON_ERRORS, Statistic: "Maximum" }), [datum(1, 1), datum(4, 1)], 10)).toEqual([]);
  });

  it("fires at the end of the period, not before", () => {
    expect(within(alarms(ON_ERRORS), [datum(1, 2)], 4)).toEqual([]);
    expect(within(alarms(ON_ERRORS), [datum(1, 2)], 5)).toEqual(["failed"]);
  });

  it("ignores other metrics, namespaces and dimensions", () => {
    const others = [
      { name: "Throttles" },
      { namespace: "AWS/SQS" },
      { dimensions: { FunctionName: { Ref: "Other" } } },
    ];

    for (const other of others) expect(within(alarms(ON_ERRORS), [datum(1, 9, other)], 10)).toEqual([]);
  });
});

describe("an alarm on missing runs", () => {
  it("fires after enough periods without data, counting those before the interval", () => {
    expect(within(alarms(ON_MISSING_RUNS), [datum(-6, 1)], 5)).toEqual([]);
    expect(within(alarms(ON_MISSING_RUNS), [datum(-6, 1)], 10)).toEqual(["missing-runs"]);
    expect(within(alarms(ON_MISSING_RUNS), [datum(-6, 1), datum(3, 1)], 15)).toEqual([]);
  });
});

describe("the evaluation", () => {
  it.each([
    { ...ON_ERRORS, ComparisonOperator: "GreaterThanThreshold" },
    { ...ON_ERRORS, Statistic: "p99" },
  ])("rejects properties that it does not support", (properties) => {
    expect(() => within(alarms(properties), [datum(1, 1)], 10)).toThrow("Unsupported");
  });
});
