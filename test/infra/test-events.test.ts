import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Template } from "aws-cdk-lib/assertions";
import { testEvents } from "../../infra/options/test-events.ts";
import { describe, expect, it } from "../support/jest.ts";
import { accountId, OTHER_OPTIONS } from "./configurations.ts";
import { evaluate } from "./intrinsics.ts";
import { synth } from "./synth.ts";
import { functionId, only, propertiesOf } from "./template.ts";

// Deploys the custom resources with CDK's own handler from the cloud assembly, and a stand-in for the schema registry.

const TYPE = "Custom::TestEvents";
const HANDLER = "AWS::Lambda::Function";
const REGISTRY = "lambda-testevent-schemas";

const { template, app } = synth();
const { template: configured } = synth({ accounts: [accountId(1)] });

const onlyKey = (accounts: "all" | string[]) => [{ name: undefined, accounts }];

describe("the names of the test events", () => {
  it("are keys that OpenAPI allows, and at most 25 characters long", () => {
    const names = Object.keys(testEvents([{ name: "emea", accounts: "all" }]));

    expect(names).toHaveLength(5);
    for (const name of names) expect(name).toMatch(/^[a-zA-Z0-9.\-_]{1,25}$/);
  });
});

describe("the test events", () => {
  it("are in the schema of the function after the first deployment", async () => {
    const stack = new Stack();

    expect(await stack.deploy(template, "fn")).toEqual(["SUCCESS", "SUCCESS", "SUCCESS"]);

    expect(stack.events()).toEqual({ "_fn-schema": testEvents(onlyKey("all")) });
  });

  it("replace what an existing registry and schema contain", async () => {
    const stack = new Stack();
    stack.registry = new Map([["_fn-schema", "{}"]]);

    await stack.deploy(template, "fn");

    expect(stack.events()).toEqual({ "_fn-schema": testEvents(onlyKey("all")) });
  });

  it("follow a change of the configuration and back, as a rollback does", async () => {
    const stack = new Stack();
    await stack.deploy(template, "fn");

    await stack.deploy(configured, "fn");
    const changed = stack.events();
    await stack.deploy(template, "fn");

    expect(changed).toEqual({ "_fn-schema": testEvents(onlyKey([accountId(1)])) });
    expect(stack.events()).toEqual({ "_fn-schema": testEvents(onlyKey("all")) });
  });

  it("move to the schema of a function that replaces the old one, and leave those of other functions", async () => {
    const stack = new Stack();
    await stack.deploy(template, "fn");
    stack.registry?.set("_other-schema", "{}");

    await stack.deploy(template, "renamed");

    expect(Object.keys(stack.events())).toEqual(["_other-schema", "_renamed-schema"]);
    expect(stack.events()["_renamed-schema"]).toEqual(testEvents(onlyKey("all")));
  });

  it("are deleted with the stack, and the registry is not", async () => {
    const stack = new Stack();
    await stack.deploy(template, "fn");

    expect(await stack.delete()).toEqual(["SUCCESS", "SUCCESS", "SUCCESS"]);

    expect(stack.registry).toEqual(new Map());
  });

  it.each([
    ["denied", Object.assign(new Error("not authorized"), { name: "AccessDeniedException" })],
    ["without a name", Object.assign(new Error(), { name: undefined })],
    ["of a region without the service", Object.assign(new Error("getaddrinfo"), { code: "ENOTFOUND" })],
  ])("fail no deployment with an error %s, and the next change creates them", async (_, error) => {
    const stack = new Stack();
    stack.registry = new Map();
    stack.error = error;

    const statuses = [...(await stack.deploy(template, "fn")), ...(await stack.deploy(template, "renamed"))];
    stack.error = undefined;
    await stack.deploy(configured, "renamed");

    expect(new Set(statuses)).toEqual(new Set(["SUCCESS"]));
    expect(stack.events()).toEqual({ "_renamed-schema": testEvents(onlyKey([accountId(1)])) });
  });
});

describe("the custom resources of the test events", () => {
  const handler = only(template, HANDLER, "TestEvents");

  it("wait for the function, but the permissions that they need do not", () => {
    const { [only(template, "AWS::IAM::Policy", "TestEvents")]: policy } = template.findResources("AWS::IAM::Policy");
    const { [handler]: fn } = template.findResources(HANDLER);
    const { [only(template, TYPE, "CreateRegistry")]: registry } = template.findResources(TYPE);

    expect(fn?.["DependsOn"]).toContain(only(template, "AWS::IAM::Policy", "TestEvents"));
    expect(registry?.["DependsOn"]).toContain(functionId(template));
    expect(JSON.stringify([policy, fn])).not.toContain(functionId(template));
  });

  it("can be disabled, together with their function", () => {
    const { template: silent } = synth(OTHER_OPTIONS);

    silent.resourceCountIs(TYPE, 0);
    // The snapshot function, and that of the anchor.
    silent.resourceCountIs(HANDLER, 2);
  });
});

type Properties = Readonly<Record<string, unknown>>;
interface Command {
  readonly action: string;
  readonly input: { readonly RegistryName: string; readonly SchemaName: string; readonly Content: string };
}

