import { ENV } from "../../../core/names/environment.ts";
import { makeBalance } from "../../support/accounts.ts";
import type { AwsCall, AwsTrouble } from "../aws.ts";
import { type Fault, type Group, gap, mended, unrecorded, WHOLE } from "../fault.ts";
import type { World } from "../world.ts";

const CODE = "table_unavailable";

const throttled = {
  status: 400,
  type: "com.amazonaws.dynamodb.v20120810#ThrottlingException",
  message: "Throughput exceeds the current capacity of your table.",
};
const denied = {
  status: 400,
  type: "com.amazon.coral.service#AccessDeniedException",
  message: "User is not authorized to perform this on the table",
};
const broken = {
  status: 500,
  type: "com.amazonaws.dynamodb.v20120810#InternalServerError",
  message: "The request processing has failed because of an unknown error",
};
const gone = {
  status: 400,
  type: "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException",
  message: "Requested resource not found",
};

/** The put of the struck account's snapshot. */
const snapshotPut = (world: World) => (call: AwsCall) =>
  isPutOf(call, world) && call.input.Item.status?.S === "complete";
/** Any put under the struck account's own key. */
const ownPuts = (world: World) => (call: AwsCall) => isPutOf(call, world);
/** Puts into another partition: of the chain of the struck account, of the assets … */
const putsInto = (partition: (id: string) => string) => (world: World) => (call: AwsCall) =>
  call.operation === "PutItem" && call.input.Item.account.S === partition(world.struck[0]?.accountId ?? "");
/** Any call for the struck account. */
const ownCalls = (world: World) => (call: AwsCall) =>
  isPutOf(call, world) || call.input.ExpressionAttributeValues?.[":partition"]?.S === world.struck[0]?.accountId;
const everything = () => (call: AwsCall) => call.operation !== "GetSecretValue";
const allPuts = () => (call: AwsCall) => call.operation === "PutItem";
const allQueries = () => (call: AwsCall) => call.operation === "Query";

function isPutOf({ operation, input }: AwsCall, { struck: [account] }: World): boolean {
  return operation === "PutItem" && input.Item.account.S === account?.accountId;
}

type Strike = Omit<AwsTrouble, "on"> & { readonly on: (world: World) => AwsTrouble["on"] };

const trouble = (name: string, ends: Fault["ends"], strike: Strike, more: Partial<Fault> = {}): Fault => ({
  name,
  ends,
  begin: (world) => world.misbehaveAws({ ...strike, on: strike.on(world) }),
  // The SDK pauses between its attempts.
  pace: { speed: 5 },
  ...more,
});

const forAll = { forAll: true } as const;

const passing: Fault[] = [
  trouble("a put of a snapshot is throttled, once", WHOLE, { on: snapshotPut, answer: throttled, times: 1 }),
  trouble("… answers 500 without having written, once", WHOLE, { on: snapshotPut, answer: broken, times: 1 }),
  trouble("… answers 500 after it wrote, once", WHOLE, { on: snapshotPut, answer: broken, worked: true, times: 1 }),
  trouble("… is reset without having written, once", WHOLE, { on: snapshotPut, answer: "reset", times: 1 }),
  trouble("… is reset after it wrote, once", WHOLE, { on: snapshotPut, answer: "reset", worked: true, times: 1 }),
  trouble("… wrote, and never answers, once", WHOLE, { on: snapshotPut, answer: "hang", worked: true, times: 1 }),
  trouble("each call for an account takes a second", WHOLE, { on: ownCalls, answer: { afterMs: 1000 } }, { pace: {} }),
];

/** More than an item can hold, in as many digits as an amount may have. */
const LONG = { available: `1.${"0".repeat(900)}1`, total: `1.${"0".repeat(900)}1` };
const LARGE = Array.from({ length: 45 }, (_, at) => {
  const { asset, amount } = makeBalance(`b${at}`, "1");
  const values = Array.from({ length: 8 }, (_, denomination) => [`d${denomination}`, LONG]);
  return { asset, amount: { ...amount, ...Object.fromEntries(values) } };
});

const lasting: Fault[] = [
  trouble("every put of an account is throttled, for ever", unrecorded(CODE), { on: ownPuts, answer: throttled }),
  trouble("the put of a snapshot is denied, that of a failed attempt is not", gap(CODE), {
    on: snapshotPut,
    answer: denied,
  }),
  trouble(
    "a snapshot outgrows an item, and the put of its second part is denied",
    gap(CODE),
    { on: putsInto((id) => `${id}#parts`), answer: denied },
    {
      begin: (world) => {
        world.env = { [ENV.pageSize]: "100" };
        world.hold((balances) => [...balances, ...LARGE]);
        let parts = 0;
        const isPart = putsInto((id) => `${id}#parts`)(world);
        world.misbehaveAws({ on: (call) => isPart(call) && parts++ % 2 === 1, answer: denied });
      },
    },
  ),
  trouble(
    "the description of a new asset cannot be put: denied",
    gap(CODE),
    { on: putsInto(() => "assets"), answer: denied },
    {
      begin: (world) => {
        world.hold((balances) => [...balances, makeBalance("new", "1", "1")]);
        world.misbehaveAws({ on: putsInto(() => "assets")(world), answer: denied });
      },
    },
  ),
  trouble("the entry in the chain cannot be put: denied", WHOLE, {
    on: putsInto((id) => `${id}#chain`),
    answer: denied,
  }),
  trouble("every put is denied", unrecorded(CODE), { on: allPuts, answer: denied }, forAll),
  trouble("every query is denied", unrecorded(CODE), { on: allQueries, answer: denied }, forAll),
  trouble("the table is not there", unrecorded(CODE), { on: everything, answer: gone }, forAll),
  trouble("DynamoDB answers 500 to everything", unrecorded(CODE), { on: everything, answer: broken }, forAll),
  trouble(
    "DynamoDB answers nothing, for a whole run",
    mended(CODE),
    { on: everything, answer: "hang" },
    {
      ...forAll,
      // Whatever is answered here takes no tenth of a second, for nothing else runs.
      pace: { speed: 30 },
      deliver: async (world) => {
        await world.invoke();
        await world.heal();
        world.clock.advance(60_000);
        await world.deliver();
      },
    },
  ),
];

export const table: Group = { title: "The table", faults: [...passing, ...lasting] };
