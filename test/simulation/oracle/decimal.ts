/** Adds two decimal numbers exactly. Returns the shortest text of the sum. */
export function addDecimals(a: string, b: string): string {
  const scale = Math.max(fractionOf(a).length, fractionOf(b).length);
  const sum = scaled(a, scale) + scaled(b, scale);
  const digits = `${sum < 0n ? -sum : sum}`.padStart(scale + 1, "0");
  const whole = digits.slice(0, digits.length - scale);
  const fraction = digits.slice(digits.length - scale).replace(/0+$/, "");
  return `${sum < 0n ? "-" : ""}${whole}${fraction === "" ? "" : `.${fraction}`}`;
}

function fractionOf(text: string): string {
  return text.split(".")[1] ?? "";
}

function scaled(text: string, scale: number): bigint {
  const [whole = "0"] = text.replace("-", "").split(".");
  const value = BigInt(whole + fractionOf(text).padEnd(scale, "0"));
  return text.startsWith("-") ? -value : value;
}
