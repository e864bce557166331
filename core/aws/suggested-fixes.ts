import { singleLine } from "../domain/untrusted-text.ts";

/** The call that failed, as a suggested fix names it. */
export interface AwsCall {
  /** The IAM action: `dynamodb:Query`. */
  readonly action: string;
  /** The resource, in words: `the table balances`. */
  readonly resource: string;
}

const ACCESS_DENIED = /^(AccessDenied|NotAuthorized)/;
const NOT_FOUND = /^\w*NotFound|^NoSuch|(does|do) not exist/;
const MAX_MESSAGE_LENGTH = 500;
/** What the SDK appends to the message of an error in the body of a response. It is meant for programmers. */
const SDK_HINT = /\s*Deserialization error: to see the raw response.*/s;

/** What to do about an error, by its text as `awsErrorText` returns it. The first match counts. */
const FIXES: readonly (readonly [RegExp, (call: AwsCall) => string])[] = [
  [
    /^InvalidResponse/,
    () => "Check AWS_ENDPOINT_URL and the network: a proxy may have responded instead of AWS. Then try again.",
  ],
  [
    /^EnvironmentCredentialsError/,
    () => "Set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, as Lambda does for its functions.",
  ],
  [/^CredentialsProviderError/, () => "Log in to AWS, or set AWS_PROFILE: no AWS credentials were found."],
  [/region is missing/i, () => "Set AWS_REGION, or AWS_PROFILE to a profile that has a region."],
  [
    /^(ExpiredToken|UnrecognizedClient|InvalidClientTokenId|InvalidSignature|SignatureDoesNotMatch|RequestExpired)/,
    () => "Log in to AWS again: AWS rejected the credentials. If they are new, check this machine's clock.",
  ],
  [/^DecryptionFailure|access to KMS/i, ({ resource }) => `Allow kms:Decrypt on the KMS key of ${resource}.`],
  [ACCESS_DENIED, ({ action, resource }) => `Allow ${action} on ${resource}.`],
  [
    NOT_FOUND,
    ({ resource }) => `Check the name of ${resource}, AWS_REGION and the AWS account: it was not found there.`,
  ],
  // DynamoDB, for a table with other keys: "Query condition missed key schema element", "One of the required keys …".
  [
    /^ValidationException.*\bkeys?\b/i,
    ({ resource }) => `Check that ${resource} belongs to this project and has the keys account and slot.`,
  ],
  [/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|Timeout/i, () => "Check the AWS region and the network: AWS cannot be reached."],
];

/** Returns what to do about an error that the AWS SDK threw. */
export function awsSuggestedFix(thrown: unknown, call: AwsCall): string {
  const text = awsErrorText(thrown);
  const fix = FIXES.find(([pattern]) => pattern.test(text))?.[1];
  return fix?.(call) ?? `Try again. If it keeps failing, check ${call.resource}, AWS_REGION and the AWS account.`;
}

/**
 * Returns the error's name and message in one line without a final full stop: `AccessDeniedException: User … is not
 * …`.
 */
export function awsErrorText(thrown: unknown): string {
  if (!(thrown instanceof Error)) return "unknown error";
  if (thrown instanceof SyntaxError && "$metadata" in thrown) return `InvalidResponse: ${describeResponse(thrown)}`;
  // An AggregateError, as Node throws for a refused connection, has a code and no message.
  const message = thrown.message.replace(SDK_HINT, "");
  const text = message || ("code" in thrown ? String(thrown.code) : "no message");
  return `${thrown.name}: ${singleLine(text, MAX_MESSAGE_LENGTH).trim().replace(/\.$/, "")}`;
}

/** Describes a response that the SDK could not parse. Its body may be anything, so it is not quoted. */
function describeResponse({ $metadata }: { readonly $metadata: unknown }): string {
  const { httpStatusCode } = Object($metadata);
  return `a response${httpStatusCode === undefined ? "" : ` with HTTP status ${httpStatusCode}`} that is not valid JSON`;
}

/** Returns whether the credentials are valid but do not allow the call. */
export function isAccessDenied(thrown: unknown): boolean {
  return ACCESS_DENIED.test(awsErrorText(thrown));
}

/** Returns whether the resource of the call does not exist. */
export function isNotFound(thrown: unknown): boolean {
  return NOT_FOUND.test(awsErrorText(thrown));
}
