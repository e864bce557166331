import { describe, expect, it } from "@jest/globals";
import { parseApiKey } from "../../../core/key/api-key.ts";
import { ec, ed, filesOf, KEYS, signs } from "./key-files.ts";

describe("parseApiKey", () => {
  const CHANGES: [string, (pem: string) => string][] = [
    ["unchanged", (pem) => pem],
    ["with literal \\n", (pem) => pem.replaceAll("\n", "\\n")],
    ["with CRLF", (pem) => pem.replaceAll("\n", "\r\n")],
    ["with spaces instead of line breaks", (pem) => pem.replaceAll("\n", " ")],
    ["without line breaks", (pem) => pem.replaceAll("\n", "")],
    ["indented", (pem) => pem.replaceAll(/^(?=.)/gm, "    ")],
    ["with white space around it", (pem) => ` \t\r\n\n${pem}\n \t`],
  ];
  const rows = KEYS.flatMap(([key, algorithm]) =>
    Object.entries(key.formats).flatMap(([format, text]) =>
      CHANGES.filter(([how]) => format.includes("PEM") || !/line|\\[rn]|CR/.test(how)).map(
        ([how, change]) => [algorithm, format, how, key, change(text)] as const,
      ),
    ),
  );
  it.each(rows)("accepts %s as %s, %s, under all field names", (algorithm, _format, _how, key, privateKey) => {
    const parsed = filesOf(key.id, privateKey).map(parseApiKey);

    expect(parsed.map(({ id }) => id)).toEqual(Array(16).fill(key.id));
    expect(parsed.map((each) => each.algorithm)).toEqual(Array(16).fill(algorithm));
    expect(parsed.map((each) => signs(each, key.publicKey))).toEqual(Array(16).fill(true));
  });

  it.each<[string, (file: string) => string]>([
    ["white space around it", (file) => `\n\t ${file}\r\n`],
    ["white space and then a byte order mark", (file) => `\n\uFEFF${file}`],
    ["unknown fields", (file) => JSON.stringify({ ...JSON.parse(file), nickname: "treasury", usageCount: 3 })],
    ["another layer of JSON", (file) => JSON.stringify(`${file}\n`)],
  ])("accepts a file with %s", (_, change) => {
    const parsed = KEYS.map(([key]) => parseApiKey(change(key.file)));

    expect(parsed.map(({ id }) => id)).toEqual([ed.id, ec.id]);
    expect(parsed.map((each, i) => signs(each, (i === 0 ? ed : ec).publicKey))).toEqual([true, true]);
  });

  it("accepts the long name of an older file as the id, and trims it", () => {
    const name = "organizations/0a/apiKeys/1b";

    const parsed = parseApiKey(JSON.stringify({ name: ` ${name}\n`, privateKey: ec.formats["SEC1 PEM"] }));

    expect(parsed.id).toBe(name);
  });

  const base64 = ed.formats["base64 of 64 bytes"] ?? "";
  it.each([
    ["PKCS#8 with the label of SEC1", ec, ec.formats["PKCS#8 PEM"]?.replaceAll("PRIVATE KEY", "EC PRIVATE KEY")],
    ["URL-safe base64", ed, base64.replaceAll("+", "-").replaceAll("/", "_")],
    ["unpadded base64", ed, base64.replace(/=+$/, "")],
    ["base64 on several lines", ed, base64.replace(/(.{40})/, "$1\n")],
    ["base64 with an escaped line break", ed, base64.replace(/(.{40})/, "$1\\n")],
  ])("accepts %s", (_, { id, publicKey }, privateKey) => {
    expect(signs(parseApiKey(JSON.stringify({ id, privateKey })), publicKey)).toBe(true);
  });
});
