import type { ReportData } from "../data/report-data.ts";

const KEYBOARD_HELP =
  "Drag to zoom, double-click to reset. Keyboard: arrows move by one interval, Page Up/Down by a tenth of the range, " +
  "Home/End to its ends; + and - zoom; Escape resets.";

/** Returns the static HTML that the page's script fills in. Report text is escaped. */
export function bodyHtml({ title, denomination, accounts }: ReportData): string {
  const gap = accounts.length > 1 ? "no snapshot of at least one account" : "no snapshot";
  return `<header>
<div class="title"><h1>${escapeHtml(title)}</h1><label id="account-label"><span>Account</span> <select id="account"></select></label><span id="account-name"></span></div>
<p id="provenance" class="note"></p>
${alteredNote(accounts)}</header>
<noscript><p>This report needs JavaScript. It loads nothing from the network.</p></noscript>
<main>
<section id="headline" aria-labelledby="total-title">
<div><h2 id="total-title">Total value</h2><p id="total"></p><p id="total-note" class="note"></p></div>
<dl id="changes"></dl>
</section>
<section id="allocation" aria-labelledby="allocation-title">
<div class="heading"><h2 id="allocation-title">Allocation</h2></div>
<div id="allocation-bar" aria-hidden="true"></div>
<ul id="allocation-list"></ul>
<p id="allocation-note" class="note"></p>
</section>
<div class="controls" role="group" aria-label="Range">
<div id="presets" role="group" aria-label="Range that ends with the report"></div>
<label><span>From</span> <input type="date" id="from"></label>
<label><span>To</span> <input type="date" id="to"></label>
<button type="button" id="reset">Reset</button>
<p id="status" role="status"></p>
</div>
<section aria-labelledby="value-title">
<div class="heading"><h2 id="value-title">Value over time</h2><p class="note">${escapeHtml(denomination)}</p>${saveButton("values")}</div>
${figure("value", "Value over time, interval at the cursor", "an asset has no price and is not in the total", gap)}
</section>
<section id="quantity" aria-labelledby="quantity-title">
<div class="heading"><h2 id="quantity-title">Quantity of <span id="quantity-asset"></span></h2><label><span>Asset</span> <select id="asset"></select></label></div>
${figure("quantity", "Quantity over time, interval at the cursor", "held, but without a price", gap)}
</section>
<section aria-labelledby="balances-title">
<div class="heading"><h2 id="balances-title">Balances</h2>${saveButton("balances")}</div>
<p id="balances-note" class="note"></p>
<div class="scroll" role="region" aria-labelledby="balances-title" tabindex="0"><table id="balances" aria-describedby="balances-note"><caption class="visually-hidden">Balances at the end of the range and their change since its start. Select a column heading to sort.</caption><thead id="balances-head"></thead><tbody id="balances-body"></tbody><tbody id="balances-end"></tbody></table></div>
</section>
<section aria-labelledby="gaps-title">
<div class="heading"><h2 id="gaps-title">Gaps</h2></div>
<p id="gaps-note" class="note"></p>
<div class="scroll" role="region" aria-labelledby="gaps-title" tabindex="0"><table id="gaps-table"><caption class="visually-hidden">Slots without a complete snapshot</caption><thead><tr><th scope="col">Gap</th><th scope="col">Length</th><th scope="col" id="gaps-account">Account</th><th scope="col">Reason</th></tr></thead><tbody id="gaps-body"></tbody></table></div>
</section>
</main>`;
}

/** Altered snapshots that the page lists. */
const MAX_LISTED = 5;

/** Returns a note above the page that names the altered snapshots that it shows. */
function alteredNote(accounts: ReportData["accounts"]): string {
  const altered = accounts.flatMap(({ accountId, snapshots, end, closes }) => {
    const shown = [...snapshots, end, ...closes];
    const slots = shown.flatMap((point) => (typeof point === "object" && point?.altered ? [point.slot] : []));
    return [...new Set(slots)].map((slot) => `${accountId}, slot ${slot}`);
  });
  if (altered.length === 0) return "";
  const others = altered.length > MAX_LISTED ? `; and ${altered.length - MAX_LISTED} more` : "";
  const listed = altered.slice(0, MAX_LISTED).join("; ");
  return `<p class="altered"><strong>ALTERED: these snapshots do not match their digests: ${escapeHtml(listed)}${others}. Run balances verify.</strong></p>\n`;
}

function saveButton(name: string): string {
  return `<button type="button" id="save-${name}" title="Saves the ${name} of the range with exact amounts">Save as CSV</button>`;
}

function figure(name: string, label: string, unpriced: string, gap: string): string {
  return `<figure>
<div class="plot" id="${name}-plot" role="slider" tabindex="0" aria-label="${label}" aria-describedby="${name}-text keyboard-help"><p class="empty" id="${name}-empty" hidden>No values in this range.</p></div>
<div class="readout" id="${name}-readout"></div>
<figcaption><p class="key"><span id="${name}-gap-key"><i class="gap"></i>${gap}</span><span id="${name}-inactive-key"><i class="inactive"></i>not active</span><span id="${name}-unpriced-key"><i class="unpriced"></i>${unpriced}</span></p><p id="${name}-text" class="visually-hidden"></p>${name === "value" ? `<p id="keyboard-help">${KEYBOARD_HELP}</p>` : ""}</figcaption>
</figure>`;
}

/** Escapes text for use in an HTML element or a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
