/** The part of a credential provider's answer that signing needs. */
interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/**
 * Replaces the default export of `@aws-sdk/credential-provider-node` in the bundles of the functions. Lambda passes the
 * credentials of the function's role in the environment, so the other sources (profiles, SSO, web identity, processes, containers
 * and instances) would only slow down each start. Only SnapStart has its credentials elsewhere, and Node.js has no SnapStart:
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
 * @returns a function that reads the environment each time, so that it never returns credentials that were replaced
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
