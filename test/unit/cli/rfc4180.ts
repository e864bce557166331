/** Parses CSV by RFC 4180, character by character, independently of the code under test. */
export function parseCsv(text: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  let at = 0;
  while (at < text.length) {
    let field = "";
    if (text[at] === '"') {
      for (at++; !(text[at] === '"' && text[at + 1] !== '"'); at++) {
        if (at >= text.length) throw new Error("a quoted field has no end");
        if (text[at] === '"') at++;
        field += text[at];
      }
      at++;
    } else {
      for (; at < text.length && text[at] !== "," && text[at] !== "\r"; at++) {
        if (text[at] === '"' || text[at] === "\n") throw new Error(`an unquoted ${JSON.stringify(text[at])}`);
        field += text[at];
      }
    }
    record.push(field);
    if (text[at] === ",") {
      at++;
      if (at === text.length) throw new Error("the last record has no end");
    } else if (text.startsWith("\r\n", at)) {
      at += 2;
      records.push(record);
      record = [];
    } else throw new Error(`neither a comma nor a line end at ${at}`);
  }
  return records;
}
