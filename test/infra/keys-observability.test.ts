import { readFileSync } from "node:fs";
import { KEY_DIMENSION, METRICS } from "../../core/names/metrics.ts";
import { describe, expect, it } from "../support/jest.ts";
import { SEVERAL_KEYS } from "./configurations.ts";
import { synth } from "./synth.ts";
import { widgetsOf } from "./template.ts";

const { template } = synth(SEVERAL_KEYS);
const PREFIX = "cdp-balance-snapshots-";

const alarms = new Map(
  Object.values(template.findResources("AWS::CloudWatch::Alarm")).map(({ Properties }) => [
    String(Properties.AlarmName).slice(PREFIX.length),
    Properties,
  ]),
);
const dimensionsOf = (key: string) => [
  { Name: KEY_DIMENSION, Value: key },
  { Name: "service", Value: "cdp-balance-snapshots" },
];

/** Keys with different schedules, and two with the same one. */
const KEYS = {
  frequent: { schedule: "cron(0/5 * * * ? *)" },
  hourly: {},
  other: {},
  daily: { schedule: "cron(0 0 * * ? *)" },
};

const OF_A_KEY = [
  ...["account-failed", "key-refused", "snapshot-too-old", "warning", "near-timeout", "notice", "no-complete-run"],
];
const OF_THE_FUNCTION = [
  ...["function-failed", "function-throttled", "schedule-failed", "dead-letters"],
  ...["function-dead-letters-lost", "schedule-dead-letters-lost"],
];

describe("the alarms of a stack with keys", () => {
  it("are those of snapshots per key, and those of function and delivery once", () => {
    const expected = [...["emea", "us"].flatMap((key) => OF_A_KEY.map((name) => `${key}-${name}`)), ...OF_THE_FUNCTION];

    expect([...alarms.keys()].sort()).toEqual(expected.sort());
  });

  it.each(["emea", "us"])("watch the metrics of the key %s", (key) => {
    for (const name of OF_A_KEY) {
      const { Dimensions, Metrics = [] } = alarms.get(`${key}-${name}`) ?? {};
      const metrics = Metrics.flatMap(
        ({ MetricStat }: { MetricStat?: { Metric: object } }) => MetricStat?.Metric ?? [],
      );

      expect(Dimensions ?? metrics[0].Dimensions).toEqual(dimensionsOf(key));
    }
  });

  it("have windows that follow the schedule of their key, and the function's the shortest of them", () => {
    const seconds = (name: string) => {
      const { Period, Metrics, EvaluationPeriods } = alarms.get(name) ?? {};
      return (Period ?? Metrics[1].MetricStat.Period) * EvaluationPeriods;
    };

    expect([seconds("us-account-failed"), seconds("emea-account-failed")]).toEqual([75 * 60, 86_400]);
    expect([seconds("us-no-complete-run"), seconds("emea-no-complete-run")]).toEqual([135 * 60, 98 * 3600]);
    expect(alarms.get("us-snapshot-too-old")?.["Threshold"]).toBe(6300);
    expect(alarms.get("emea-snapshot-too-old")?.["Threshold"]).toBe(((4 * 86_400 + 3600) * 7) / 8);
    expect([seconds("function-failed"), seconds("schedule-failed")]).toEqual([75 * 60, 75 * 60]);
  });

  it.each([
    // 80 % of an invocation, unless the slot is too late before.
    ["lambda", 4, 12, 12],
    ["stepFunctions", 4, 48, 19.2 * 60],
  ])("with the engine %s warn in time that a run of a key gets too long", (engine, frequent, hourly, daily) => {
    const found = Object.values(synth({ engine, keys: KEYS }).template.findResources("AWS::CloudWatch::Alarm"));
    const minutes = (key: string) =>
      found.find(({ Properties }) => Properties.AlarmName === `${PREFIX}${key}-near-timeout`)?.["Properties"]
        .Threshold / 60_000;

    expect(["frequent", "hourly", "daily"].map(minutes)).toEqual([frequent, hourly, daily]);
  });

  it("name the key, link to the section of the runbook without it, and name the command for its secret", () => {
    const runbook = readFileSync(new URL("../../docs/runbook.md", import.meta.url), "utf8");

    for (const name of OF_A_KEY) {
      const { AlarmDescription } = alarms.get(`emea-${name}`) ?? {};
      expect(AlarmDescription).toMatch(new RegExp(`^Key emea: [A-Z].*\\. What to do: docs/runbook\\.md#${name}$`));
      expect(runbook).toContain(`\n## ${name}\n`);
    }
    expect(alarms.get("us-key-refused")?.["AlarmDescription"]).toContain("(store it: output PutKeyCommandUs)");
  });
});

describe("the dashboard of a stack with keys", () => {
  const { template: long } = synth({ engine: "stepFunctions", keys: KEYS });
  const widget = (title: string, from = template) =>
    widgetsOf(from).find(({ properties }) => properties.title === title)?.properties;
  const labels = (title: string, from = template) =>
    widget(title, from)?.metrics?.map(
      (metric) => metric.flatMap((part) => (typeof part === "object" ? part.label : []))[0],
    );

  it("has a line per key where a graph shows one number per run", () => {
    expect(labels("Pages read")).toEqual(["emea: pages", "us: pages"]);
    expect(labels("Duration and timeout")).toEqual(["emea: run", "us: run", "invocation"]);
    expect(labels("Accounts")).toHaveLength(8);
    expect(widget("Pages read")?.metrics?.map((metric) => metric.slice(0, 4))).toEqual([
      ["CdpBalanceSnapshots", METRICS.pages, "key", "emea"],
      ["CdpBalanceSnapshots", METRICS.pages, "key", "us"],
    ]);
  });

  it("shows from which age on the accounts of each key are stale, once for keys with the same schedule", () => {
    const limits = (from: typeof template) =>
      widgetsOf(from)
        .find(({ properties: { title } }) => title.startsWith("Age of the stalest"))
        ?.properties.annotations?.horizontal.map(({ label, value }) => [label, value]);

    expect(limits(template)).toEqual([
      ["emea: two slots missed", ((4 * 86_400 + 3600) * 7) / 8],
      ["us: two slots missed", 6300],
    ]);
    expect(limits(long)).toContainEqual(["hourly, other: two slots missed", 6300]);
  });

  it("shows the duration of each key's runs, and after which time its slots are too late", () => {
    const title = "Duration and lateness limit";

    expect(labels(title, long)).toEqual([...["daily: run", "frequent: run", "hourly: run", "other: run"], "execution"]);
    expect(widget(title, long)?.annotations?.horizontal.map(({ label, value }) => [label, value])).toEqual([
      ["daily: slots are too late: 1 day", 86_400_000],
      ["frequent: slots are too late: 5 minutes", 300_000],
      ["hourly, other: slots are too late: 1 hour", 3_600_000],
    ]);
  });

  it("searches for API errors with the dimension of the key", () => {
    const [[search] = []] = widget("API errors by code, including retried ones")?.metrics ?? [];

    expect(search).toMatchObject({ expression: expect.stringContaining("{CdpBalanceSnapshots,code,key,service}") });
  });
});
