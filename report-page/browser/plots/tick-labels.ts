const UNITS = [
  [1e12, "T"],
  [1e9, "bn"],
  [1e6, "M"],
  [1e3, "k"],
  [1, ""],
] as const;

/** The longest label that fits on the axis, in characters. */
export const MAX_LABEL = 9;

const MAX_DECIMALS = 7;

/**
 * Returns short labels for the ticks of a value axis, with as many decimals as distinguish them: `1.5M`. Ticks are round
 * numbers of the scale, never amounts. If such labels do not fit, only the lowest is a value; the others are the distance
 * from it and start with `+`.
 */
export function tickLabels(ticks: readonly (number | null)[]): string[] {
  const known = ticks.filter((tick) => tick !== null);
  const [lowest = 0, second = lowest] = known;
  const { size, unit } = unitOf(Math.max(0, ...known.map(Math.abs)));
  const decimals = decimalsFor((Math.abs(second - lowest) || 1) / size);
  const labels = known.map((tick) => (tick === 0 ? "0" : `${(tick / size).toFixed(decimals)}${unit}`));
  const fit = decimals <= MAX_DECIMALS && labels.every(({ length }) => length <= MAX_LABEL);
  const shown = fit ? labels : known.map((tick, at) => (at === 0 ? short(tick) : `+${short(tick - lowest)}`));
  return ticks.map((tick) => (tick === null ? "" : (shown.shift() ?? "")));
}

/** Returns a number with four digits, in at most eight characters, or nine with a minus. */
function short(value: number): string {
  const { size, unit } = unitOf(Math.abs(value));
  const text = `${Number((value / size).toPrecision(4))}${unit}`;
  return text.replace("-", "").length < MAX_LABEL ? text : value.toExponential(2);
}

function unitOf(largest: number): { size: number; unit: string } {
  const [size, unit] = UNITS.find(([size]) => largest >= size) ?? [1, ""];
  return { size, unit };
}

/** Returns how many decimals distinguish ticks at this distance, one more than `MAX_DECIMALS` at most: 0.25 needs two. */
function decimalsFor(distance: number): number {
  for (let decimals = 0; decimals <= MAX_DECIMALS; decimals++) {
    const scaled = distance * 10 ** decimals;
    if (scaled >= 0.999 && Math.abs(scaled - Math.round(scaled)) < 1e-3) return decimals;
  }
  return MAX_DECIMALS + 1;
}
