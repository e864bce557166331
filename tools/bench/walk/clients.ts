/** The process of a client that is compared with ours: reads every page of every account that its parent names. */
import { once } from "node:events";
import { Agent, request } from "node:http";
import { pathToFileURL } from "node:url";
import pMap from "p-map";
import { RateLimiter } from "../../../core/coinbase/limiter.ts";
import { Signer } from "../../../core/coinbase/signer.ts";
import { LIMIT_WINDOW_MS } from "../../../core/domain/limits.ts";
import { parseApiKey } from "../../../core/key/api-key.ts";
import { systemClock } from "../../../core/system-clock.ts";

export interface ClientOptions {
  readonly client: "bare" | "sdk" | "sdkLimited";
  readonly apiUrl: string;
  /** The key file. */
  readonly secret: string;
  readonly accounts: readonly string[];
  readonly accountsAtOnce: number;
  readonly readsPerTenSeconds?: number;
  /** Where Coinbase's SDK is installed. */
  readonly sdk: string;
}

/** Requests a page. `undefined`: the first one. */
type GetPage = (accountId: string, pageToken: string | undefined) => Promise<{ nextPageToken?: string | undefined }>;

const never = new AbortController().signal;

async function bareClient({ apiUrl, secret }: ClientOptions): Promise<GetPage> {
  const agent = new Agent({ keepAlive: true });
  const [key, signer] = [parseApiKey(secret), new Signer(systemClock)];
  return limited(async (accountId, pageToken) => {
    const url = new URL(`${apiUrl}/v2/accounts/${accountId}/balances?pageSize=20`);
    if (pageToken !== undefined) url.searchParams.set("pageToken", pageToken);
    const headers = { authorization: `Bearer ${await signer.token(key, url)}`, accept: "application/json" };
    return new Promise((resolve, reject) => {
      request(url, { agent, headers }, async (response) => {
        const chunks: Buffer[] = [];
        for await (const chunk of response) chunks.push(chunk);
        if (response.statusCode === 200) resolve(JSON.parse(Buffer.concat(chunks).toString()));
        else reject(new Error(`HTTP ${response.statusCode}`));
      })
        .on("error", reject)
        .end();
    });
  });
}

/** The methods of Coinbase's SDK that are used here. */
interface Sdk {
  CdpClient: new (
    options: object,
  ) => {
    accounts: { listBalances(request: object): Promise<{ nextPageToken?: string }> };
  };
}

/** As its users would: the SDK tries again itself a few times, and its user after that. */
async function sdkClient({ apiUrl, secret, sdk }: ClientOptions): Promise<GetPage> {
  // It would report its use to Coinbase.
  Object.assign(process.env, { DISABLE_CDP_ERROR_REPORTING: "true", DISABLE_CDP_USAGE_TRACKING: "true" });
  const { CdpClient }: Sdk = await import(pathToFileURL(sdk).href);
  const { id, privateKey } = JSON.parse(secret);
  const cdp = new CdpClient({ apiKeyId: id, apiKeySecret: privateKey, basePath: apiUrl });
  return async (accountId, pageToken) => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await cdp.accounts.listBalances({
          accountId,
          pageSize: 20,
          ...(pageToken !== undefined && { pageToken }),
        });
      } catch (thrown) {
        if (attempt === 10) throw thrown;
        await systemClock.sleep(Math.random() * 500 * 2 ** attempt);
      }
    }
  };
}

function limited(getPage: GetPage): GetPage {
  const limiter = new RateLimiter(options.readsPerTenSeconds ?? 600, LIMIT_WINDOW_MS, systemClock);
  return (...page) => limiter.run(() => getPage(...page), never);
}

const CLIENTS = {
  bare: bareClient,
  sdk: sdkClient,
  sdkLimited: async (options: ClientOptions) => limited(await sdkClient(options)),
};

const [options]: [ClientOptions] = (await once(process, "message")) as never;
const getPage = await CLIENTS[options.client](options);
const [startedAt, cpuBefore] = [performance.now(), process.cpuUsage()];
await pMap(
  options.accounts,
  async (accountId) => {
    let next: string | undefined;
    do next = (await getPage(accountId, next)).nextPageToken;
    while (next !== undefined);
  },
  { concurrency: options.accountsAtOnce },
);
const { user, system } = process.cpuUsage(cpuBefore);
process.send?.({ ms: performance.now() - startedAt, cpuMs: (user + system) / 1000 });
process.disconnect();
