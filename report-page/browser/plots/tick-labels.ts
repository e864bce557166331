const UNITS = [
  [1e12, "T"],
  [1e9, "bn"],
  [1e6, "M"],
  [1e3, "k"],
  [1, ""],
] as const;

/** Returns short labels for the ticks of a value axis: `1.5M`. Ticks are round numbers of the scale, never amounts. */
export function tickLabels(ticks: readonly (number | null)[]): string[] {
  const known = ticks.filter((tick) => tick !== null);
  const largest = Math.max(0, ...known.map(Math.abs));
  const distance = Math.abs((known[1] ?? largest) - (known[0] ?? 0)) || 1;
  const [size, unit] = UNITS.find(([size]) => largest >= size || size === 1) ?? [1, ""];
  const decimals = decimalsFor(distance / size);
  return ticks.map((tick) => {
    if (tick === null) return "";
    if (tick === 0) return "0";
    // Longer labels would not fit on the axis.
    if (decimals > 7 || largest >= 1e16) return tick.toExponential(2);
    return `${(tick / size).toFixed(decimals)}${unit}`;
  });
}

/** Returns how many decimals distinguish ticks at this distance, 8 if more than 7: 0.25 needs two. */
function decimalsFor(distance: number): number {
  for (let decimals = 0; decimals <= 7; decimals++) {
    const scaled = distance * 10 ** decimals;
    if (scaled >= 0.999 && Math.abs(scaled - Math.round(scaled)) < 1e-3) return decimals;
  }
  return 8;
}
