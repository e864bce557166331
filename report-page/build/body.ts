import type { ReportData } from "../data/report-data.ts";
import { escapeHtml } from "./html.ts";

const KEYS =
  "Drag to zoom, double-click for all. By keyboard: arrows move by a step, page up and down by a tenth, home and end to " +
  "the ends, + and - zoom, escape shows all.";

/** The page's skeleton; its script fills it. All that is not known beforehand is escaped. */
export function bodyOf({ title, generatedAt, timezone, denomination, accounts }: ReportData): string {
  const gap = accounts.length > 1 ? "gap: no snapshot (in a sum: not of every account)" : "gap: no snapshot";
  return `<header>
<h1>${escapeHtml(title)}</h1>
<p class="made">Made ${escapeHtml(generatedAt)} · times in ${escapeHtml(timezone)} unless they end in Z, which is UTC · values in ${escapeHtml(denomination)} · amounts as given, to the last digit</p>
</header>
<noscript><p>This report draws itself by its own script, without any network. Allow scripts to see it.</p></noscript>
<div class="controls" role="group" aria-label="Account and range">
<label id="account-label"><span>Account</span> <select id="account"></select></label>
<div id="presets" role="group" aria-label="Range"></div>
<label><span>From</span> <input type="date" id="from"></label>
<label><span>To</span> <input type="date" id="to"></label>
<button type="button" id="reset">Reset</button>
</div>
<p id="status" role="status"></p>
<main>
<section aria-labelledby="value-title">
<div class="heading"><h2 id="value-title">Value over time</h2><p class="note">${escapeHtml(denomination)}, the most valuable at the end of the range by themselves, the others together</p></div>
${figure("value", "Value over time: the cursor's step", "an asset without a price: the total leaves it out", gap)}
</section>
<section aria-labelledby="quantity-title">
<div class="heading"><h2 id="quantity-title">Quantity over time: <span id="quantity-asset"></span></h2><label><span>Asset</span> <select id="asset"></select></label><p class="note">no line where it was not held</p></div>
${figure("quantity", "Quantity over time: the cursor's step", "held without a price", gap)}
</section>
<section aria-labelledby="balances-title">
<div class="heading"><h2 id="balances-title">Balances at the end of the range</h2></div>
<div id="balances-note" class="note"></div>
<div class="scroll" role="region" aria-labelledby="balances-title" tabindex="0"><table id="balances" aria-describedby="balances-note"><caption class="unseen">Balances at the end of the range and their change since its start; the headings sort</caption><thead id="balances-head"></thead><tbody id="balances-body"></tbody><tfoot id="balances-foot"></tfoot></table></div>
</section>
<section aria-labelledby="gaps-title">
<div class="heading"><h2 id="gaps-title">Gaps in the range</h2></div>
<p id="gaps-note" class="note"></p>
<div class="scroll" role="region" aria-labelledby="gaps-title" tabindex="0"><table id="gaps-table"><caption class="unseen">Slots without a complete snapshot</caption><thead><tr><th scope="col">Slot</th><th scope="col">Slot, UTC</th><th scope="col" id="gaps-account">Account</th><th scope="col">Reason</th></tr></thead><tbody id="gaps-body"></tbody></table></div>
</section>
</main>`;
}

function figure(name: string, label: string, unpriced: string, gap: string): string {
  return `<figure>
<div class="plot" id="${name}-plot" role="slider" tabindex="0" aria-label="${label}" aria-describedby="${name}-text plot-keys"></div>
<div class="readout" id="${name}-readout"></div>
<figcaption><p class="key"><span><i class="gap"></i>${gap}</span><span><i class="unpriced"></i>${unpriced}</span></p><p id="${name}-text"></p>${name === "value" ? `<p id="plot-keys">${KEYS}</p>` : ""}</figcaption>
</figure>`;
}
