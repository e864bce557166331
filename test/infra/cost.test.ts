import { readFileSync, writeFileSync } from "node:fs";
import type { Template } from "aws-cdk-lib/assertions";
import { API_READ_LIMIT, LIMIT_WINDOW_MS, MAX_RUN_MS } from "../../core/domain/limits.ts";
import { METRICS } from "../../core/names/metrics.ts";
import { NEAR_TIMEOUT } from "../../infra/observability/key-alarms.ts";
import { COST_DOCUMENT, costTable, measuredUnits } from "../support/cost-document.ts";
import { describe, expect, it } from "../support/jest.ts";
import { synth } from "./synth.ts";

// Recomputes the tables of docs/cost.md from the unit prices and measured units in it, and from the stack's alarms. That of the
// engines in docs/configuration.md follows from the same limits.

const CONFIGURATION_DOCUMENT = new URL("../../docs/configuration.md", import.meta.url);

const HOURS = 730;
const GB = 1e9;
/** Assumptions that docs/cost.md states. */
const LOG_BYTES = { account: 500, run: 2_500 };
const CATALOG_READ_UNITS = 30;
const runSeconds = (accounts: number) => 2 + (2 * accounts) / 60;

const prices = costTable("Unit prices");
const price = (name: string) => {
  const usd = Number(prices.get(name)?.[0]);
  if (!(usd > 0)) throw new Error(`docs/cost.md has no price "${name}"`);
  return usd;
};

interface Size {
  readonly title: string;
  readonly accounts: number;
  readonly runs: number;
}
const SIZES: readonly Size[] = [
  { title: "3 accounts hourly", accounts: 3, runs: HOURS },
  { title: "100 accounts hourly", accounts: 100, runs: HOURS },
  { title: "1,000 accounts hourly", accounts: 1_000, runs: HOURS },
  { title: "1,000 accounts every 5 minutes", accounts: 1_000, runs: HOURS * 12 },
];
const HOURLY_1000 = SIZES[2] as Size;

const { writeUnits, readUnits, storedBytes } = measuredUnits(31);
/** GB after a year. DynamoDB adds 100 bytes to each of the two items. */
const storedGb = ({ accounts, runs }: Size) => (accounts * runs * 12 * (storedBytes + 200)) / GB;
const logGb = ({ accounts, runs }: Size) => (runs * (LOG_BYTES.run + accounts * LOG_BYTES.account)) / GB;

type Line = readonly [name: string, usd: (size: Size) => number];
const VARIABLE: readonly Line[] = [
  [
    "Lambda, 1,024 MB",
    ({ accounts, runs }) =>
      runs * (runSeconds(accounts) * price("Lambda, arm64, GB-second") + price("Lambda, million requests") / 1e6),
  ],
  [
    "DynamoDB, writes",
    ({ accounts, runs }) => (runs * accounts * writeUnits * price("DynamoDB, million write units")) / 1e6,
  ],
  [
    "DynamoDB, reads",
    ({ accounts, runs }) =>
      (runs * (accounts * readUnits + CATALOG_READ_UNITS) * price("DynamoDB, million read units")) / 1e6,
  ],
  ["DynamoDB, storage", (size) => storedGb(size) * price("DynamoDB, GB stored")],
  ["DynamoDB, point-in-time recovery", (size) => storedGb(size) * price("DynamoDB, GB of point-in-time recovery")],
  [
    "logs, kept for a year",
    (size) => logGb(size) * (price("CloudWatch, GB of logs written") + 12 * price("CloudWatch, GB of logs stored")),
  ],
  [
    "X-Ray, EventBridge Scheduler, reads of the secret",
    ({ runs }) =>
      (runs * (price("X-Ray, million traces") + price("EventBridge Scheduler, million invocations"))) / 1e6 +
      (runs * price("Secrets Manager, 10,000 reads")) / 1e4,
  ],
];

interface Alarms {
  readonly alarms: number;
  readonly metrics: number;
}

