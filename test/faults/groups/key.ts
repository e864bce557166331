import { generateKeyPairSync } from "node:crypto";
import { makeEd25519Key } from "../../support/keys.ts";
import type { AwsTrouble } from "../aws.ts";
import { type Fault, type Group, gap, WHOLE } from "../fault.ts";

const forAll = { forAll: true } as const;

const holding = (name: string, code: string, text: string | undefined | (() => string)): Fault => ({
  name,
  ...forAll,
  ends: gap(code),
  begin: (world) => {
    world.secret = typeof text === "function" ? text() : text;
  },
});

const onSecret: AwsTrouble["on"] = ({ operation }) => operation === "GetSecretValue";

const fails = (name: string, times: number | undefined, answer: AwsTrouble["answer"]): Fault => ({
  name,
  ...(times === undefined && forAll),
  ends: times === undefined ? gap("key_secret_unavailable") : WHOLE,
  begin: (world) => world.misbehaveAws({ on: onSecret, answer, ...(times !== undefined && { times }) }),
  pace: { speed: 5 },
});

const error = (status: number, type: string, message: string) => ({ status, type, message });

export const key: Group = {
  title: "The API key",
  faults: [
    holding("the secret is missing, or has no value yet", "key_secret_unavailable", undefined),
    holding("the secret is empty", "key_empty", ""),
    holding("the secret is cut JSON", "key_not_json", () => makeEd25519Key().file.slice(0, 60)),
    holding("the secret is JSON without a key", "key_field_missing", "{}"),
    holding("the secret's key is cut", "key_unreadable", () => {
      const { id, formats } = makeEd25519Key();
      return JSON.stringify({ id, privateKey: Object.values(formats)[0]?.slice(0, 40) });
    }),
    holding("the secret's key is of another kind (RSA)", "key_unsupported", () => {
      const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 1024 });
      return JSON.stringify({ id: "rsa", privateKey: privateKey.export({ type: "pkcs8", format: "pem" }) });
    }),
    fails("the secret may not be read", undefined, error(400, "AccessDeniedException", "not authorized")),
    fails("the secret's KMS key refuses", undefined, error(400, "DecryptionFailure", "cannot decrypt")),
    fails("Secrets Manager throttles, once", 1, error(400, "ThrottlingException", "Rate exceeded")),
    fails("Secrets Manager is down", undefined, error(500, "InternalServiceError", "An error occurred")),
    fails("Secrets Manager resets the connection, once", 1, "reset"),
    fails("Secrets Manager does not answer, once", 1, "hang"),
    {
      name: "the key is rotated in mid-run: the secret has the new one, the API takes no other",
      ends: WHOLE,
      begin: (world) => {
        const successor = makeEd25519Key();
        world.beforePage(2, () => {
          world.secret = successor.file;
          world.keys = [successor];
        });
      },
    },
    {
      name: "the key is revoked in mid-run, and the secret still has it",
      ends: gap("api_unauthorized"),
      begin: (world) =>
        world.beforePage(2, () => {
          world.keys = [];
        }),
    },
    {
      name: "the key is revoked, or its IP allowlist does not have the function's address",
      ...forAll,
      ends: gap("api_unauthorized"),
      begin: (world) => {
        world.keys = [];
      },
    },
    {
      name: "the key lacks the permission",
      ...forAll,
      ends: gap("api_forbidden"),
      begin: (world) => world.misbehave({ kind: "error", status: 403, on: { path: "/accounts" } }),
    },
  ],
};
