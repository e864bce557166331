/** Returns a colour for canvases from the style sheet's current colour scheme. */
export function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** Calls `redraw` when the colour scheme changes, and before and after printing, which uses the light scheme. */
export function watchColours(redraw: () => void): void {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  addEventListener("beforeprint", () => {
    document.documentElement.dataset["print"] = "";
    redraw();
  });
  addEventListener("afterprint", () => {
    delete document.documentElement.dataset["print"];
    redraw();
  });
}
