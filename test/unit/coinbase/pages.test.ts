import { pages } from "../../../core/coinbase/pages.ts";
import { describe, expect, it } from "../../support/jest.ts";

const LIMITS = { maxPages: 1000, maxItems: 1_000_000 };

const symbols = (name: string, count: number) => Array.from({ length: count }, (_, at) => `${name}${at}`);

describe("pages", () => {
  it.each([
    [1000, 100],
    [240, 20],
  ])("ends with the list of %d items, although half of them move to its end while it is read", async (count, size) => {
    const [first, second] = [symbols("a", count / 2), symbols("b", count / 2)];
    const get = async (token: string | undefined) => {
      const offset = Number(token ?? 0);
      const list = offset < count / 2 ? [...first, ...second] : [...second, ...first];
      const next = offset + size;
      return { items: list.slice(offset, next), next: next < count ? String(next) : undefined };
    };

    let read = 0;
    for await (const items of pages(get, (symbol) => symbol, "GET /list", LIMITS)) read += items.length;

    expect(read).toBe(count);
  });

  it.each([1, 20, 1000])("stops a list that repeats %d items for ever", async (count) => {
    let requests = 0;
    const get = async () => ({ items: symbols("a", count), next: String(requests++) });
    const readAll = async () => {
      for await (const _ of pages(get, (symbol) => symbol, "GET /list", LIMITS));
    };

    await expect(readAll()).rejects.toMatchObject({ code: "pages_repeated" });
    expect(requests).toBeLessThan(100);
  });
});
