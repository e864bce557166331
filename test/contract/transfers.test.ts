import { createMarket } from "../../local/simulated-cdp/market/market.ts";
import { close, get, keys, start } from "../integration/simulated-cdp/harness.ts";
import { recordExchanges } from "../support/exchanges.ts";
import { afterEach, describe, expect, it } from "../support/jest.ts";
import { type Contract, findContract } from "../support/openapi.ts";

// What the simulated API answers to requests for transfers, against Coinbase's own OpenAPI document.

const found = findContract();
const contract = found as Contract;
const describeContract = found === undefined ? describe.skip : describe;

afterEach(close);

describeContract("the OpenAPI document of the transfers allows", () => {
  it("the transfers of the demo's API", async () => {
    // Most are concealed, because it takes long to check all of them.
    const market = createMarket({ seed: 17, ticks: 90, concealedShare: 0.7 });
    const cdp = await start({ accounts: () => market.accounts(), transfers: () => market.transfers() });
    const exchanges = recordExchanges(cdp.server);

    let token = "";
    do {
      const { body } = await get(`/v2/transfers?pageSize=100${token}`);
      token = body.nextPageToken === undefined ? "" : `&pageToken=${encodeURIComponent(body.nextPageToken)}`;
    } while (token !== "");
    for (const status of ["quoted", "processing", "failed"]) {
      const { body } = await get(`/v2/transfers?status=${status}`);
      expect(body.transfers).not.toEqual([]);
    }
    await get(`/v2/transfers/${market.transfers()[0]?.transferId}`);

    expect(contract.operations(exchanges)).toEqual(["getTransferById 200", "listTransfers 200"]);
    expect(contract.problems(exchanges)).toEqual([]);
  });

  it.each([
    "/v2/transfers?status=done",
    "/v2/transfers?createdAfter=yesterday",
    "/v2/transfers?pageToken=broken",
    "/v2/transfers/transfer_1",
    "/v2/transfers/transfer_af2937b0-9846-4fe7-bfe9-ccc22d935114",
  ])("the simulated API's rejection of %s", async (path) => {
    const exchanges = recordExchanges((await start()).server);

    const { response } = await get(path);

    expect([400, 404]).toContain(response.status);
    expect(contract.problems(exchanges, "responses")).toEqual([]);
  });

  it("the simulated API's answer to a key without the permission", async () => {
    const exchanges = recordExchanges(
      (await start({ keys: () => keys.map((key) => ({ ...key, mayReadTransfers: false })) })).server,
    );

    await get("/v2/transfers");

    expect(contract.operations(exchanges)).toEqual(["listTransfers 403"]);
    expect(contract.problems(exchanges)).toEqual([]);
  });
});
