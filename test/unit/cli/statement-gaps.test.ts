import { gapsSection } from "../../../cli/shared/statement/evidence-sections.ts";
import type { StatementTexts } from "../../../cli/shared/statement/statement-document.ts";
import { slotCoverage } from "../../../core/history/slot-coverage.ts";
import { expect, it } from "../../support/jest.ts";

it.each([
  ["none", slotCoverage(3, 3), "None: every slot has a complete snapshot."],
  ["that no slot is expected", slotCoverage(0, 0), "No slot is expected in this period."],
  ["unknown, without a schedule", null, "Unknown, without a schedule."],
])("a statement without gaps says %s", (_, slots, note) => {
  const statement = { gaps: [], accounts: [{ slots }], timezone: "UTC" };

  const section = gapsSection({ statement, label: String } as unknown as StatementTexts);

  expect(section).toEqual({ title: "Gaps", notes: [note] });
});
