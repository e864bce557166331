import { expect } from "../../support/jest.ts";
import { makeEd25519Key } from "../../support/keys.ts";
import { AwsRefusal, NO_SECRET } from "../../support/world/aws.ts";
import { type Fault, type Group, gap, NO_KEY, WHOLE } from "../fault.ts";
import type { AwsFault } from "../fault-world.ts";
import { REQUEST_LIMITS_MS } from "../timers.ts";

const holding = (name: string, code: string, text: string | undefined): Fault => ({
  name,
  everyAccount: true,
  ends: gap(code),
  inject: (world) => {
    world.secret = text;
  },
  check: ({ invocations, scope }) => {
    for (const { error } of invocations) expect(error?.message).toContain(`The secret ${scope}`);
  },
});

const onSecret: AwsFault["on"] = ({ action }) => action === "secretsmanager:GetSecretValue";

const fails = (name: string, times: number | undefined, answer: AwsFault["answer"]): Fault => ({
  name,
  ...(times === undefined && { everyAccount: true }),
  ends: times === undefined ? gap("key_secret_unavailable") : WHOLE,
  inject: (world) => world.injectAwsFault({ on: onSecret, answer, ...(times !== undefined && { times }) }),
  ...(answer === "hang" && { timers: { awaitedLimitMs: REQUEST_LIMITS_MS.aws } }),
});

export const key: Group = {
  title: "The API key",
  faults: [
    {
      name: "the secret has no value yet, and no account was ever recorded",
      ...{ emptyTable: true, everyAccount: true, ends: NO_KEY },
      inject: (world) => {
        world.secret = undefined;
      },
    },
    holding("the secret has no value, and accounts were recorded", "key_not_stored", undefined),
    fails("the secret does not exist", undefined, NO_SECRET),
    holding("the secret is truncated JSON", "key_not_json", makeEd25519Key().file.slice(0, 60)),
    fails("reading the secret is denied", undefined, new AwsRefusal("AccessDeniedException", "not authorized")),
    fails("Secrets Manager throttles once", 1, new AwsRefusal("ThrottlingException", "Rate exceeded")),
    fails("Secrets Manager is down", undefined, new AwsRefusal("InternalServiceError", "An error occurred", 500)),
    fails("Secrets Manager does not respond once", 1, "hang"),
    {
      name: "the key is rotated during the run: the secret has the new one",
      ends: WHOLE,
      inject: (world) => {
        const successor = makeEd25519Key();
        world.atPage(2, () => {
          world.secret = successor.file;
          world.keys = [successor];
        });
      },
    },
    {
      name: "the key is revoked during the run, and the secret still has it",
      ends: gap("api_unauthorized"),
      inject: (world) =>
        world.atPage(2, () => {
          world.keys = [];
        }),
    },
    {
      name: "the key is revoked, or its IP allowlist excludes the function",
      everyAccount: true,
      ends: gap("api_unauthorized"),
      inject: (world) => {
        world.keys = [];
      },
    },
  ],
};
