import { readFileSync } from "node:fs";
import type { Template } from "aws-cdk-lib/assertions";
import { KEY_DIMENSION, METRICS } from "../../core/names/metrics.ts";
import { describe, expect, it } from "../support/jest.ts";
import { MOST_KEYS, SEVERAL_KEYS } from "./configurations.ts";
import { type Conditions, evaluate } from "./intrinsics.ts";
import { synth } from "./synth.ts";
import { propertiesOf } from "./template.ts";

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
    const keys = {
      frequent: { schedule: "cron(0/5 * * * ? *)" },
      hourly: {},
      daily: { schedule: "cron(0 0 * * ? *)" },
    };
    const found = Object.values(synth({ engine, keys }).template.findResources("AWS::CloudWatch::Alarm"));
    const minutes = (key: string) =>
      found.find(({ Properties }) => Properties.AlarmName === `${PREFIX}${key}-near-timeout`)?.["Properties"]
        .Threshold / 60_000;

    expect(Object.keys(keys).map(minutes)).toEqual([frequent, hourly, daily]);
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

interface Widget {
  readonly properties: {
    readonly title: string;
    readonly alarms?: readonly string[];
    readonly metrics?: readonly (readonly (string | { readonly label?: string; readonly expression?: string })[])[];
    readonly annotations?: { readonly horizontal: readonly { readonly label: string; readonly value: number }[] };
  };
}

function widgetsOf(from: Template): Widget[] {
  const body = propertiesOf(from, "AWS::CloudWatch::Dashboard").DashboardBody;
  return JSON.parse(String(evaluate(body, (id) => `\${${id}}`, from.findConditions("*") as Conditions))).widgets;
}

describe("the dashboard of a stack with keys", () => {
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
    const limits = (flags: object) =>
      widgetsOf(synth({ ...flags }).template)
        .find(({ properties: { title } }) => title.startsWith("Age of the stalest"))
        ?.properties.annotations?.horizontal.map(({ label, value }) => [label, value]);

    expect(limits(SEVERAL_KEYS)).toEqual([
      ["emea: two slots missed", ((4 * 86_400 + 3600) * 7) / 8],
      ["us: two slots missed", 6300],
    ]);
    expect(limits({ keys: { a: {}, b: {} } })).toEqual([["a, b: two slots missed", 6300]]);
  });

  it("shows the duration of each key's runs, and after which time its slots are too late", () => {
    const keys = { daily: { schedule: "cron(0 0 * * ? *)" }, hourly: {}, other: {} };
    const { template: long } = synth({ engine: "stepFunctions", keys });
    const title = "Duration and lateness limit";

    expect(labels(title, long)).toEqual(["daily: run", "hourly: run", "other: run", "execution"]);
    expect(widget(title, long)?.annotations?.horizontal.map(({ label, value }) => [label, value])).toEqual([
      ["daily: slots are too late: 1 day", 86_400_000],
      ["hourly, other: slots are too late: 1 hour", 3_600_000],
    ]);
  });

  it("searches for API errors with the dimension of the key", () => {
    const [[search] = []] = widget("API errors by code, including retried ones")?.metrics ?? [];

    expect(search).toMatchObject({ expression: expect.stringContaining("{CdpBalanceSnapshots,code,key,service}") });
  });

  it("shows the alarms of twenty keys in two widgets, because one has at most a hundred", () => {
    const shown = widgetsOf(synth(MOST_KEYS).template).flatMap(({ properties: { alarms } }) => alarms?.length ?? []);

    expect(shown).toEqual([100, 51]);
  });
});
