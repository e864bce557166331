import { ReadingTurns } from "../../../core/snapshot/reading-turns.ts";
import { describe, expect, it } from "../../support/jest.ts";

/** Starts more accounts than there are turns, and returns how many of them have one. */
function startMany(turns: ReadingTurns) {
  const started = { count: 0 };
  for (let i = 0; i < 500; i++) {
    void turns.run(() => {
      started.count++;
      return new Promise(() => {});
    });
  }
  return started;
}

function observe(turns: ReadingTurns, ...latencies: number[]): void {
  for (let i = 0; i < 64; i++) turns.observe(latencies[i % latencies.length] ?? 0);
}

describe("the turns of accounts that are read", () => {
  it("are 64 at first, and all of them as soon as even the fastest of 64 requests is slow", async () => {
    const turns = new ReadingTurns(320);
    const started = startMany(turns);

    observe(turns, 400, 100);
    await Promise.resolve();
    const first = started.count;
    observe(turns, 400, 251);
    await new Promise(setImmediate);
    observe(turns, 400);
    await new Promise(setImmediate);

    expect([first, started.count]).toEqual([64, 320]);
  });

  it("are never more than the configuration allows", async () => {
    const turns = new ReadingTurns(8);
    const started = startMany(turns);

    observe(turns, 400);
    await new Promise(setImmediate);

    expect(started.count).toBe(8);
  });
});
