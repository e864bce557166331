import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import { parse } from "yaml";
import type { Exchange } from "./exchanges.ts";

/** Where Coinbase's OpenAPI documents are, if they are there. They are not part of this repository. */
const FOLDER = process.env["CDP_OPENAPI_FOLDER"] ?? fileURLToPath(new URL("../../../shared/", import.meta.url));
const ACCOUNTS = "cdp-accounts-openapi.yaml";
const DOCUMENTS = [ACCOUNTS, "cdp-transfers-openapi.yaml"];

type Json = Record<string, unknown>;

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema: Json;
}

interface Document {
  readonly servers: readonly { readonly url: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, OperationObject>>>>;
}

interface OperationObject {
  readonly operationId: string;
  readonly parameters?: readonly Json[];
  readonly responses: Readonly<Record<string, Json>>;
}

interface Operation {
  readonly id: string;
  /** Matches the path of a request, with its parameters as groups in the order of `pathNames`. */
  readonly path: RegExp;
  readonly pathNames: readonly string[];
  readonly method: string;
  readonly parameters: readonly Parameter[];
  readonly responses: Readonly<Record<string, Json>>;
}

/** Returns what the API's OpenAPI documents say; `undefined`, after a note, if one of them is not there. */
export function findContract(): Contract | undefined {
  const missing = DOCUMENTS.filter((name) => !existsSync(join(FOLDER, name)));
  if (missing.length === 0) return new Contract(FOLDER);
  process.stderr.write(
    `Skipped the contract tests. Coinbase's OpenAPI documents are not in ${FOLDER}: ${missing.join(", ")}. ` +
      "Put them there, or set CDP_OPENAPI_FOLDER.\n",
  );
  return undefined;
}

/** The operations of the API's OpenAPI documents, which are in version 3.1: their schemas are JSON Schema 2020-12. */
export class Contract {
  readonly #operations: readonly Operation[];
  readonly #error: Json;
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true });
  readonly #validators = new Map<Json, ValidateFunction>();

  constructor(folder: string) {
    formats.default(this.#ajv);
    const documents = DOCUMENTS.map((name) => parse(readFileSync(join(folder, name), "utf8")) as Document);
    this.#operations = documents.flatMap(operationsOf);
    const accounts = parse(readFileSync(join(folder, ACCOUNTS), "utf8")) as Document;
    this.#error = closed(accounts, { $ref: "#/components/schemas/Error" });
  }

  /** Returns the operations of exchanges with their statuses, each once. */
  operations(exchanges: readonly Exchange[]): string[] {
    const names = exchanges.map((exchange) => `${this.#find(exchange)?.operation.id} ${exchange.status}`);
    return [...new Set(names)].sort();
  }

  /** Returns how exchanges differ from the documents, each with the request that shows it first. */
  problems(exchanges: readonly Exchange[], of: "requests" | "responses" | "both" = "both"): string[] {
    const problems = exchanges.flatMap((exchange) =>
      [
        ...(of === "responses" ? [] : this.#requestProblems(exchange)),
        ...(of === "requests" ? [] : this.#responseProblems(exchange)),
      ].map((problem) => `${exchange.path}?${exchange.search} (${exchange.status}): ${problem}`),
    );
    return [...new Set(problems)].slice(0, 20);
  }

  /** Returns how a request differs from the document. */
  #requestProblems(exchange: Exchange): string[] {
    const found = this.#find(exchange);
    if (found === undefined) return ["the document has no such operation"];
    const { operation, pathValues } = found;
    const query = new URLSearchParams(exchange.search);
    const known = operation.parameters.filter((parameter) => parameter.in === "query");
    const unknown = [...query.keys()].filter((name) => !known.some((parameter) => parameter.name === name));
    return [
      ...unknown.map((name) => `unknown query parameter ${name}`),
      ...operation.parameters.flatMap((parameter) => {
        const values =
          parameter.in === "path"
            ? [decodeURIComponent(pathValues[parameter.name] ?? "")]
            : query.getAll(parameter.name);
        if (values.length > 1) return [`query parameter ${parameter.name} is repeated`];
        return values.flatMap((text) =>
          this.#validate(parameter.schema, parameterValue(text, parameter), parameter.name),
        );
      }),
    ];
  }

  /** Returns how a response differs from the document, which has no fields but those that it names. */
  #responseProblems(exchange: Exchange): string[] {
    const documented = this.#find(exchange)?.operation.responses[String(exchange.status)];
    if (documented === undefined && exchange.status < 400) return [`status ${exchange.status} is not documented`];
    if (exchange.contentType !== "application/json") return [`content type ${exchange.contentType}`];
    // Any operation can answer with an error that the document does not list for it, such as 429.
    return this.#validate(documented ?? this.#error, JSON.parse(exchange.body), "body");
  }

  #find({ method, path }: Exchange) {
    for (const operation of this.#operations) {
      const match = method === operation.method ? operation.path.exec(path) : null;
      if (match === null) continue;
      const values = operation.pathNames.map((name, at) => [name, match[at + 1] ?? ""]);
      return { operation, pathValues: Object.fromEntries(values) as Record<string, string> };
    }
    return undefined;
  }

  #validate(schema: Json, value: unknown, where: string): string[] {
    const validator = this.#validators.get(schema) ?? this.#ajv.compile(schema);
    this.#validators.set(schema, validator);
    if (validator(value)) return [];
    return (validator.errors ?? []).map((error) => `${where}${error.instancePath} ${error.message}`);
  }
}

