import { describe, expect, it } from "@jest/globals";
import { KeyError } from "../../../core/domain/errors.ts";
import { KeyCache } from "../../../core/key/key-cache.ts";
import { testClock } from "../../support/clock.ts";
import { makeEd25519Key } from "../../support/keys.ts";
import { sawOutput } from "../../support/leak-watch.ts";

const MINUTE = 60_000;
const first = makeEd25519Key();
const second = makeEd25519Key();

/** A cache over a secret whose text can be changed; an Error as the text is what reading it fails with. */
function cacheOf(text: string | Error) {
  const clock = testClock();
  const secret = { text, reads: 0 };
  const read = async () => {
    secret.reads++;
    await new Promise(setImmediate);
    if (secret.text instanceof Error) throw secret.text;
    return secret.text;
  };
  return { cache: new KeyCache(read, clock), clock, secret };
}

async function errorOf(work: Promise<unknown>): Promise<unknown> {
  const thrown = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  sawOutput(thrown);
  return thrown;
}

describe("the key", () => {
  it("is not read before it is needed", () => {
    const { secret } = cacheOf(first.file);

    expect(secret.reads).toBe(0);
  });

  it("is read once, however many ask for it at once", async () => {
    const { cache, secret } = cacheOf(first.file);

    const keys = await Promise.all(Array.from({ length: 50 }, () => cache.current()));

    expect(new Set(keys).size).toBe(1);
    expect(keys[0]?.id).toBe(first.id);
    expect(secret.reads).toBe(1);
  });

  it("is kept for five minutes and then asked for again", async () => {
    const { cache, clock, secret } = cacheOf(first.file);
    await cache.current();
    clock.advance(5 * MINUTE - 1);
    await cache.current();
    const readsWithin = secret.reads;
    clock.advance(1);

    await cache.current();

    expect([readsWithin, secret.reads]).toEqual([1, 2]);
  });

  it("is the same object as long as the secret's text is the same, so that a token can be kept for it", async () => {
    const { cache, clock } = cacheOf(first.file);
    const before = await cache.current();
    clock.advance(5 * MINUTE);

    const after = await cache.current();

    expect(after).toBe(before);
  });

  it("is another object as soon as another text was read", async () => {
    const { cache, clock, secret } = cacheOf(first.file);
    const before = await cache.current();
    secret.text = second.file;
    clock.advance(5 * MINUTE);

    const after = await cache.current();

    expect([before.id, after.id]).toEqual([first.id, second.id]);
  });
});

describe("a failure", () => {
  it("is told to all who ask within ten seconds, and then the secret is read again", async () => {
    const { cache, clock, secret } = cacheOf(new KeyError("key_secret_unavailable", "denied"));
    const errors = await Promise.all([errorOf(cache.current()), errorOf(cache.current())]);
    clock.advance(9_999);
    errors.push(await errorOf(cache.current()));
    const readsWithin = secret.reads;
    secret.text = first.file;
    clock.advance(1);

    const key = await cache.current();

    expect(errors.map((error) => (error as KeyError).code)).toEqual(Array(3).fill("key_secret_unavailable"));
    expect([readsWithin, secret.reads, key.id]).toEqual([1, 2, first.id]);
  });

  it("is a text that holds no key as well", async () => {
    const { cache, clock, secret } = cacheOf(`${first.file}}`);
    const error = await errorOf(cache.current());
    await errorOf(cache.current());
    const readsWithin = secret.reads;
    secret.text = first.file;
    clock.advance(10_000);

    const key = await cache.current();

    expect(error).toMatchObject({ code: "key_not_json" });
    expect([readsWithin, key.id]).toEqual([1, first.id]);
  });

  it("is counted from its end, not from the start of the reading", async () => {
    const clock = testClock();
    let reads = 0;
    const cache = new KeyCache(async () => {
      reads++;
      await clock.sleep(30_000);
      throw new KeyError("key_secret_unavailable", "slow");
    }, clock);
    await errorOf(cache.current());
    clock.advance(9_000);

    await errorOf(cache.current());

    expect(reads).toBe(1);
  });

  it("does not outlive a good key: once one is read, it is kept for minutes", async () => {
    const { cache, clock, secret } = cacheOf(new KeyError("key_secret_unavailable", "denied"));
    await errorOf(cache.current());
    secret.text = first.file;
    clock.advance(10_000);
    await cache.current();
    clock.advance(4 * MINUTE);

    await cache.current();

    expect(secret.reads).toBe(2);
  });
});

