import { describe, expect, it } from "@jest/globals";
import { pages } from "../../../core/coinbase/pages.ts";
import type { Page } from "../../../core/coinbase/schema.ts";
import { WalkError } from "../../../core/domain/errors.ts";

/** A list of so many pages, and the tokens that were asked with. */
function listOf(count: number, tokenAfter: (page: number) => string | undefined = (page) => `t${page}`) {
  const asked: (string | undefined)[] = [];
  const ask = async (token: string | undefined): Promise<Page<number>> => {
    asked.push(token);
    if (asked.length > 2_000) throw new Error("a walk without an end");
    const page = asked.length;
    return { items: [page], next: page < count ? tokenAfter(page) : undefined };
  };
  return { ask, asked };
}

async function walk(ask: (token: string | undefined) => Promise<Page<number>>, maxPages = 100) {
  const items: number[] = [];
  let error: unknown;
  try {
    for await (const page of pages(ask, "GET /list", maxPages)) items.push(...page);
  } catch (thrown) {
    error = thrown;
  }
  return { items, error };
}

describe("a list", () => {
  it("of one page is asked for once, without a token", async () => {
    const { ask, asked } = listOf(1);

    const { items, error } = await walk(ask);

    expect([items, asked, error]).toEqual([[1], [undefined], undefined]);
  });

  it("of 40 pages is walked to its end, each page with the token of the one before", async () => {
    const { ask, asked } = listOf(40);

    const { items } = await walk(ask);

    expect(items).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
    expect(asked).toEqual([undefined, ...Array.from({ length: 39 }, (_, i) => `t${i + 1}`)]);
  });

  it("is asked for its next page only when the one before was taken", async () => {
    const { ask, asked } = listOf(3);
    const walking = pages(ask, "GET /list", 100);

    await walking.next();

    expect(asked).toEqual([undefined]);
  });

  it("of as many pages as may be is walked to its end", async () => {
    const { ask } = listOf(5);

    const { items, error } = await walk(ask, 5);

    expect([items, error]).toEqual([[1, 2, 3, 4, 5], undefined]);
  });

  it("of one page more ends in an error that tells the bound and how to raise it", async () => {
    const { ask, asked } = listOf(6);

    const { error } = await walk(ask, 5);

    expect(error).toBeInstanceOf(WalkError);
    expect(error).toMatchObject({
      code: "too_many_pages",
      message: expect.stringMatching(/^GET \/list: more than 5 pages\. Raise CDP_MAX_PAGES/),
    });
    expect(asked).toHaveLength(5);
  });

  it.each<[string, (page: number) => string, number]>([
    ["at once", () => "same", 2],
    ["after a while", (page) => (page < 7 ? `t${page}` : "t6"), 7],
    ["in a ring", (page) => `t${page % 3}`, 4],
    ["from the start", (page) => (page < 5 ? `t${page}` : "t1"), 5],
  ])("whose token is repeated (%s) ends in an error and not never", async (_, tokenAfter, page) => {
    const { ask, asked } = listOf(Number.POSITIVE_INFINITY, tokenAfter);

    const { error } = await walk(ask, 1_000);

    expect(error).toBeInstanceOf(WalkError);
    expect(error).toMatchObject({
      code: "page_token_repeated",
      message: expect.stringContaining(`GET /list: page ${page} names a page that was read already`),
    });
    expect(asked).toHaveLength(page);
  });

  it("whose page fails ends in that error", async () => {
    const fault = new Error("page 2");

    const { items, error } = await walk(async (token) => {
      if (token !== undefined) throw fault;
      return { items: [1], next: "t1" };
    });

    expect([items, error]).toEqual([[1], fault]);
  });
});
