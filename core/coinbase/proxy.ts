/** What decides whether a program uses a proxy; `process` has it. */
export interface ProxySettings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Options of Node.js itself, such as `--use-env-proxy`. */
  readonly execArgv: readonly string[];
  /** `v24.5.0` */
  readonly version: string;
}

const LOOPBACK = /^(localhost|127\.[\d.]+|\[::1\])$/;

/**
 * Returns what to do if the environment names a proxy that Node.js does not use for requests to the URL, else `undefined`.
 * Only the variable is named, because its value may contain a password.
 */
export function unusedProxyFix({ protocol, hostname }: URL, settings: ProxySettings = process): string | undefined {
  const { env, version } = settings;
  // For https, Node.js uses the proxy of http if there is no other. It never uses ALL_PROXY.
  const supported = protocol === "https:" ? ["HTTPS_PROXY", "HTTP_PROXY"] : ["HTTP_PROXY"];
  const name = [...supported, "ALL_PROXY"].flatMap((each) => [each.toLowerCase(), each]).find((each) => env[each]);
  if (name === undefined || isExcluded(hostname, env["no_proxy"] || env["NO_PROXY"] || "")) return undefined;
  const isSupported = name.toUpperCase() !== "ALL_PROXY";
  if (isSupported && canUseProxies(version) && isEnabled(settings)) return undefined;
  const variable = isSupported ? "" : `${supported[0]} to an HTTP proxy and `;
  const requirement = canUseProxies(version) ? "" : `, with Node.js 24 or later (this is ${version})`;
  return (
    `${name} names a proxy that Node.js does not use: if the network requires it, ` +
    `set ${variable}NODE_USE_ENV_PROXY=1, or run node --use-env-proxy${requirement}.`
  );
}

/** Node.js 24.0 was the first version that can use proxies; 22.21 can, too. Source: its changelogs. */
function canUseProxies(version: string): boolean {
  const [major = 0, minor = 0] = version.replace(/^v/, "").split(".").map(Number);
  return major >= 24 || (major === 22 && minor >= 21);
}

/** The option of Node.js takes precedence over the variable. */
function isEnabled({ env, execArgv }: ProxySettings): boolean {
  const options = [...(env["NODE_OPTIONS"] ?? "").split(/\s+/), ...execArgv];
  const last = options.filter((option) => /^--(no-)?use-env-proxy$/.test(option)).at(-1);
  return last === undefined ? env["NODE_USE_ENV_PROXY"] === "1" : last === "--use-env-proxy";
}

/** Returns whether the host is this machine, or `NO_PROXY` contains it, one of its domains, or `*`. */
function isExcluded(hostname: string, noProxy: string): boolean {
  if (LOOPBACK.test(hostname)) return true;
  return noProxy
    .split(/[\s,]+/)
    .map((entry) => entry.toLowerCase().replace(/:\d+$/, ""))
    .filter((entry) => entry !== "")
    .some((entry) => {
      const domain = entry.replace(/^\*?\./, "");
      return entry === "*" || hostname === domain || hostname.endsWith(`.${domain}`);
    });
}
