import { inflateSync } from "node:zlib";

/** Returns the text of each page of a PDF that Chromium has printed, in the order in which the text is painted. */
export function pdfPages(pdf: Buffer): string[] {
  const objects = new Map<string, string>();
  for (const [, id = "", body = ""] of pdf.toString("latin1").matchAll(/\n(\d+) 0 obj\n([\s\S]*?)\nendobj/g)) {
    objects.set(id, body);
  }
  const objectAt = (reference = "") => objects.get(reference) ?? "";
  const kidsOf = (node: string): string[] => {
    const kids = /\/Kids \[([^\]]*)\]/.exec(node)?.[1];
    if (kids === undefined) return [node];
    return [...kids.matchAll(/(\d+) 0 R/g)].flatMap(([, kid]) => kidsOf(objectAt(kid)));
  };
  const root = [...objects.values()].find((body) => /\/Type \/Pages\b/.test(body) && !body.includes("/Parent"));
  return kidsOf(root ?? "").map((page) => {
    const resources = /\/Resources (\d+) 0 R/.exec(page);
    const fonts = resources === null ? page : objectAt(resources[1]);
    const decoders = new Map(
      [...fonts.matchAll(/\/(F\d+) (\d+) 0 R/g)].map(([, name = "", font]) => [
        name,
        decoderOf(objectAt(font), objectAt),
      ]),
    );
    return pageText(streamOf(objectAt(/\/Contents (\d+) 0 R/.exec(page)?.[1])), decoders);
  });
}

type Decoder = (hex: string) => string;

function streamOf(body: string): string {
  const content = body.slice(body.indexOf("stream\n") + "stream\n".length, body.lastIndexOf("\nendstream"));
  return body.includes("/FlateDecode") ? inflateSync(Buffer.from(content, "latin1")).toString("latin1") : content;
}

function decoderOf(font: string, objectAt: (reference?: string) => string): Decoder {
  const characters = new Map<number, string>();
  const textOf = (hex: string) => Buffer.from(hex, "hex").swap16().toString("utf16le");
  const map = streamOf(objectAt(/\/ToUnicode (\d+) 0 R/.exec(font)?.[1]));
  for (const [, block = ""] of map.matchAll(/beginbfchar\n([\s\S]*?)endbfchar/g)) {
    for (const [, code = "", text = ""] of block.matchAll(/<(\w+)> <(\w+)>/g)) {
      characters.set(Number.parseInt(code, 16), textOf(text));
    }
  }
  for (const [, block = ""] of map.matchAll(/beginbfrange\n([\s\S]*?)endbfrange/g)) {
    for (const [, from = "", to = "", text = ""] of block.matchAll(/<(\w+)> <(\w+)> <(\w+)>/g)) {
      const [first, last, character] = [from, to, text].map((hex) => Number.parseInt(hex, 16)) as [
        number,
        number,
        number,
      ];
      for (let code = first; code <= last; code++) characters.set(code, String.fromCharCode(character + code - first));
    }
  }
  const digits = font.includes("/Type0") ? 4 : 2;
  return (hex) =>
    (hex.match(new RegExp(`.{${digits}}`, "g")) ?? [])
      .map((code) => characters.get(Number.parseInt(code, 16)) ?? "\ufffd")
      .join("");
}

function pageText(content: string, decoders: ReadonlyMap<string, Decoder>): string {
  let decode: Decoder = (hex) => hex;
  const texts: string[] = [];
  for (const [, font, hexes] of content.matchAll(/\/(F\d+) [\d.]+ Tf|((?:<[0-9A-Fa-f]+>[-\d. ]*)+)\]? ?T[jJ]/g)) {
    if (font !== undefined) decode = decoders.get(font) ?? decode;
    else texts.push([...(hexes ?? "").matchAll(/<(\w+)>/g)].map(([, hex = ""]) => decode(hex)).join(""));
  }
  return texts.join("");
}