describe("after a refusal", () => {
  it("a rotated key is found with one read, however many callers were refused at once", async () => {
    const { cache, secret } = cacheOf(first.file);
    const refused = await cache.current();
    secret.text = second.file;

    const keys = await Promise.all(Array.from({ length: 50 }, () => cache.afterRefusal(refused)));

    expect(new Set(keys).size).toBe(1);
    expect(keys[0]?.id).toBe(second.id);
    expect(secret.reads).toBe(2);
    expect(await cache.current()).toBe(keys[0]);
  });

  it("a caller that comes late gets the rotated key without another read", async () => {
    const { cache, clock, secret } = cacheOf(first.file);
    const refused = await cache.current();
    secret.text = second.file;
    await cache.afterRefusal(refused);
    clock.advance(MINUTE);

    const key = await cache.afterRefusal(refused);

    expect([key?.id, secret.reads]).toEqual([second.id, 2]);
  });

  it("the rotated key is kept for minutes, as any other", async () => {
    const { cache, clock, secret } = cacheOf(first.file);
    const refused = await cache.current();
    secret.text = second.file;
    await cache.afterRefusal(refused);
    clock.advance(5 * MINUTE - 1);

    await cache.current();

    expect(secret.reads).toBe(2);
  });

  it("the same text is no other key, and asked for at most once in ten seconds", async () => {
    const { cache, clock, secret } = cacheOf(first.file);
    const refused = await cache.current();
    const answers = await Promise.all(Array.from({ length: 50 }, () => cache.afterRefusal(refused)));
    clock.advance(9_999);
    answers.push(await cache.afterRefusal(refused), await cache.afterRefusal(refused));
    const readsWithin = secret.reads;
    clock.advance(1);
    answers.push(await cache.afterRefusal(refused));

    expect(new Set(answers)).toEqual(new Set([undefined]));
    expect([readsWithin, secret.reads]).toEqual([2, 3]);
  });

  it("a key that is put in while the old one is refused is found ten seconds later", async () => {
    const { cache, clock, secret } = cacheOf(first.file);
    const refused = await cache.current();
    await cache.afterRefusal(refused);
    secret.text = second.file;
    clock.advance(10_000);

    const found = await cache.current();

    expect(found.id).toBe(second.id);
    expect(await cache.afterRefusal(refused)).toBe(found);
  });

  it("the successor can be refused and replaced in its turn", async () => {
    const third = makeEd25519Key();
    const { cache, secret } = cacheOf(first.file);
    const refused = await cache.current();
    secret.text = second.file;
    const successor = await cache.afterRefusal(refused);
    secret.text = third.file;

    const last = successor && (await cache.afterRefusal(successor));

    expect([successor?.id, last?.id, secret.reads]).toEqual([second.id, third.id, 3]);
  });

  it("a secret that cannot be read is told, and read again ten seconds later", async () => {
    const { cache, clock, secret } = cacheOf(first.file);
    const refused = await cache.current();
    secret.text = new KeyError("key_secret_unavailable", "denied");
    const errors = await Promise.all([errorOf(cache.afterRefusal(refused)), errorOf(cache.afterRefusal(refused))]);
    const readsWithin = secret.reads;
    secret.text = second.file;
    clock.advance(10_000);

    const key = await cache.afterRefusal(refused);

    expect(errors.map((error) => (error as KeyError).code)).toEqual(Array(2).fill("key_secret_unavailable"));
    expect([readsWithin, secret.reads, key?.id]).toEqual([2, 3, second.id]);
  });
});
