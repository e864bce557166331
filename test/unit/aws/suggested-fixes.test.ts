import { awsErrorText, awsSuggestedFix, isAccessDenied, isNotFound } from "../../../core/aws/suggested-fixes.ts";
import { describe, expect, it } from "../../support/jest.ts";

const CALL = { action: "dynamodb:Query", resource: "the table balances" };

function errorNamed(name: string, message = ""): Error {
  return Object.assign(new Error(message), { name });
}

describe("awsSuggestedFix", () => {
  it.each([
    [errorNamed("CredentialsProviderError", "Could not load credentials"), "Log in to AWS, or set AWS_PROFILE"],
    [errorNamed("Error", "Region is missing"), "Set AWS_REGION"],
    [errorNamed("ExpiredTokenException", "The security token is expired"), "Log in to AWS again"],
    [errorNamed("DecryptionFailure", "kms"), "Allow kms:Decrypt on the KMS key of the table balances."],
    [
      errorNamed("AccessDeniedException", "Access to KMS is not allowed"),
      "Allow kms:Decrypt on the KMS key of the table balances.",
    ],
    [errorNamed("AccessDeniedException", "User: me"), "Allow dynamodb:Query on the table balances."],
    [errorNamed("ResourceNotFoundException", "Requested resource not found"), "Check the name of the table balances"],
    [errorNamed("ValidationError", "Stack with id x does not exist"), "Check the name of the table balances"],
    [
      errorNamed("ValidationException", "Query condition missed key schema element: account"),
      "Check that the table balances belongs to this project",
    ],
    [Object.assign(errorNamed("AggregateError"), { code: "ECONNREFUSED" }), "Check the AWS region and the network"],
    [errorNamed("InternalServerError", "An error occurred"), "Try again. If it keeps failing"],
    ["a string", "Try again. If it keeps failing"],
  ])("returns for %s: %s", (thrown, fix) => {
    expect(awsSuggestedFix(thrown, CALL)).toContain(fix);
  });
});

describe("awsErrorText", () => {
  it.each([
    [errorNamed("InternalServerError", "An error\n occurred."), "InternalServerError: An error occurred"],
    [Object.assign(errorNamed("AggregateError"), { code: "ECONNREFUSED" }), "AggregateError: ECONNREFUSED"],
    [errorNamed("403"), "403: no message"],
    [undefined, "unknown error"],
  ])("describes %s as %j", (thrown, text) => {
    expect(awsErrorText(thrown)).toBe(text);
  });
});

describe("isAccessDenied and isNotFound", () => {
  it.each([
    [errorNamed("AccessDeniedException", "x"), true, false],
    [errorNamed("ResourceNotFoundException", "x"), false, true],
    [errorNamed("Error", "getaddrinfo ENOTFOUND dynamodb"), false, false],
  ])("classify %s", (thrown, denied, missing) => {
    expect([isAccessDenied(thrown), isNotFound(thrown)]).toEqual([denied, missing]);
  });
});