/** Deploys custom resources as CloudFormation does: those with a new physical ID are deleted at the end, by their old ID. */
class Stack {
  /** The content of each schema, by name; `undefined` if the registry does not exist. */
  registry: Map<string, string> | undefined;
  /** Thrown by every call. */
  error: Error | undefined;
  #deployed = new Map<string, { readonly physicalId: string; readonly properties: Properties }>();
  readonly #handle = loadHandler((command) => this.#call(command));

  /** Returns the events in each schema. */
  events(): Record<string, object> {
    return Object.fromEntries([...(this.registry ?? [])].map(([name, content]) => [name, eventsOf(content)]));
  }

  /** Returns the status of each resource that is created or updated. */
  async deploy(template: Template, functionName: string): Promise<string[]> {
    const statuses: string[] = [];
    const replaced: { readonly physicalId: string; readonly properties: Properties }[] = [];
    for (const [id, properties] of resourcesOf(template, functionName)) {
      const old = this.#deployed.get(id);
      if (JSON.stringify(old?.properties) === JSON.stringify(properties)) continue;
      const { Status, PhysicalResourceId } = await this.#handle(
        old === undefined ? "Create" : "Update",
        properties,
        old,
      );
      statuses.push(Status);
      if (old !== undefined && old.physicalId !== PhysicalResourceId) replaced.push(old);
      this.#deployed.set(id, { physicalId: PhysicalResourceId, properties });
    }
    for (const old of replaced) await this.#handle("Delete", old.properties, old);
    return statuses;
  }

  async delete(): Promise<string[]> {
    const answers = [];
    for (const old of [...this.#deployed.values()].reverse()) {
      answers.push(await this.#handle("Delete", old.properties, old));
    }
    return answers.map(({ Status }) => Status);
  }

  #call({ action, input: { RegistryName, SchemaName, Content } }: Command): void {
    const fail = (name: string) => {
      throw Object.assign(new Error(name), { name });
    };
    expect(RegistryName).toBe(REGISTRY);
    if (this.error !== undefined) throw this.error;
    if (action === "CreateRegistry") {
      if (this.registry !== undefined) fail("ConflictException");
      this.registry = new Map();
      return;
    }
    const exists = this.registry?.has(SchemaName) ?? false;
    if (action === "CreateSchema" && exists) fail("ConflictException");
    if (this.registry === undefined || (action !== "CreateSchema" && !exists)) fail("NotFoundException");
    if (action === "DeleteSchema") this.registry?.delete(SchemaName);
    else this.registry?.set(SchemaName, Content);
  }
}

function eventsOf(content: string): object {
  const { examples = {} } = JSON.parse(content).components ?? {};
  return Object.fromEntries(Object.entries<{ value: object }>(examples).map(([name, { value }]) => [name, value]));
}

/** Returns the properties of the custom resources, each after those that it depends on. */
function resourcesOf(template: Template, functionName: string): [string, Properties][] {
  const reference = (id: string) => (id === functionId(template) ? functionName : `\${${id}}`);
  const all = Object.entries(template.findResources(TYPE)).map(([id, { DependsOn, Properties }]) => ({
    id,
    dependsOn: DependsOn as string[],
    properties: evaluate(Properties, reference) as Properties,
  }));
  const first = all.filter(({ dependsOn }) => !all.some(({ id }) => dependsOn.includes(id)));
  for (const { id } of first) first.push(...all.filter(({ dependsOn }) => dependsOn.includes(id)));
  expect(first).toHaveLength(3);
  return first.map(({ id, properties }) => [id, properties]);
}

/** Loads the handler with a stand-in for the SDK and for the answer to CloudFormation. */
function loadHandler(call: (command: Command) => void) {
  const asset = propertiesOf(template, HANDLER, "TestEvents").Code.S3Key.replace(".zip", "");
  const path = join(app.outdir, `asset.${asset}`, "index.js");
  const commandOf = (action: string) =>
    class {
      readonly action = action;
      readonly input: unknown;
      constructor(input: unknown) {
        this.input = input;
      }
    };
  const actions = ["CreateRegistry", "CreateSchema", "UpdateSchema", "DeleteSchema"];
  const sdk = {
    SchemasClient: class {
      readonly config = { region: async () => "eu-west-1" };
      async send(command: Command) {
        call(command);
        return { $metadata: {} };
      }
    },
    ...Object.fromEntries(actions.map((action) => [`${action}Command`, commandOf(action)])),
  };
  let answer = "";
  const https = {
    request: (_: unknown, done: () => void) => ({ on() {}, write: (text: string) => (answer = text), end: done }),
  };
  const stubs: Record<string, unknown> = { "@aws-sdk/client-schemas": sdk, https };
  const nodeRequire = createRequire(import.meta.url);
  const module = { exports: {} as { handler(event: object, context: object): Promise<void> } };
  const load = new Function("module", "exports", "require", "console", readFileSync(path, "utf8"));
  load(module, module.exports, (name: string) => stubs[name] ?? nodeRequire(name), { log() {} });
  const { handler } = module.exports;
  return async (RequestType: string, ResourceProperties: Properties, old?: { readonly physicalId: string }) => {
    // The handler changes its event.
    const event = structuredClone({ RequestType, ResourceProperties, PhysicalResourceId: old?.physicalId });
    await handler({ ...event, LogicalResourceId: "Id", ResponseURL: "https://cloudformation.example/" }, {});
    return JSON.parse(answer) as { Status: string; PhysicalResourceId: string };
  };
}