/** Returns the number of alarms and of the metrics that they evaluate. */
function alarmsOf(template: Template): Alarms {
  const alarms = Object.values(template.findResources("AWS::CloudWatch::Alarm"));
  const metrics = alarms.flatMap(({ Properties: { MetricName, Metrics } }) =>
    MetricName === undefined ? Metrics.filter((metric: object) => "MetricStat" in metric) : [MetricName],
  );
  return { alarms: alarms.length, metrics: metrics.length };
}
const alarms = alarmsOf(synth().template);
/** `apiErrors` is emitted only after an error. */
const customMetrics = Object.keys(METRICS).length - 1;

const FIXED: readonly Line[] = [
  ["Secrets Manager, one secret", () => price("Secrets Manager, secret")],
  ["KMS, key of the alarm topic, first year", () => price("KMS, key")],
  [
    `CloudWatch, ${alarms.alarms} alarms on ${alarms.metrics} metrics`,
    () => alarms.metrics * price("CloudWatch, metric of an alarm"),
  ],
  [`CloudWatch, ${customMetrics} custom metrics`, () => customMetrics * price("CloudWatch, custom metric")],
  ["CloudWatch, one dashboard", () => price("CloudWatch, dashboard")],
];

const usd = (value: number) => value.toFixed(2);
const sum = (lines: readonly Line[]) => (size: Size) => lines.reduce((total, [, cost]) => total + cost(size), 0);
const total = sum([...VARIABLE, ...FIXED]);

/** Undoes the formatter's padding of tables. */
const unpadded = (text: string) => text.replaceAll(/ {2,}/g, " ").replaceAll(/-{3,}/g, "---");

function sizesTable(): string {
  const row = ([name, cost]: Line, bold = "") =>
    `| ${bold}${name}${bold} | ${SIZES.map((size) => `${bold}${usd(cost(size))}${bold}`).join(" | ")} |`;
  return [
    `| | ${SIZES.map(({ title }) => title).join(" | ")} |`,
    `| --- | ${SIZES.map(() => "---:").join(" | ")} |`,
    ...VARIABLE.map((line) => row(line)),
    ...FIXED.map((line) => row(line)),
    row(["total", total], "**"),
  ].join("\n");
}

/** Returns the alarms that a configuration has more than the defaults, in words, and their price. */
function moreAlarms(flags: object): { text: string; cost: number } {
  const after = alarmsOf(synth({ ...flags }).template);
  const [added, metrics] = [after.alarms - alarms.alarms, after.metrics - alarms.metrics];
  const text = `${added} ${added === 1 ? "alarm" : "alarms"} on ${metrics} ${metrics === 1 ? "metric" : "metrics"}`;
  return { text, cost: metrics * price("CloudWatch, metric of an alarm") };
}

/** Returns a row for the alarms that an option adds. */
function alarmsRow(option: string, value: unknown): string {
  const { text, cost } = moreAlarms({ [option]: value });
  return `| \`${option}\` | ${text} | ${usd(cost)} |`;
}

/** Returns a row for each key after the first. */
function keysRow(): string {
  const { text, cost } = moreAlarms({ keys: { a: {}, b: {} } });
  const total = cost + customMetrics * price("CloudWatch, custom metric") + price("Secrets Manager, secret");
  return `| \`keys\`, each after the first | a secret, ${text}, ${customMetrics} custom metrics | ${usd(total)} |`;
}

const egress =
  HOURS * (price("NAT gateway, hour") + price("public IPv4 address, hour") + price("interface endpoint, hour"));

/** A run's time, as a multiple of the shortest that the API's limit allows. docs/configuration.md states it. */
const TIMES_BOUND = 1.1;

/** Returns how many pages a run reads in a time, without the alarm near-timeout. */
const pagesIn = (ms: number) => (NEAR_TIMEOUT * ms * (API_READ_LIMIT / LIMIT_WINDOW_MS)) / TIMES_BOUND;

const FLEET = 100_000;
const FLEET_INVOCATIONS = Math.ceil(FLEET / pagesIn(MAX_RUN_MS));

