import { makeAccount, makeBalances } from "./accounts.ts";
import { type DoctorWorld, RESOURCES, SCHEDULE, startDoctorWorld } from "./doctor.ts";
import { makeEd25519Key } from "./keys.ts";
import { DENIED } from "./world/aws.ts";

// A stack with two keys: emea sees the first account, us the second one, and both see the third one.

export const first = { ...makeAccount(makeBalances(3)), name: "Treasury" };
export const second = makeAccount(makeBalances(1));
export const third = makeAccount([]);
export const emea = makeEd25519Key();
export const us = makeEd25519Key();
const SECRETS: Readonly<Record<string, string>> = { "secret-emea": emea.file, "secret-us": us.file };

const OUTPUTS = {
  ...{ SecretId: undefined, PutKeyCommand: undefined, RecordedAccounts: undefined, Keys: "emea,us" },
  ...{ SecretIdEmea: "secret-emea", PutKeyCommandEmea: "put emea", RecordedAccountsEmea: "all" },
  ...{ SecretIdUs: "secret-us", PutKeyCommandUs: "put us", RecordedAccountsUs: "all" },
};

/** The doctor's world, with the stack of two keys. */
export class KeysDoctor {
  readonly world: DoctorWorld;

  constructor(world: DoctorWorld) {
    this.world = world;
  }

  /** Restores the stack, its secrets and its schedules. */
  reset(): void {
    const { world } = this;
    world.reset();
    this.setStack();
    world.setSchedules([scheduleOf("emea"), scheduleOf("us", { ScheduleExpression: "cron(0 6 * * ? *)" })]);
    world.aws.reply("secretsmanager:GetSecretValue", (_, { input: { SecretId } }) => {
      const SecretString = SECRETS[SecretId];
      return SecretString === undefined ? DENIED : { Name: SecretId, SecretString };
    });
  }

  setStack(changes: Readonly<Record<string, string | undefined>> = {}): void {
    const resources = { ...RESOURCES, "AWS::Scheduler::Schedule": ["schedule-emea", "schedule-us"] };
    this.world.setStack({ outputs: { ...OUTPUTS, ...changes }, resources });
  }
}

export async function startKeysDoctor(): Promise<KeysDoctor> {
  const keys = [
    { ...emea, accountIds: [first.accountId, third.accountId] },
    { ...us, accountIds: [second.accountId, third.accountId] },
  ];
  return new KeysDoctor(await startDoctorWorld(() => [first, second, third], emea, keys));
}

/** Returns a schedule of EventBridge Scheduler for a key. */
export function scheduleOf(key: string, changes: Record<string, unknown> = {}): typeof SCHEDULE {
  const Input = `{"scheduledTime":"<aws.scheduler.scheduled-time>","key":"${key}"}`;
  return { ...SCHEDULE, Name: `schedule-${key}`, Target: { ...SCHEDULE.Target, Input }, ...changes };
}
