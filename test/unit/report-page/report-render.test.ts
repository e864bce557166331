import { createHash } from "node:crypto";
import { beforeAll, describe, expect, it } from "@jest/globals";
import { escapeHtml, jsonForScript } from "../../../report-page/build/html.ts";
import { renderReport } from "../../../report-page/build/render.ts";
import { type PackedReport, unpackAsset } from "../../../report-page/data/packing.ts";
import { makeReport } from "./report-world.ts";

const HOSTILE = `</script><img src=x onerror=alert(1)><!-- " ' & \u2028`;

describe("a rendered report", () => {
  const made = makeReport({ assets: 4, steps: 60 });
  const [account] = made.accounts;
  const hostile = {
    ...made,
    title: HOSTILE,
    accounts: account
      ? [
          {
            ...account,
            assets: account.assets.map((asset) => ({ ...asset, name: HOSTILE, symbol: `${asset.symbol}<` })),
          },
        ]
      : [],
  };
  let html = "";
  beforeAll(async () => {
    html = await renderReport(hostile);
  });

  it("carries the report to the last digit", () => {
    const json = /<script type="application\/json" id="report-data">(.*)<\/script>/.exec(html)?.[1] ?? "";
    const packed = JSON.parse(json) as PackedReport;
    const accounts = packed.accounts.map((one) => ({ ...one, assets: one.assets.map(unpackAsset) }));
    expect({ ...packed, accounts }).toEqual(hostile);
  });

  it("has the elements that it says, whatever names say", () => {
    expect(html.match(/<script/g)).toHaveLength(2);
    expect(html.match(/<\/script/g)).toHaveLength(2);
    expect(html).not.toContain("<img");
    expect(html).toContain(
      "<h1>&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;&lt;!-- &quot; &#39; &amp; \u2028</h1>",
    );
  });

  it("allows by its policy the script and the style that are in it, and nothing else", () => {
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1] ?? "";
    const hash = (text: string | undefined) =>
      createHash("sha256")
        .update(text ?? "")
        .digest("base64");
    const script = /<script>([\s\S]*?)<\/script>/.exec(html)?.[1];
    const style = /<style>([\s\S]*?)<\/style>/.exec(html)?.[1];
    expect(policy.split("; ")).toEqual([
      "default-src 'none'",
      `script-src 'sha256-${hash(script)}'`,
      `style-src 'sha256-${hash(style)}'`,
      "base-uri 'none'",
      "form-action 'none'",
    ]);
  });

  it("keeps uPlot's licence", () => {
    expect(html).toContain("Leon Sorokin");
    expect(html).toContain("The above copyright notice and this permission notice shall be included");
  });

  it("is the same page for the same report", async () => {
    expect(await renderReport(hostile)).toBe(html);
  });
});

describe("escaping", () => {
  it("leaves JSON what it was, without a character that ends a script", () => {
    const json = jsonForScript({ name: HOSTILE });
    expect(JSON.parse(json)).toEqual({ name: HOSTILE });
    expect(json).not.toMatch(/[<>&\u2028]/);
  });

  it("escapes what is special in HTML", () => {
    expect(escapeHtml(`<a b="c" d='e'>&`)).toBe("&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;");
  });
});
