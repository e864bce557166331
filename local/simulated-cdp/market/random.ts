/** Returns an integer from `min` to `max`, both inclusive. */
export type RandomInteger = (min: number, max: number) => number;

/** Creates a pseudo-random generator (mulberry32): the same seed gives the same integers. Not for secrets. */
export function createRandom(seed: number): RandomInteger {
  let state = seed >>> 0;
  return (min, max) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    const fraction = ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    return min + Math.floor(fraction * (max - min + 1));
  };
}

export function randomUuid(random: RandomInteger): string {
  return "xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx".replaceAll("x", () => random(0, 15).toString(16));
}

/** @param length a multiple of eight */
export function randomHex(random: RandomInteger, length: number): string {
  const eight = () =>
    random(0, 2 ** 32 - 1)
      .toString(16)
      .padStart(8, "0");
  return Array.from({ length: length / 8 }, eight).join("");
}

/** Returns true once in `n` times. */
export function onceIn(n: number, random: RandomInteger): boolean {
  return random(1, n) === 1;
}
