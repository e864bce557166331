import { accessSync, constants, existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseDocument } from "yaml";
import { describe, expect, it } from "../support/jest.ts";

// What GitHub reads: workflows, dependency updates and templates. Nothing here can run them, so this checks what they refer to.

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
const manifest = JSON.parse(read("package.json"));
const direct = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies, ...manifest.peerDependencies });
const filesIn = (folder: string) => readdirSync(join(ROOT, folder)).map((name) => `${folder}/${name}`);
const WORKFLOWS = filesIn(".github/workflows");
const FORMS = filesIn(".github/ISSUE_TEMPLATE");

// biome-ignore lint/suspicious/noExplicitAny: any document.
type Yaml = any;
const parsed = (path: string): Yaml => parseDocument(read(path)).toJS();

interface Job {
  readonly steps?: readonly { readonly run?: string; readonly uses?: string; readonly env?: Record<string, string> }[];
  readonly uses?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly strategy?: { readonly matrix: Yaml };
}
const jobsOf = (path: string): [name: string, job: Job][] => Object.entries(parsed(path).jobs);
const stepsOf = (path: string) => jobsOf(path).flatMap(([, { steps = [] }]) => steps);

it.each([...WORKFLOWS, ...FORMS, ".github/dependabot.yml"])("%s is valid YAML", (path) => {
  const { errors, warnings } = parseDocument(read(path), { uniqueKeys: true });

  expect([...errors, ...warnings]).toEqual([]);
});

describe.each(WORKFLOWS)("%s", (path) => {
  it("runs scripts and files that exist", () => {
    const commands = stepsOf(path).flatMap(({ run = "" }) => run.split("\n"));
    const scripts = commands.flatMap((line) => /npm run (?:-s )?([\w:]+)/.exec(line)?.[1] ?? []);
    const files = commands.flatMap((line) => /^(?:node )?((?:\.ci|node_modules)\/\S+)/.exec(line)?.[1] ?? []);

    expect(scripts.length + files.length).toBeGreaterThan(0);
    expect(scripts.filter((name) => manifest.scripts[name] === undefined)).toEqual([]);
    expect(files.filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
    for (const file of files.filter((one) => one.startsWith(".ci/"))) accessSync(join(ROOT, file), constants.X_OK);
  });

  it("uses actions by commit, with their version, and workflows that exist", () => {
    const lines = read(path).match(/^.*\buses: .*$/gm) ?? [];
    const [local, actions] = [true, false].map((isLocal) =>
      lines.filter((line) => line.includes("uses: ./") === isLocal),
    );

    expect(actions?.length).toBeGreaterThan(0);
    expect(actions?.filter((line) => !/uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line))).toEqual([]);
    for (const line of local ?? []) expect(existsSync(join(ROOT, line.split("uses: ./")[1] ?? ""))).toBe(true);
  });

  it("has no permission but to read, except for publishing", () => {
    const granted = jobsOf(path).flatMap(([name, { permissions = {} }]) =>
      Object.entries(permissions).flatMap(([what, level]) => (level === "write" ? [`${name}: ${what}`] : [])),
    );

    const isRelease = path.endsWith("release.yml");
    expect(parsed(path).permissions).toEqual(isRelease ? {} : { contents: "read" });
    expect(granted).toEqual(isRelease ? ["publish: id-token", "announce: contents"] : []);
  });
});

describe("ci.yml", () => {
  const jobs = Object.fromEntries(jobsOf(".github/workflows/ci.yml"));

  it("runs .ci/run with the oldest Node.js version that is allowed, and those up to Lambda's", () => {
    const oldest = read(".nvmrc").trim();

    expect(manifest.engines.node).toBe(`>=${oldest}`);
    expect(jobs["check"]?.strategy?.matrix.node).toEqual([oldest, "22", "24"]);
    expect(jobs["check"]?.steps?.at(-1)?.run).toBe(".ci/run");
    expect(manifest.scripts.node24).toMatch(/@24$/);
  });

  it("runs tests of the command line that exist on macOS and Windows, with the options of `npm test`", () => {
    const { strategy, steps = [] } = jobs["command-line"] as Job;
    const systems = strategy?.matrix.include as readonly { readonly os: string; readonly tests: string }[];

    expect(systems.map(({ os }) => os)).toEqual(["macos-latest", "windows-latest"]);
    for (const pattern of systems.flatMap(({ tests }) => tests.split(" "))) {
      const folder = readdirSync(join(ROOT, "test"), { recursive: true }).map((name) => `test/${name}`);
      expect(folder.filter((name) => name.startsWith(pattern) && name.endsWith(".test.ts"))).not.toEqual([]);
    }
    const options = steps.at(-1)?.env?.["NODE_OPTIONS"];
    expect(manifest.scripts.test).toBe(`NODE_OPTIONS='${options}' jest`);
  });

  it("runs no command on Windows that only a POSIX shell understands", () => {
    const commands = (jobs["command-line"]?.steps ?? []).flatMap(({ run = [] }) => run);
    const scripts = commands.flatMap(
      (line) => manifest.scripts[/npm run (?:-s )?([\w:]+)/.exec(line)?.[1] ?? ""] ?? [],
    );

    expect(scripts).not.toEqual([]);
    expect([...commands, ...scripts].filter((line) => /^\w+=|\$\(|'|(\|\||&&)/.test(line))).toEqual([]);
  });
});

describe("dependabot.yml", () => {
  const [npm] = parsed(".github/dependabot.yml").updates as Yaml[];

  it("puts every direct dependency into exactly one group", () => {
    const groups = Object.values<{ patterns: string[] }>(npm.groups).map(({ patterns }) => patterns);
    const matches = (name: string, pattern: string) =>
      pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
    const groupsOf = (name: string) => groups.filter((patterns) => patterns.some((one) => matches(name, one))).length;

    expect(direct.filter((name) => groupsOf(name) !== 1)).toEqual([]);
    expect(groups.flat().filter((pattern) => !direct.some((name) => matches(name, pattern)))).toEqual([]);
  });

  it("has a reason for each dependency that stays at its version", () => {
    const lines = read(".github/dependabot.yml").split("\n");
    const ignored = lines.flatMap((line, at) =>
      line.includes("dependency-name:") ? [{ line, before: lines[at - 1] }] : [],
    );

    expect(ignored.length).toBeGreaterThan(0);
    expect(ignored.filter(({ before = "" }) => !/^ +# \w/.test(before))).toEqual([]);
    expect(npm.ignore.filter((one: Yaml) => !direct.includes(one["dependency-name"]))).toEqual([]);
  });
});

describe("the issue forms", () => {
  it.each(FORMS.filter((path) => !path.endsWith("config.yml")))("%s has questions with different ids", (path) => {
    const ids = parsed(path).body.flatMap(({ id }: Yaml) => id ?? []);

    expect(ids.length).toBeGreaterThan(0);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("of a bug asks for the output of doctor, and says that it has no secrets", () => {
    const { body } = parsed(".github/ISSUE_TEMPLATE/bug.yml");
    const doctor = body.find(({ id }: Yaml) => id === "doctor");

    expect(doctor.validations.required).toBe(true);
    expect(doctor.attributes.description).toMatch(/balances -- doctor .*no secret: no key, no token and no balance/s);
    expect(read(".github/pull_request_template.md")).toContain("`balances doctor`");
  });
});
