import { unusedProxyFix } from "../../../core/coinbase/proxy.ts";
import { describe, expect, it } from "../../support/jest.ts";
import { sawOutput } from "../../support/leak-watch.ts";

const API = "https://api.cdp.coinbase.com/platform";
const PROXY = "http://jo:s3cret@proxy.example:3128";

interface Case {
  readonly url?: string;
  readonly version?: string;
  readonly execArgv?: readonly string[];
}

function fixFor(env: Record<string, string>, { url = API, version = "v24.5.0", execArgv = [] }: Case = {}) {
  const fix = unusedProxyFix(new URL(url), { env, version, execArgv });
  sawOutput(fix);
  return fix;
}

describe("unusedProxyFix", () => {
  const AS_IS = { url: "http://api.example/platform" };
  it.each<[string, Record<string, string>, Case]>([
    ["https_proxy", { https_proxy: PROXY, HTTPS_PROXY: PROXY, HTTP_PROXY: PROXY }, {}],
    ["HTTP_PROXY", { HTTP_PROXY: PROXY, HTTPS_PROXY: PROXY }, AS_IS],
    ["HTTPS_PROXY", { HTTPS_PROXY: PROXY, NODE_USE_ENV_PROXY: "1" }, { execArgv: ["--no-use-env-proxy"] }],
    ["HTTPS_PROXY", { HTTPS_PROXY: PROXY, NO_PROXY: "coinbase.example, base.com" }, {}],
  ])("names %s and what enables it, but not its value: %j", (name, env, settings) => {
    expect(fixFor(env, settings)).toBe(
      `${name} names a proxy that Node.js does not use: if the network requires it, set NODE_USE_ENV_PROXY=1, ` +
        "or run node --use-env-proxy.",
    );
  });

  it.each([
    [API, "HTTPS_PROXY"],
    [AS_IS.url, "HTTP_PROXY"],
  ])("names the variable that replaces ALL_PROXY for %s, even if proxies are enabled", (url, variable) => {
    expect(fixFor({ ALL_PROXY: "socks5://proxy.example", NODE_USE_ENV_PROXY: "1" }, { url })).toMatch(
      `ALL_PROXY names a proxy that Node.js does not use: if the network requires it, set ${variable} to an HTTP proxy and NODE_USE`,
    );
  });

  it.each(["v20.20.2", "v22.20.0", "v23.11.1"])("names the version that is needed instead of %s", (version) => {
    const fix = fixFor({ HTTPS_PROXY: PROXY, NODE_USE_ENV_PROXY: "1" }, { version });

    expect(fix).toMatch(`, with Node.js 24 or later (this is ${version}).`);
  });

  it.each<[string, Record<string, string>, Case]>([
    ["only a proxy for https is configured, for http", { HTTPS_PROXY: PROXY }, AS_IS],
    ["Node.js 24 uses it", { HTTPS_PROXY: PROXY, NODE_USE_ENV_PROXY: "1" }, {}],
    ["Node.js 22.21 uses it", { HTTPS_PROXY: PROXY, NODE_USE_ENV_PROXY: "1" }, { version: "v22.21.0" }],
    ["an option of node enables it", { HTTPS_PROXY: PROXY }, { execArgv: ["--import", "tsx", "--use-env-proxy"] }],
    ["NO_PROXY has the domain", { HTTPS_PROXY: PROXY, NO_PROXY: "localhost, .Coinbase.com:443" }, {}],
    ["NO_PROXY has every host", { HTTPS_PROXY: PROXY, no_proxy: "*" }, {}],
    ["the host is this machine", { HTTP_PROXY: PROXY }, { url: "http://127.0.0.1:8080" }],
  ])("returns nothing if %s", (_, env, settings) => {
    expect(fixFor(env, settings)).toBeUndefined();
  });
});
