import { Token } from "aws-cdk-lib";
import type { z } from "zod";
import { singleLine } from "../../core/domain/untrusted-text.ts";
import { nearestName } from "../../core/names/nearest-name.ts";
import { describeInvalidValue, MAX_SHOWN_LENGTH } from "./validation-messages.ts";

/**
 * Parses one value per schema. An invalid value is left out and added to `problems`.
 * @param path what the messages put before a key, such as `keys.emea.`
 */
export function parseValues<S extends Readonly<Record<string, z.ZodType>>>(
  schemas: S,
  given: Readonly<Record<string, unknown>>,
  problems: string[],
  path = "",
): Partial<{ [K in keyof S]: z.infer<S[K]> }> {
  const parsed = {};
  for (const [key, schema] of Object.entries(schemas)) {
    const result = schema.safeParse(given[key]);
    if (result.success) Object.assign(parsed, { [key]: result.data });
    else {
      const expected = `${schema.description ?? ""}${orResource(key, given[key])}`;
      problems.push(describeInvalidValue(`${path}${key}`, given[key], result.error, expected));
    }
  }
  return parsed;
}

/** The properties of the construct that take a resource itself, instead of its name or ARN. */
const RESOURCE_PROPERTIES: Readonly<Record<string, string>> = {
  secretName: "secret",
  secretKmsKeyArn: "encryptionKey of an imported secret",
  kmsKeyArn: "encryptionKey",
  vpcId: "vpc",
  subnetIds: "vpcSubnets",
  alarmTopicArn: "alarmTopic",
};

/** Only a program has tokens: the names and ARNs of resources that it creates. */
function orResource(key: string, given: unknown): string {
  const property = RESOURCE_PROPERTIES[key];
  const hasToken = [given].flat().some((value) => Token.isUnresolved(value));
  return hasToken && property !== undefined ? `, or the resource itself as ${property}` : "";
}

/** So few names are listed if none is close to what was given. */
const MAX_LISTED_NAMES = 10;

/** A misspelled key is a problem, because it would have no effect. */
export function unknownKey(key: string, names: readonly string[], { path = "", where = "" } = {}): string {
  const { name, distance } = nearestName(key, names);
  const isClose = distance <= Math.max(2, name.length / 3);
  const all =
    names.length <= MAX_LISTED_NAMES ? `expected ${names.join(", ")}` : "see docs/configuration.md for all keys";
  return `${path}${shownName(key)}: unknown key${where}; ${isClose ? `did you mean ${name}?` : all}`;
}

/** Returns the name of a key as messages show it: in quotes if it could not be seen otherwise, or would look like several. */
export function shownName(name: string): string {
  const text = singleLine(name, MAX_SHOWN_LENGTH);
  return /^[^\s."]+$/.test(text) ? text : JSON.stringify(text);
}

/** Collects a problem for each key that is given, but has no effect in combination with the others. */
export function requirements(parsed: Readonly<Record<string, unknown>>, problems: string[], path = "") {
  return (key: string, isMet: boolean, without: string, expected: string): void => {
    // An invalid value is already among the problems.
    if (parsed[key] !== undefined && !isMet)
      problems.push(`${path}${key}: given ${without}; expected only with ${expected}`);
  };
}
