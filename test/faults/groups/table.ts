import { ENV } from "../../../core/names/environment.ts";
import { makeBalance } from "../../support/accounts.ts";
import { type AwsCall, type AwsFault, AwsRefusal } from "../../support/world/aws.ts";
import { type Fault, type Group, gap, unrecorded, WHOLE } from "../fault.ts";
import type { FaultWorld } from "../fault-world.ts";

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
/** Matches the put of the affected account's snapshot. */
const snapshotPut = (world: FaultWorld) => (call: AwsCall) =>
  isPutOf(call, world) && call.input.Item.status?.S === "complete";
/** Matches any put under the affected account's own key. */
const ownPuts = (world: FaultWorld) => (call: AwsCall) => isPutOf(call, world);
/** Matches puts into another partition, for example the account's chain. */
const putsInto = (partition: (id: string) => string) => (world: FaultWorld) => (call: AwsCall) =>
  call.action === "dynamodb:PutItem" && call.input.Item.account.S === partition(world.affected[0]?.accountId ?? "");
const everything = () => (call: AwsCall) => call.action !== "secretsmanager:GetSecretValue";
const allPuts = () => (call: AwsCall) => call.action === "dynamodb:PutItem";
const allQueries = () => (call: AwsCall) => call.action === "dynamodb:Query";

function isPutOf({ action, input }: AwsCall, { affected: [account] }: FaultWorld): boolean {
  return action === "dynamodb:PutItem" && input.Item.account.S === account?.accountId;
}

type TableFault = Omit<AwsFault, "on"> & { readonly on: (world: FaultWorld) => AwsFault["on"] };

const onTable = (name: string, ends: Fault["ends"], fault: TableFault, more: Partial<Fault> = {}): Fault => ({
  name,
  ends,
  inject: (world) => world.injectAwsFault({ ...fault, on: fault.on(world) }),
  ...(fault.answer === "hang" && { timers: { speed: 1.5 } }),
  ...more,
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

/** Too many digits for one item. */
const LONG = { available: `1.${"0".repeat(900)}1`, total: `1.${"0".repeat(900)}1` };
const LARGE = Array.from({ length: 45 }, (_, at) => {
  const { asset, amount } = makeBalance(`b${at}`, "1");
  const values = Array.from({ length: 8 }, (_, denomination) => [`d${denomination}`, LONG]);
  return { asset, amount: { ...amount, ...Object.fromEntries(values) } };
});

const lasting: Fault[] = [
  onTable(
    "every put of an account is throttled for ever",
    unrecorded(CODE),
    { on: ownPuts, answer: throttled },
    // The SDK's pauses grow to seconds. At another speed than 1 they are not taken for time limits.
    { timers: { speed: 4 } },
  ),
  onTable("the put of a snapshot is denied, the put of a failed attempt is not", gap(CODE), {
    on: snapshotPut,
    answer: denied,
  }),
  onTable(
    "a snapshot needs several items, and the put of its second part is denied",
    gap(CODE),
    { on: putsInto((id) => `${id}#parts`), answer: denied },
    {
      inject: (world) => {
        world.env = { [ENV.pageSize]: "20" };
        world.setBalances((balances) => [...balances, ...LARGE]);
        let parts = 0;
        const isPart = putsInto((id) => `${id}#parts`)(world);
        world.injectAwsFault({ on: (call) => isPart(call) && parts++ % 2 === 1, answer: denied });
      },
    },
  ),
  onTable(
    "the put of a new asset's description is denied",
    gap(CODE),
    { on: putsInto(() => "assets"), answer: denied },
    {
      inject: (world) => {
        world.setBalances((balances) => [...balances, makeBalance("new", "1", "1")]);
        world.injectAwsFault({ on: putsInto(() => "assets")(world), answer: denied });
      },
    },
  ),
  onTable("the put of the chain entry is denied", WHOLE, {
    on: putsInto((id) => `${id}#chain`),
    answer: denied,
  }),
  onTable("every put is denied", unrecorded(CODE), { on: allPuts, answer: denied }, everyAccount),
  onTable("every query is denied", unrecorded(CODE), { on: allQueries, answer: denied }, everyAccount),
  onTable("DynamoDB returns 500 for everything", unrecorded(CODE), { on: everything, answer: broken }, everyAccount),
];

export const table: Group = { title: "The table", faults: [...passing, ...lasting] };
