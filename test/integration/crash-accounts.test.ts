import { expect, it } from "@jest/globals";
import { SEARCH_TIMEOUT_MS, search } from "../support/crash-outside.ts";
import type { Found } from "../support/crash-search.ts";

it(
  "a run over 3 accounts of 3 pages leaves whole snapshots only, wherever it is killed, and the next completes them",
  async () => {
    const [{ steps, kills, problems }] = (await search("accounts")) as [Found];

    expect(problems).toEqual([]);
    const writes = steps.filter(({ writes }) => writes !== undefined).length;
    expect(kills).toEqual({ before: steps.length, after: steps.length, late: writes, pairs: kills.pairs });
    const kinds = new Set(steps.map(({ kind }) => kind));
    for (const name of ["schedules", "accounts", "assets", "account_…", "account_…#chain"]) {
      expect(kinds).toContain(`Query ${name}`);
      expect(kinds).toContain(`PutItem ${name}`);
    }
    for (const path of ["/platform/v2/accounts", "/platform/v2/accounts/account_…/balances"]) {
      expect(kinds).toContain(`GET ${path}`);
      expect(kinds).toContain(`GET ${path}, a further page`);
    }
    expect(kinds).toContain("GetSecretValue");
  },
  SEARCH_TIMEOUT_MS,
);