function operationsOf(document: Document): Operation[] {
  const basePath = new URL(document.servers[0]?.url ?? "").pathname;
  return Object.entries(document.paths).flatMap(([template, methods]) =>
    Object.entries(methods).map(([method, { operationId, parameters = [], responses }]) => ({
      id: operationId,
      path: new RegExp(`^${(basePath + template).replace(/\{\w+\}/g, "([^/]+)")}$`),
      pathNames: [...template.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name),
      method: method.toUpperCase(),
      parameters: parameters.map((given) => {
        const parameter = resolve(document, given) as unknown as Parameter;
        return { ...parameter, schema: closed(document, parameter.schema) };
      }),
      responses: Object.fromEntries(
        Object.entries(responses).map(([status, given]) => {
          const { content } = resolve(document, given) as { content?: Record<string, { schema: Json }> };
          return [status, closed(document, content?.["application/json"]?.schema ?? {})];
        }),
      ),
    })),
  );
}

/** Returns the value that a parameter's text stands for. A list is separated by commas (`explode: false`). */
function parameterValue(text: string, { schema }: Parameter): unknown {
  if (schema["type"] === "integer") return /^-?\d+$/.test(text) ? Number(text) : text;
  return schema["type"] === "array" ? text.split(",") : text;
}

function resolve(document: Document, node: Json): Json {
  const { $ref: reference, ...rest } = node;
  if (typeof reference !== "string") return node;
  const target = reference
    .replace(/^#\//, "")
    .split("/")
    .reduce((at, name) => at[name] as Json, document as unknown as Json);
  return { ...resolve(document, target), ...rest };
}

/** Returns a schema without references, whose objects have no properties but those that it names. */
function closed(document: Document, given: Json, isPart = false): Json {
  const schema = { ...resolve(document, given) };
  const each = (value: unknown, within = false) => closed(document, value as Json, within);
  for (const name of ["items", "additionalProperties"]) if (schema[name]) schema[name] = each(schema[name]);
  if (schema["oneOf"]) schema["oneOf"] = (schema["oneOf"] as Json[]).map((alternative) => each(alternative));
  // Each part of `allOf` knows only some of the properties.
  if (schema["allOf"]) schema["allOf"] = (schema["allOf"] as Json[]).map((part) => each(part, true));
  if (schema["properties"]) {
    const properties = Object.entries(schema["properties"]).map(([name, value]) => [name, each(value)]);
    schema["properties"] = Object.fromEntries(properties);
  }
  const isObject = (schema["properties"] || schema["allOf"]) && schema["additionalProperties"] === undefined;
  if (isObject && !isPart && schema["type"] !== "string") schema["unevaluatedProperties"] = false;
  return schema;
}
