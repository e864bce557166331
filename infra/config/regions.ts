/** The keys that name a resource in a region. */
const ARN_KEYS = ["kmsKeyArn", "secretName", "secretKmsKeyArn", "alarmTopicArn"] as const;

type RegionalKeys = Readonly<Partial<Record<(typeof ARN_KEYS)[number] | "availabilityZone", string | undefined>>>;

/** Returns the region of the configured resources, in which the stack has to be; `undefined` if there are none. */
export function regionOf(config: RegionalKeys): string | undefined {
  return regionsOf(config)[0]?.region;
}

/**
 * Returns a problem for each resource in another region than the stack, which can use resources of its own region only.
 * @param stackRegion the region of the stack; `undefined`: not known at synthesis, so the resources must agree
 */
export function findOtherRegions(config: RegionalKeys, stackRegion?: string): string[] {
  const given = regionsOf(config);
  const expected = stackRegion ?? given[0]?.region;
  const whose = stackRegion === undefined ? given[0]?.key : "the stack";
  return given
    .filter(({ region }) => region !== expected)
    .map(({ key, region }) => `${key}: given in ${region}; expected in ${expected}, the region of ${whose}`);
}

function regionsOf(config: RegionalKeys): { readonly key: string; readonly region: string }[] {
  const arns = ARN_KEYS.map((key) => ({ key, region: /^arn:[^:]*:[^:]*:([^:]*)/.exec(config[key] ?? "")?.[1] }));
  // The name of a zone begins with its region: eu-west-1b, us-west-2-lax-1a.
  const zone = /^[a-z]{2}(-[a-z]+)+-\d/.exec(config.availabilityZone ?? "")?.[0];
  return [...arns, { key: "availabilityZone", region: zone }].flatMap(({ key, region }) =>
    region === undefined ? [] : [{ key, region }],
  );
}
