import { createHash } from "node:crypto";
import fc from "fast-check";
import { renderReport } from "../../../report-page/build/render.ts";
import { pack, reportFromJson, unpack } from "../../../report-page/data/packing.ts";
import type { ReportAccount } from "../../../report-page/data/report-data.ts";
import { beforeAll, describe, expect, it } from "../../support/jest.ts";
import { makeReport } from "./make-report.ts";

const HOSTILE = `</script><img src=x onerror=alert(1)><!-- " ' & \u2028`;

describe("a rendered report with hostile names", () => {
  const report = makeReport({ assets: 4, steps: 60 });
  const [account] = report.accounts as [ReportAccount];
  const assets = account.assets.map((asset) => ({ ...asset, name: HOSTILE, symbol: `${asset.symbol}<` }));
  const hostile = { ...report, title: HOSTILE, accounts: [{ ...account, assets }] };
  let html = "";
  beforeAll(async () => {
    html = await renderReport(hostile);
  });

  it("embeds the exact report", () => {
    const json = /<script type="application\/json" id="report-data">(.*)<\/script>/.exec(html)?.[1] ?? "";
    expect(reportFromJson(json)).toEqual(hostile);
  });

  it("has no elements from names", () => {
    expect(html.match(/<script/g)).toHaveLength(2);
    expect(html.match(/<\/script/g)).toHaveLength(2);
    expect(html).not.toContain("<img");
    expect(html).toContain(
      "<h1>&#60;/script&#62;&#60;img src=x onerror=alert(1)&#62;&#60;!-- &#34; &#39; &#38; \u2028</h1>",
    );
  });

  it("has a content security policy that allows only its own script and style", () => {
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1] ?? "";
    const hash = (element: RegExp) => {
      const [, content = ""] = element.exec(html) ?? [];
      return createHash("sha256").update(content).digest("base64");
    };
    expect(policy.split("; ")).toEqual([
      "default-src 'none'",
      `script-src 'sha256-${hash(/<script>([\s\S]*?)<\/script>/)}'`,
      `style-src 'sha256-${hash(/<style>([\s\S]*?)<\/style>/)}'`,
      "base-uri 'none'",
      "form-action 'none'",
    ]);
  });

  it("contains the licences of uPlot and big.js", () => {
    expect(html).toContain("Leon Sorokin");
    expect(html).toContain("Michael Mclaughlin");
    expect(html.match(/The above copyright notice and this permission notice shall\s+be\s+included/g)).toHaveLength(2);
  });

  it("is identical each time", async () => {
    expect(await renderReport(hostile)).toBe(html);
  });
});

it("packing replaces repeated cells by their number, and unpacking restores them", () => {
  expect(pack(["1", "1", "1", null, null, "2"])).toEqual(["1", 2, null, 1, "2"]);
  fc.assert(
    fc.property(fc.array(fc.constantFrom(null, "0", "1.5", "12")), (cells) => {
      expect(unpack(pack(cells))).toEqual(cells);
    }),
    { numRuns: 50 },
  );
});