function enginesTable(): string {
  const row = (engine: string, starts: string, ms: number) => {
    const accounts = (pages: number) => (Math.floor(pagesIn(ms) / pages / 100) * 100).toLocaleString("en-US");
    return `| \`${engine}\` | ${starts} | ${accounts(1)} | ${accounts(5)} |`;
  };
  return [
    "| `engine` | what the schedule starts | accounts of one page | of five pages |",
    "| --- | --- | ---: | ---: |",
    row("lambda", "one invocation of the function, of up to 15 minutes", MAX_RUN_MS),
    row("stepFunctions", "a state machine that invokes the function until no account is left", 3_600_000),
  ].join("\n");
}

/** Returns the cost of a month's state transitions. @param invocations in each hour, before the last step */
const transitions = (invocations: number) =>
  HOURS * ((3 + 3 * invocations) / 1000) * price("Step Functions, 1,000 state transitions");

function optionsTable(): string {
  const responses = (HOURLY_1000.accounts * HOURS * 20_000) / GB;
  const copies = storedGb(HOURLY_1000) * 12;
  const saved = alarms.metrics * price("CloudWatch, metric of an alarm") + price("KMS, key");
  return [
    "| option | what it adds | USD |",
    "| --- | --- | ---: |",
    alarmsRow("anchor", "compliance"),
    alarmsRow("noticeAlarm", true),
    keysRow(),
    alarmsRow("engine", "stepFunctions"),
    `| | state transitions, 1,000 accounts hourly: 1 invocation | ${usd(transitions(1))} |`,
    `| | state transitions, ${FLEET.toLocaleString("en-US")} accounts of one page hourly: ${FLEET_INVOCATIONS} invocations | ${usd(transitions(FLEET_INVOCATIONS))} |`,
    `| \`staticEgress\` | a NAT gateway, its address, an interface endpoint | ${usd(egress)} |`,
    `| | 20 KB of responses per account and run, 1,000 accounts hourly | ${usd(responses * price("NAT gateway, GB"))} |`,
    `| \`backup\`, monthly | 12 copies of the size after a year, 1,000 accounts hourly | ${usd(copies * price("DynamoDB, GB of backups"))} |`,
    `| \`kmsKeyArn\` | a key | ${usd(price("KMS, key"))} |`,
    `| \`alarms\`: "none, because …" | no alarms, no key of the topic | −${usd(saved)} |`,
  ].join("\n");
}

describe("the computed tables (to update: WRITE_DOCS=1 npm test -- test/infra/cost; then npm run format)", () => {
  it.each([
    ["sizes", "docs/cost.md", COST_DOCUMENT, sizesTable],
    ["options", "docs/cost.md", COST_DOCUMENT, optionsTable],
    ["engines", "docs/configuration.md", CONFIGURATION_DOCUMENT, enginesTable],
  ])(
    "include that of the %s in %s, as it follows from prices, measured units, limits and the stack's alarms",
    (...given) => {
      const [name, , path, table] = given;
      const document = readFileSync(path, "utf8");
      const pattern = new RegExp(`(<!-- computed: ${name} -->\n)[\\s\\S]*?(<!-- end -->)`);

      const expected = document.replace(pattern, (_, start, end) => `${start}\n${table()}\n\n${end}`);

      expect(document).toMatch(pattern);
      if (process.env["WRITE_DOCS"] !== undefined) writeFileSync(path, expected);
      else expect(unpadded(document)).toBe(unpadded(expected));
    },
  );

  it("agrees with the figures in other documents", () => {
    const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
    const about = (size: Size) => `about ${Math.round(total(size))} USD`;

    expect(read("README.md")).toContain(`Hourly snapshots of three accounts cost [${about(SIZES[0] as Size)} a month]`);
    expect(read("README.md")).toContain(`${Math.round(total(HOURLY_1000))} USD for a thousand`);
    expect(read("docs/configuration.md")).toContain(`costs about ${Math.round(egress)} USD a month`);
  });
});
