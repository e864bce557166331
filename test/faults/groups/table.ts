import { ENV } from "../../../core/names/environment.ts";
import { makeBalance, makeLargeBalance } from "../../support/accounts.ts";
import { type AwsCall, AwsRefusal } from "../../support/world/aws.ts";
import type { Item } from "../../support/world/world.ts";
import { type Fault, type Group, gap, unrecorded, WHOLE } from "../fault.ts";
import type { AwsFault, FaultWorld } from "../fault-world.ts";
import { REQUEST_LIMITS_MS } from "../timers.ts";

const CODE = "table_unavailable";

const throttled = new AwsRefusal(
  "com.amazonaws.dynamodb.v20120810#ThrottlingException",
  "Throughput exceeds the current capacity of your table.",
);
const denied = new AwsRefusal(
  "com.amazon.coral.service#AccessDeniedException",
  "User is not authorized to perform this on the table",
);
const broken = new AwsRefusal(
  "com.amazonaws.dynamodb.v20120810#InternalServerError",
  "The request processing has failed because of an unknown error",
  500,
);

/** Whether a call is one that the fault affects. */
type Matcher = (call: AwsCall, world: FaultWorld) => boolean;

const snapshotPut: Matcher = (call, world) => world.isSnapshotPut(call);
/** Puts into a partition, for example the account's chain. */
const putsInto =
  (partition: (id: string) => string): Matcher =>
  (call, { affected: [account] }) =>
    allPuts(call) && call.input.Item.account.S === partition(account?.accountId ?? "");
const allPuts = ({ action }: AwsCall) => action === "dynamodb:PutItem";
const allQueries = ({ action }: AwsCall) => action === "dynamodb:Query";
const everything = ({ action }: AwsCall) => action !== "secretsmanager:GetSecretValue";

type TableFault = Omit<AwsFault, "on"> & { readonly on: Matcher };

const onTable = (name: string, ends: Fault["ends"], fault: TableFault, more: Partial<Fault> = {}): Fault => ({
  name,
  ends,
  ...(fault.answer === "hang" && { timers: { awaitedLimitMs: REQUEST_LIMITS_MS.aws } }),
  ...more,
  inject: async (world) => {
    await more.inject?.(world);
    world.injectAwsFault({ ...fault, on: (call) => fault.on(call, world) });
  },
});

const everyAccount = { everyAccount: true } as const;

const passing: Fault[] = [
  onTable("the put of a snapshot is throttled once", WHOLE, { on: snapshotPut, answer: throttled, times: 1 }),
  onTable("the put of a snapshot is reset once, after it took effect", WHOLE, {
    on: snapshotPut,
    answer: "reset",
    worked: true,
    times: 1,
  }),
  onTable("the put of a snapshot takes effect, and its response is lost once", WHOLE, {
    on: snapshotPut,
    answer: "hang",
    worked: true,
    times: 1,
  }),
];

const lasting: Fault[] = [
  onTable(
    "every put of an account is throttled for ever",
    unrecorded(CODE),
    { on: putsInto((id) => id), answer: throttled },
    // The SDK's pauses grow to seconds. With this random number none of them equals a time limit.
    { timers: { pauseSpeed: 100, random: 0.4 } },
  ),
  onTable("the put of a snapshot is denied, the put of a failed attempt is not", gap(CODE), {
    on: snapshotPut,
    answer: denied,
  }),
  severalItems(),
  onTable(
    "the put of a new asset's description is denied",
    WHOLE,
    { on: putsInto(() => "catalog"), answer: denied },
    { inject: (world) => world.setBalances((balances) => [...balances, makeBalance("new", "1", "1")]) },
  ),
  {
    name: "no item of the catalog can be read: of accounts, assets and the schedule",
    ends: WHOLE,
    inject: async ({ base }) => {
      const damaged = (await base.items()).filter(({ account }) => account?.S === "catalog");
      await base.put(damaged.map(({ account, slot }) => ({ account, slot }) as Item));
    },
  },
  {
    name: "every asset has another name, of 10 KB, than in the slot before",
    ends: WHOLE,
    inject: (world) =>
      world.setBalances((balances) =>
        balances.map((balance) => ({ ...balance, asset: { ...balance.asset, name: "x".repeat(9_999) } })),
      ),
  },
  onTable("the put of the chain entry is denied", WHOLE, {
    on: putsInto((id) => `${id}#chain`),
    answer: denied,
  }),
  onTable("every put is denied", unrecorded(CODE), { on: allPuts, answer: denied }, everyAccount),
  onTable("every query is denied", unrecorded(CODE), { on: allQueries, answer: denied }, everyAccount),
  onTable("DynamoDB returns 500 for everything", unrecorded(CODE), { on: everything, answer: broken }, everyAccount),
];

/** Every attempt puts two parts. */
function severalItems(): Fault {
  const isPart = putsInto((id) => `${id}#parts`);
  let parts = 0;
  return onTable(
    "a snapshot needs several items, and the put of its second part is denied",
    gap(CODE),
    { on: (call, world) => isPart(call, world) && parts++ % 2 === 1, answer: denied },
    {
      inject: (world) => {
        world.env = { [ENV.pageSize]: "20" };
        const large = Array.from({ length: 8 }, (_, at) => makeLargeBalance(`b${at}`, "1", "1"));
        world.setBalances((balances) => [...balances, ...large]);
      },
    },
  );
}

export const table: Group = { title: "The table", faults: [...passing, ...lasting] };
