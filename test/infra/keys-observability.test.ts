import { readFileSync } from "node:fs";
import { METRICS } from "../../core/names/metrics.ts";
import { describe, expect, it } from "../support/jest.ts";
import { KEYS_OF_SCHEDULES, SEVERAL_KEYS } from "./configurations.ts";
import { synth } from "./synth.ts";
import { widgetsOf } from "./template.ts";

const { template } = synth(SEVERAL_KEYS);
const descriptions = new Map(
  Object.values(template.findResources("AWS::CloudWatch::Alarm")).map(({ Properties }) => [
    String(Properties.AlarmName).replace("cdp-balance-snapshots-", ""),
    String(Properties.AlarmDescription),
  ]),
);

describe("the alarms of a stack with keys", () => {
  it("name the key, link to the section of the runbook without it, and name the command for its secret", () => {
    const runbook = readFileSync(new URL("../../docs/runbook.md", import.meta.url), "utf8");

    const ofEmea = [...descriptions].filter(([name]) => name.startsWith("emea-"));
    expect(ofEmea).toHaveLength(7);
    for (const [name, description] of ofEmea) {
      const section = name.replace("emea-", "");
      expect(description).toMatch(new RegExp(`^Key emea: [A-Z].*\\. What to do: docs/runbook\\.md#${section}$`));
      expect(runbook).toContain(`\n## ${section}\n`);
    }
    expect(descriptions.get("us-key-refused")).toContain("(store it: output PutKeyCommandUs)");
  });
});

describe("the dashboard of a stack with keys", () => {
  const { template: long } = synth({ engine: "stepFunctions", keys: KEYS_OF_SCHEDULES });
  const widget = (title: string, from = template) =>
    widgetsOf(from).find(({ properties }) => properties.title === title)?.properties;
  const labels = (title: string, from = template) =>
    widget(title, from)?.metrics?.map(
      (metric) => metric.flatMap((part) => (typeof part === "object" ? part.label : []))[0],
    );

  it("has a line per key where a graph shows one number per run", () => {
    expect(labels("Pages read")).toEqual(["emea: pages", "us: pages"]);
    expect(labels("Duration and timeout")).toEqual(["emea: run", "us: run", "invocation"]);
    expect(widget("Duration and timeout")?.annotations?.horizontal.map(({ value }) => value)).toEqual([900_000]);
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
