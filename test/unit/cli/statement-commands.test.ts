import { commandsOf } from "../../../cli/shared/statement/statement-commands.ts";
import { expect, it } from "../../support/jest.ts";

const accountIds = ["account_1", "account_2"];
const usual = { month: "2026-10", timezone: "UTC", denomination: "usd" };

it.each([
  ["nothing for what is usual", {}, ""],
  [
    "whole ids instead of a glob, which can match other accounts later",
    { account: ["T*"] },
    "--account account_1 account_2",
  ],
  ["whole ids instead of a type", { type: ["prime"] }, "--account account_1 account_2"],
  [
    "the schedule, quoted for a shell",
    { schedule: "cron(0 * * * ? *)", timezone: "Europe/Zurich" },
    "--timezone Europe/Zurich --schedule 'cron(0 * * * ? *)'",
  ],
])("the command that repeats a statement has %s", (_, options, view) => {
  const { repeat, verify } = commandsOf({ ...usual, ...options, table: "balances" }, accountIds);

  const words = ["balances statement --month 2026-10", view, "--table balances"];
  expect(repeat.join(" ")).toBe(words.filter(Boolean).join(" "));
  expect(verify.join(" ")).toBe("balances verify --table balances");
});
