import { describeValue } from "./domain/untrusted-text.ts";
import { ENV, PRODUCTION_API } from "./names/environment.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** Returns functions that read variables and add what is wrong with them to `problems`. */
export function settingsOf(env: Environment, problems: string[]) {
  const text = (name: string) => env[name]?.trim() || undefined;
  const required = (name: string, what: string): string => {
    const value = text(name);
    if (value === undefined) problems.push(`${name}: is not set. Set it to ${what}.`);
    return value ?? "";
  };
  const integer = <T extends number | undefined>(name: string, preset: T, min: number, max: number): T | number => {
    const given = text(name);
    if (given === undefined) return preset;
    const value = Number(given);
    if (!/^\d+$/.test(given) || value < min || value > max) {
      const fallback = preset === undefined ? "" : ` The default is ${preset}.`;
      problems.push(`${name}: is ${describeValue(given)}. Expected a whole number from ${min} to ${max}.${fallback}`);
    }
    return value;
  };
  return { text, required, integer };
}

/** Accepts `https`, and `http` only on this machine: over a network, anyone on the path could read the token. */
export function readBaseUrl(given: string | undefined, problems: string[]): string {
  const url = URL.canParse(given ?? PRODUCTION_API) ? new URL(given ?? PRODUCTION_API) : undefined;
  const allowed = url?.protocol === "https:" || (url?.protocol === "http:" && LOOPBACK.test(url.hostname));
  // Searched in the text, because `URL` does not show an empty query or fragment.
  if (url === undefined || !allowed || /[?#@]/.test(given ?? "")) {
    problems.push(
      `${ENV.apiBaseUrl}: is not a valid base URL. Expected https (or http on this machine) without a query, a fragment ` +
        `or credentials. The default is ${PRODUCTION_API}.`,
    );
    return "";
  }
  return url.href.replace(/\/+$/, "");
}
