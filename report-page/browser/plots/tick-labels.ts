const UNITS = [
  [1e12, "T"],
  [1e9, "bn"],
  [1e6, "M"],
  [1e3, "k"],
  [1, ""],
] as const;

/** The marks of an axis, short: `1.5M`. They are the round numbers of a scale; no amount is written this way. */
export function tickLabels(marks: readonly (number | null)[]): string[] {
  const known = marks.filter((mark) => mark !== null);
  const most = Math.max(0, ...known.map(Math.abs));
  const distance = Math.abs((known[1] ?? most) - (known[0] ?? 0)) || 1;
  const [size, unit] = UNITS.find(([size]) => most >= size || size === 1) ?? [1, ""];
  const places = placesOf(distance / size);
  return marks.map((mark) => {
    if (mark === null) return "";
    if (mark === 0) return "0";
    // What is tinier or more than an axis has room for.
    if (places > 7 || most >= 1e16) return mark.toExponential(2);
    return `${(mark / size).toFixed(places)}${unit}`;
  });
}

/** With how many decimals marks at this distance are told apart: 0.25 needs two. */
function placesOf(distance: number): number {
  for (let places = 0; places <= 7; places++) {
    const scaled = distance * 10 ** places;
    if (scaled >= 0.999 && Math.abs(scaled - Math.round(scaled)) < 1e-3) return places;
  }
  return 8;
}
