import { type AttributeValue, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { sizeOf, sizeOfItem } from "../../../core/table/attributes.ts";
import { TableStore } from "../../../core/table/snapshot-store.ts";
import { Table } from "../../../core/table/table.ts";
import { anyCharacter } from "../../support/any-character.ts";
import { amountsOf, snapshotWith } from "../domain/snapshots.ts";
import { newAccount, startTestTable, type TestTable } from "./embedded.ts";
import { bytesOfItem } from "./size.ts";

let table: TestTable;
beforeAll(async () => {
  table = await startTestTable();
});
afterAll(() => table.close());

describe("the size of an item", () => {
  it("of 100 typical assets is at most 4.6 KB: 5 write units", async () => {
    const accountId = newAccount();
    const assets = Array.from({ length: 100 }, (_, at) => {
      const symbol = `a${String(at).padStart(2, "0")}`;
      return [symbol, amountsOf({ [symbol]: ["12.34567", "12.34568"], usd: ["12345.67", "12345.68"] })] as const;
    });
    await new TableStore(new Table(table.client, table.name)).save(snapshotWith(new Map(assets), { accountId }), []);

    const [item = {}] = await table.itemsUnder(accountId);
    const put = { TableName: table.name, Item: item, ReturnConsumedCapacity: "TOTAL" } as const;
    const { ConsumedCapacity } = await table.client.send(new PutItemCommand(put));

    expect(bytesOfItem(item)).toBeGreaterThan(100 * 32);
    expect(bytesOfItem(item)).toBeLessThanOrEqual(4.7 * 1024);
    expect(ConsumedCapacity?.CapacityUnits).toBeLessThanOrEqual(5);
  });

  it("equals DynamoDB's rules, except that trailing zeros of numbers may count", () => {
    const { value } = fc.letrec<{ value: AttributeValue }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        fc.string({ unit: anyCharacter }).map((S) => ({ S })),
        fc.constant({ NULL: true as const }),
        fc.array(tie("value"), { maxLength: 4 }).map((L) => ({ L })),
        fc.dictionary(fc.string({ unit: anyCharacter }), tie("value"), { maxKeys: 4 }).map((M) => ({ M })),
      ),
    }));
    fc.assert(
      fc.property(fc.dictionary(fc.string({ minLength: 1 }), value), fc.nat(), (item, number) => {
        const size = sizeOfItem(item);
        const numberSize = sizeOf({ N: String(number) });

        expect(size).toBe(bytesOfItem(item));
        expect(numberSize).toBeGreaterThanOrEqual(bytesOfItem({ "": { N: String(number) } }));
      }),
    );
  });
});
