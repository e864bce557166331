/** The part of a credential provider's answer that signing needs. */
interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/**
 * Replaces the export of `@aws-sdk/credential-provider-node` in the bundles of the functions. Lambda passes the credentials of the
 * function's role in the environment, except with SnapStart, which Node.js functions cannot use. Code for other sources, such as
 * profiles, SSO and containers, would only slow down each start.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
 * @returns a function that reads the environment at each call, because Lambda may replace the credentials
 */
export function defaultProvider(): () => Promise<Credentials> {
  return async () => {
    const {
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SESSION_TOKEN: sessionToken,
    } = process.env;
    if (!accessKeyId || !secretAccessKey) {
      throw Object.assign(new Error("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set"), {
        name: "EnvironmentCredentialsError",
      });
    }
    return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
  };
}
