import { describe, expect, it } from "@jest/globals";
import { pages } from "../../../core/coinbase/pages.ts";
import type { Page } from "../../../core/coinbase/schema.ts";
import { WalkError } from "../../../core/domain/errors.ts";

/** A list of `count` pages that notes the tokens of the requests. */
function listOf(count: number, tokenAfter: (page: number) => string | undefined = (page) => `t${page}`) {
  const tokens: (string | undefined)[] = [];
  const get = async (token: string | undefined): Promise<Page<number>> => {
    tokens.push(token);
    if (tokens.length > 2_000) throw new Error("the list is read without end");
    const page = tokens.length;
    return { items: [page], next: page < count ? tokenAfter(page) : undefined };
  };
  return { get, tokens };
}

async function readAll(get: (token: string | undefined) => Promise<Page<number>>, maxPages = 100) {
  const items: number[] = [];
  for await (const page of pages(get, "GET /list", maxPages)) items.push(...page);
  return items;
}

describe("pages", () => {
  it.each([1, 40])("reads a list of %d pages, each with the token of the page before", async (count) => {
    const { get, tokens } = listOf(count);

    const items = await readAll(get, count);

    expect(items).toEqual(Array.from({ length: count }, (_, i) => i + 1));
    expect(tokens).toEqual([undefined, ...Array.from({ length: count - 1 }, (_, i) => `t${i + 1}`)]);
  });

  it("requests a page only when the one before was consumed", async () => {
    const { get, tokens } = listOf(3);

    await pages(get, "GET /list", 100).next();

    expect(tokens).toEqual([undefined]);
  });

  it("throws too_many_pages after the limit, and suggests how to raise it", async () => {
    const { get, tokens } = listOf(6);

    const error = await readAll(get, 5).catch((thrown: unknown) => thrown);

    expect(error).toBeInstanceOf(WalkError);
    expect(error).toMatchObject({
      code: "too_many_pages",
      message: "GET /list: the list has more than 5 pages.",
      suggestedFix: expect.stringContaining("CDP_MAX_PAGES"),
    });
    expect(tokens).toHaveLength(5);
  });

  it.each<[string, (page: number) => string, number]>([
    ["at once", () => "same", 2],
    ["from the start", (page) => (page < 5 ? `t${page}` : "t1"), 5],
  ])("throws page_token_repeated if a token repeats %s", async (_, tokenAfter, page) => {
    const { get, tokens } = listOf(Number.POSITIVE_INFINITY, tokenAfter);

    const error = await readAll(get, 1_000).catch((thrown: unknown) => thrown);

    expect(error).toBeInstanceOf(WalkError);
    expect(error).toMatchObject({
      code: "page_token_repeated",
      message: expect.stringContaining(`GET /list: page ${page} points to a page that was already read`),
    });
    expect(tokens).toHaveLength(page);
  });
});
