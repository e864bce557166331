/** The process of the API and of AWS, so that their CPU time is not that of a client. */
import { once } from "node:events";
import { type ApiOptions, startApi } from "./api.ts";
import { startAws } from "./aws.ts";

const [{ secret, ...options }]: [ApiOptions & { secret: string }] = (await once(process, "message")) as never;
const [api, aws] = await Promise.all([startApi(options), startAws(secret)]);
process.on("message", () => {
  process.send?.({ ...api.counts, requests: aws.counts.requests });
  Object.assign(api.counts, { reads: 0, refused: 0 });
  aws.counts.requests = 0;
});
process.on("disconnect", () => process.exit());
process.send?.({ apiUrl: api.url, awsUrl: aws.url });
