import { type Check, type CheckResult, failed, warning } from "./check-result.ts";

/** Client options for the doctor's calls to AWS: one retry and short timeouts, so that a failing check ends soon. */
export const AWS_CLIENT_OPTIONS = {
  maxAttempts: 2,
  requestHandler: { connectionTimeout: 2000, requestTimeout: 5000, throwOnRequestTimeout: true },
};

/** A failed call to AWS as a check reports it. */
export interface AwsFailure {
  /** The credentials are valid but do not allow the call. */
  readonly denied: boolean;
  /** The requested resource does not exist. */
  readonly notFound: boolean;
  readonly message: string;
  readonly suggestedFix: string;
}

/** Suggested fixes by a pattern of the error's name and message, joined by a colon. */
const FIXES: readonly (readonly [RegExp, string])[] = [
  [/^CredentialsProviderError/, "Log in to AWS, or set AWS_PROFILE."],
  [/region is missing/i, "Set AWS_REGION, or set AWS_PROFILE to a profile with a region."],
  [
    /^(ExpiredToken|UnrecognizedClient|InvalidClientTokenId|InvalidSignature|SignatureDoesNotMatch|RequestExpired)/,
    "Log in to AWS again. If the credentials are new, check this machine's clock.",
  ],
  [/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|Timeout/i, "Check the region and the network connection to AWS."],
];

/**
 * Explains an error of the AWS SDK.
 * @param action the call as IAM policies name it, `dynamodb:DescribeTable`
 */
export function awsFailure(thrown: unknown, action: string): AwsFailure {
  const { name, message } = thrown instanceof Error ? thrown : { name: "unknown error", message: "" };
  const error = `${name}: ${message.replace(/\s+/g, " ")}`;
  if (/^AccessDenied|^NotAuthorized/.test(name)) {
    return {
      denied: true,
      notFound: false,
      message: `cannot check: your AWS credentials do not allow ${action}`,
      suggestedFix: `Add ${action} to the IAM policy of your AWS credentials.`,
    };
  }
  return {
    denied: false,
    notFound: /NotFound/.test(name) || /does not exist/.test(message),
    message: `cannot check: ${error}`,
    suggestedFix:
      FIXES.find(([pattern]) => pattern.test(error))?.[1] ??
      "Run the doctor again. If the failure persists, check the name, the region and the AWS account.",
  };
}

/** Returns a warning if the credentials do not allow the call, which says nothing about the stack; else a failure. */
export function awsFailureResult(check: Check, { denied, message, suggestedFix }: AwsFailure): CheckResult {
  return denied ? warning(check, message, suggestedFix) : failed(check, message, suggestedFix);
}
