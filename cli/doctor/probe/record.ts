import { PRODUCTION_API } from "../../../core/names/environment.ts";
import { SANDBOX_API } from "../../shared/job-options.ts";
import type { ApiConnection } from "../api-client.ts";
import { probeApi } from "./probe.ts";

const KNOWN_APIS: ReadonlyMap<string, string> = new Map([
  [PRODUCTION_API, "production"],
  [SANDBOX_API, "sandbox"],
]);

/** Asks the API, and returns the record as JSON with one entry per line. */
export async function recordProbe(
  connection: ApiConnection,
  accounts: readonly string[],
  version: string,
): Promise<string> {
  const { findings, counts, responses } = await probeApi(connection, accounts);
  const { api, clock } = connection;
  return formatRecord({
    ...{ version, node: process.version, date: new Date(clock.now()).toISOString().slice(0, 10) },
    // Another host may be a private one.
    api: KNOWN_APIS.get(api.baseUrl) ?? "other",
    ...{ findings, ...counts, responses },
  });
}

function formatRecord(record: object): string {
  const entries = Object.entries(record).map(([name, value]) => `  ${JSON.stringify(name)}: ${formatEntries(value)}`);
  return `{\n${entries.join(",\n")}\n}\n`;
}

function formatEntries(value: unknown): string {
  const isList = Array.isArray(value);
  const entries = typeof value === "object" ? Object.entries(Object(plain(value))) : [];
  if (entries.every(([, entry]) => typeof entry === "number")) return JSON.stringify(value);
  const lines = entries.map(([name, entry]) => {
    const text = JSON.stringify(entry, (_, inner) => plain(inner));
    return isList ? `    ${text}` : `    ${JSON.stringify(name)}: ${text}`;
  });
  return `${isList ? "[" : "{"}\n${lines.join(",\n")}\n  ${isList ? "]" : "}"}`;
}

function plain(value: unknown) {
  return value instanceof Map ? Object.fromEntries(value) : value;
}
