import type { Command } from "commander";
import { type JobConfig, readJobConfig } from "../../core/config.ts";
import { InputError } from "../../core/domain/errors.ts";
import { ENV } from "../../core/names/environment.ts";
import { LOCAL_TABLE } from "../../local/dynamodb/embedded-dynamodb.ts";

export interface ApiOptions {
  readonly api?: string;
  readonly sandbox?: true;
  readonly account?: readonly string[];
}

export const SANDBOX_API = "https://sandbox.cdp.coinbase.com/platform";

export function withApiOptions(command: Command): Command {
  return command
    .option("--api <url>", `the API's base URL (default: ${ENV.apiBaseUrl}, else production)`)
    .option("--sandbox", `use the API's sandbox, ${SANDBOX_API}`);
}

/** Returns the base URL that the options select; `undefined` for the default. */
export function givenApi({ api, sandbox }: ApiOptions): string | undefined {
  return sandbox ? SANDBOX_API : api;
}

/** Returns what sets the API's base URL: the option that is given, or else the variable. */
export function baseUrlSetting({ api, sandbox }: ApiOptions): string {
  if (sandbox) return "--sandbox";
  return api === undefined ? ENV.apiBaseUrl : "--api";
}

/** How suggested fixes name the file of the key. */
export const REPLACE_KEY_FILE = "give the file of the new one with --key-file";

/** Returns the problems of the API options, one sentence each. */
export function problemsOf({ api, sandbox }: ApiOptions): string[] {
  return api !== undefined && sandbox ? ["Use either --api or --sandbox."] : [];
}

/**
 * Returns the job's configuration: options first, then environment variables as in the function. The options select the
 * accounts, so those in the configuration file do not count.
 * @param env variables that replace those of the environment
 * @throws InputError
 */
export function configureJob(options: ApiOptions, env: Readonly<Record<string, string | undefined>> = {}): JobConfig {
  const api = givenApi(options);
  const given = { [ENV.tableName]: LOCAL_TABLE, ...env };
  try {
    return readJobConfig(
      { ...process.env, ...given, ...(api !== undefined && { [ENV.apiBaseUrl]: api }) },
      { keyElsewhere: true, accountsElsewhere: true },
    );
  } catch (thrown) {
    if (!(thrown instanceof InputError) || api === undefined) throw thrown;
    throw new InputError(
      "usage",
      thrown.problems.map((problem) => problem.replace(ENV.apiBaseUrl, baseUrlSetting(options))),
    );
  }
}
