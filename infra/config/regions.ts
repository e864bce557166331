import { type ApiKeyConfig, pathOf } from "./api-keys.ts";
import type { Parsed } from "./config-keys.ts";

/** The configured names of resources. An invalid value may be missing. */
type Resources = Readonly<Partial<Pick<Parsed, "kmsKeyArn" | "alarmTopicArn" | "availabilityZone">>> & {
  readonly apiKeys: readonly ApiKeyConfig[];
};

/** Returns the region of the configured resources, in which the stack has to be; `undefined` if there are none. */
export function regionOf(config: Resources): string | undefined {
  return regionsOf(config)[0]?.region;
}

/**
 * Returns a problem for each resource in another region than the stack, which can use resources of its own region only.
 * @param stackRegion the region of the stack; `undefined`: not known at synthesis, so the resources must agree
 */
export function findOtherRegions(config: Resources, stackRegion?: string): string[] {
  const given = regionsOf(config);
  const expected = stackRegion ?? given[0]?.region;
  const whose = stackRegion === undefined ? given[0]?.key : "the stack";
  return given
    .filter(({ region }) => region !== expected)
    .map(({ key, region }) => `${key}: given in ${region}; expected in ${expected}, the region of ${whose}`);
}

function regionsOf(config: Resources): { readonly key: string; readonly region: string }[] {
  const { kmsKeyArn, apiKeys, alarmTopicArn, availabilityZone } = config;
  const secrets = apiKeys.flatMap(({ name, secretName, secretKmsKeyArn }) => [
    { key: `${pathOf(name)}secretName`, region: regionOfArn(secretName) },
    { key: `${pathOf(name)}secretKmsKeyArn`, region: regionOfArn(secretKmsKeyArn) },
  ]);
  const all = [
    { key: "kmsKeyArn", region: regionOfArn(kmsKeyArn) },
    ...secrets,
    { key: "alarmTopicArn", region: regionOfArn(alarmTopicArn) },
    // The name of a zone begins with its region: eu-west-1b, us-west-2-lax-1a.
    { key: "availabilityZone", region: /^[a-z]{2}(-[a-z]+)+-\d/.exec(availabilityZone ?? "")?.[0] },
  ];
  return all.flatMap(({ key, region }) => (region === undefined ? [] : [{ key, region }]));
}

const regionOfArn = (arn = ""): string | undefined => /^arn:[^:]*:[^:]*:([^:]*)/.exec(arn)?.[1];
