import { gapsSection } from "../../../cli/shared/statement/evidence-sections.ts";
import type { StatementTexts } from "../../../cli/shared/statement/statement-document.ts";
import { slotCoverage } from "../../../core/history/slot-coverage.ts";
import { expect, it } from "../../support/jest.ts";

it.each<[string, ReturnType<typeof slotCoverage> | null, string, { event: string }[]?]>([
  ["none", slotCoverage(3, 3), "None: every slot has a complete snapshot.", []],
  [
    "none while an account counts that starts in the period",
    slotCoverage(3, 3),
    "None: every slot for which an account counts has a complete snapshot.",
    [{ event: "start" }],
  ],
  ["that no slot is expected", slotCoverage(0, 0), "No slot is expected in this period."],
  ["unknown, without a schedule", null, "Unknown, without a schedule."],
])("a statement without gaps says %s", (_, slots, note, events = []) => {
  const statement = { gaps: [], accounts: [{ slots, events }], timezone: "UTC" };

  const section = gapsSection({ statement, label: String } as unknown as StatementTexts);

  expect(section).toEqual({ title: "Gaps", notes: [note] });
});

it("a statement without gaps says for how many accounts that is unknown", () => {
  const accounts = [slotCoverage(3, 3), null].map((slots) => ({ slots, events: [] }));

  const { notes } = gapsSection({ statement: { gaps: [], accounts, timezone: "UTC" } } as unknown as StatementTexts);

  expect(notes).toEqual([
    "None: every slot has a complete snapshot. Unknown for 1 account: no schedule of the key is known.",
  ]);
});
