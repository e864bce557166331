import { awsErrorText, awsSuggestedFix, isAccessDenied, isNotFound } from "../../core/aws/suggested-fixes.ts";
import { type Check, type CheckResult, failed, warning } from "./check-result.ts";

/** Client options for the doctor's calls to AWS: one retry and short timeouts, so that a failing check ends soon. */
export const AWS_CLIENT_OPTIONS = {
  maxAttempts: 2,
  requestHandler: { connectionTimeout: 2000, requestTimeout: 5000, throwOnRequestTimeout: true },
};

type AwsFailure = ReturnType<typeof awsFailure>;

/**
 * Explains an error of the AWS SDK. `denied`: the credentials are valid but do not allow the call; `notFound`: the resource
 * does not exist.
 */
export function awsFailure(thrown: unknown, action: string, resource: string) {
  const denied = isAccessDenied(thrown);
  const reason = denied ? `your AWS credentials do not allow ${action}` : awsErrorText(thrown);
  return {
    denied,
    notFound: isNotFound(thrown),
    message: `cannot check: ${reason}`,
    suggestedFix: awsSuggestedFix(thrown, { action, resource }),
  };
}

/** Returns a warning if the credentials do not allow the call, which says nothing about the stack; else a failure. */
export function awsFailureResult(check: Check, failure: AwsFailure): CheckResult {
  return failure.denied ? awsWarning(check, failure) : failed(check, failure.message, failure.suggestedFix);
}

export function awsWarning(check: Check, { message, suggestedFix }: AwsFailure): CheckResult {
  return warning(check, message, suggestedFix);
}
