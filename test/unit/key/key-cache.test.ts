import { describe, expect, it } from "@jest/globals";
import { KeyError } from "../../../core/domain/errors.ts";
import { KeyCache } from "../../../core/key/key-cache.ts";
import { testClock } from "../../support/clock.ts";
import { makeEd25519Key } from "../../support/keys.ts";
import { errorOf } from "../coinbase/harness.ts";

const MINUTE = 60_000;
const first = makeEd25519Key();
const second = makeEd25519Key();

/** Returns a cache of a secret whose text can be changed. If it is an Error, reading fails with it after 30 seconds. */
function cacheOf(text: string | Error) {
  const clock = testClock();
  const secret = { text, reads: 0 };
  const read = async () => {
    secret.reads++;
    await clock.sleep(secret.text instanceof Error ? 30_000 : 1);
    if (secret.text instanceof Error) throw secret.text;
    return secret.text;
  };
  return { cache: new KeyCache(read, clock), clock, secret };
}

describe("current", () => {
  it("reads the secret when the key is first needed, and once for concurrent callers", async () => {
    const { cache, secret } = cacheOf(first.file);
    const readsBefore = secret.reads;

    const keys = await Promise.all(Array.from({ length: 50 }, () => cache.current()));

    expect(new Set(keys).size).toBe(1);
    expect(keys[0]?.id).toBe(first.id);
    expect([readsBefore, secret.reads]).toEqual([0, 1]);
  });

  it("returns the cached key for five minutes, and then the same object for the same text", async () => {
    const { cache, clock, secret } = cacheOf(first.file);
    const before = await cache.current();
    clock.advance(5 * MINUTE - 1);
    await cache.current();
    const readsWithin = secret.reads;
    clock.advance(1);
    const same = await cache.current();
    secret.text = second.file;
    clock.advance(5 * MINUTE);

    const after = await cache.current();

    expect(same).toBe(before);
    expect([readsWithin, secret.reads]).toEqual([1, 3]);
    expect([before.id, after.id]).toEqual([first.id, second.id]);
  });

  it.each<[string, string | Error, string]>([
    ["a secret that could not be read", new KeyError("key_secret_unavailable", "denied"), "key_secret_unavailable"],
    ["a text that is not a key", `${first.file}}`, "key_not_json"],
  ])("throws the same error for ten seconds, and then reads again: %s", async (_, text, code) => {
    const { cache, clock, secret } = cacheOf(text);
    const errors = await Promise.all([errorOf(cache.current()), errorOf(cache.current())]);
    clock.advance(9_999);
    errors.push(await errorOf(cache.current()));
    const readsWithin = secret.reads;
    secret.text = first.file;
    clock.advance(1);

    const key = await cache.current();
    clock.advance(4 * MINUTE);
    await cache.current();

    expect(errors).toMatchObject(Array(3).fill({ name: "KeyError", code }));
    expect([readsWithin, secret.reads, key.id]).toEqual([1, 2, first.id]);
  });
});

describe("afterRefusal", () => {
  it("returns a rotated key with one read, for concurrent and for late callers", async () => {
    const { cache, clock, secret } = cacheOf(first.file);
    const refused = await cache.current();
    secret.text = second.file;

    const keys = await Promise.all(Array.from({ length: 50 }, () => cache.afterRefusal(refused)));
    clock.advance(MINUTE);
    keys.push(await cache.afterRefusal(refused), await cache.current());
    clock.advance(4 * MINUTE - 1);
    keys.push(await cache.current());

    expect(new Set(keys).size).toBe(1);
    expect(keys[0]?.id).toBe(second.id);
    expect(secret.reads).toBe(2);
  });

  it("returns undefined for the same text, which is read once in ten seconds until the key is rotated", async () => {
    const { cache, clock, secret } = cacheOf(first.file);
    const refused = await cache.current();
    const results = await Promise.all(Array.from({ length: 50 }, () => cache.afterRefusal(refused)));
    clock.advance(9_999);
    results.push(await cache.afterRefusal(refused), await cache.afterRefusal(refused));
    const readsWithin = secret.reads;
    clock.advance(1);
    results.push(await cache.afterRefusal(refused));
    secret.text = second.file;
    clock.advance(10_000);

    const found = await cache.current();

    expect(new Set(results)).toEqual(new Set([undefined]));
    expect([readsWithin, secret.reads]).toEqual([2, 4]);
    expect(found.id).toBe(second.id);
    expect(await cache.afterRefusal(refused)).toBe(found);
  });
});
