/** The doctor's calls to AWS: he looks once more if the first look fails, and does not wait long. */
export const DOCTOR_CALLS = {
  maxAttempts: 2,
  requestHandler: { connectionTimeout: 2000, requestTimeout: 5000, throwOnRequestTimeout: true },
};

/** Why AWS did not tell something. */
export interface AwsFailure {
  /** The credentials are good, but do not allow this call. */
  readonly denied: boolean;
  /** What was asked for does not exist. */
  readonly gone: boolean;
  readonly found: string;
  readonly remedy: string;
}

/** By the error's name, a colon and its message: what there is to do. */
const REMEDIES: readonly (readonly [RegExp, string])[] = [
  [/^CredentialsProviderError/, "No AWS credentials were found: log in, or set AWS_PROFILE."],
  [/region is missing/i, "Set AWS_REGION, or AWS_PROFILE to a profile that has one."],
  [
    /^(ExpiredToken|UnrecognizedClient|InvalidClientTokenId|InvalidSignature|SignatureDoesNotMatch|RequestExpired)/,
    "AWS refuses the credentials: log in again. If they are new, this machine's clock may be off.",
  ],
  [/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|Timeout/i, "AWS cannot be reached from here: check the region and the network."],
];

/**
 * What an error of the AWS SDK means.
 * @param action the call as a policy names it, `dynamodb:DescribeTable`
 */
export function awsFailure(thrown: unknown, action: string): AwsFailure {
  const { name, message } = thrown instanceof Error ? thrown : { name: "unknown error", message: "" };
  const what = `${name}: ${message.replace(/\s+/g, " ").replace(/\.$/, "")}`;
  if (/^AccessDenied|^NotAuthorized/.test(name)) {
    const found = "cannot tell: your AWS credentials do not allow to look";
    return { denied: true, gone: false, found, remedy: `Give yourself ${action}.` };
  }
  return {
    denied: false,
    gone: /NotFound/.test(name) || /does not exist/.test(message),
    found: `cannot tell: ${what}`,
    remedy: REMEDIES.find(([form]) => form.test(what))?.[1] ?? "Try again; check the name, and the region and account.",
  };
}
