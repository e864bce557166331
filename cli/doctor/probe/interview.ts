import type { CdpClient } from "../../../core/coinbase/client.ts";
import type { Decoded, Page } from "../../../core/coinbase/decode.ts";
import { parseBody } from "../../../core/coinbase/json.ts";
import type { ApiResponse } from "../../../core/coinbase/response.ts";
import type { ApiKey } from "../../../core/domain/api-key.ts";
import { toJobError } from "../../../core/domain/errors.ts";
import { type ApiConnection, createClient, NO_DEADLINE } from "../api-client.ts";
import { countFields, type FieldCounts } from "./field-counts.ts";
import { countHeaders, type HeaderCounts } from "./header-counts.ts";

export interface Question<T> {
  /** The path with placeholders in place of ids and symbols, as the record shows it. */
  readonly request: string;
  /** A fixed text about what is special about the request. */
  readonly variant?: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly decode: (body: unknown) => Decoded<T>;
  /** A part of the request that an error message may repeat. */
  readonly input?: string;
}

/** What the record says about one response: numbers, codes and fixed words. */
export interface ResponseRecord {
  readonly request: string;
  readonly variant?: string;
  /** 0: no response. */
  readonly status: number;
  /** How the job's client classifies a response that is not a success. */
  readonly code?: string;
  readonly ms: number;
  readonly bytes?: number;
  readonly items?: number;
  /** What `nextPageToken` is. */
  readonly next?: "absent" | "empty" | "null" | "token" | "other";
  readonly error?: ErrorRecord;
}

interface ErrorRecord {
  readonly messageLength: number;
  /** Whether the message repeats what is wrong in the request. */
  readonly repeatsInput?: boolean;
  readonly correlationId: "absent" | "ray id" | "other";
  /** Whether `correlationId` is also the id in the header `cf-ray`. */
  readonly isCfRay?: boolean;
}

/** The kinds of objects whose fields are counted. */
const KINDS = ["page", "account", "balance", "asset", "amount", "transfer", "party", "fee", "error"] as const;
type Kind = (typeof KINDS)[number];

/** What the record counts in all responses. */
export interface ResponseCounts {
  readonly headers: HeaderCounts;
  readonly fields: Readonly<Record<Kind, FieldCounts>>;
  /**
   * By how many seconds this machine's clock was ahead of the header `Date`, which has no fractions: the smallest and the
   * greatest difference.
   */
  clockAheadS?: [min: number, max: number];
}

/** Asks the API one question after another, through the job's own client, and records the responses without their data. */
export class Interview {
  readonly responses: ResponseRecord[] = [];
  readonly counts: ResponseCounts = {
    headers: new Map(),
    fields: Object.fromEntries(KINDS.map((kind) => [kind, new Map()])) as Record<Kind, FieldCounts>,
  };
  readonly #connection: ApiConnection;
  /** One for all questions, so that a token serves several requests, as in the job. */
  readonly #client: CdpClient;
  /** The response to the current question. */
  #response: ApiResponse | undefined;

  constructor(connection: ApiConnection) {
    this.#connection = connection;
    this.#client = this.#clientFor(connection.key);
  }

  /**
   * Sends a request and returns the decoded response, or the HTTP status of one that is not a success. Ask one question at a
   * time.
   * @param key default: the checked one
   */
  async ask<T>(question: Question<T>, key?: ApiKey): Promise<T | number> {
    const { clock } = this.#connection;
    const { request, variant, path, query = {}, decode } = question;
    const client = key === undefined ? this.#client : this.#clientFor(key);
    const startedAt = clock.monotonic();
    this.#response = undefined;
    let outcome: { readonly value: T } | { readonly code: string };
    try {
      outcome = { value: await client.get(path, query, decode, NO_DEADLINE) };
    } catch (thrown) {
      outcome = { code: shownCode(toJobError(thrown).code) };
    }
    const response = this.#response as ApiResponse | undefined;
    this.responses.push({
      ...{ request, ...(variant !== undefined && { variant }), status: response?.status ?? 0 },
      ...("code" in outcome && { code: outcome.code }),
      ms: Math.round(clock.monotonic() - startedAt),
      ...(response && this.#describe(response, question.input)),
    });
    return "value" in outcome ? outcome.value : (response?.status ?? 0);
  }

  #clientFor(key: ApiKey): CdpClient {
    const onResponse = (response: ApiResponse) => {
      this.#response = response;
    };
    return createClient({ ...this.#connection, key }, { onResponse });
  }

  #describe(response: ApiResponse, input: string | undefined): Partial<ResponseRecord> {
    const { headers, fields } = this.counts;
    countHeaders(headers, response.headers);
    this.#compareClocks(response);
    const body = (parseBody(response.body).value ?? {}) as Record<string, unknown>;
    const bytes = response.body.length;
    if (response.status !== 200) {
      countFields(fields.error, body);
      return { bytes, error: describeError(body, response.headers, input) };
    }
    const list = [body["balances"], body["accounts"], body["transfers"]].find(Array.isArray);
    if (list !== undefined) countFields(fields.page, body);
    for (const item of list ?? [body]) this.#countItem(item);
    return list === undefined ? { bytes } : { bytes, items: list.length, next: describeToken(body) };
  }

  #compareClocks({ headers, receivedAt }: ApiResponse): void {
    const aheadS = Math.floor((receivedAt - Date.parse(headers.get("date") ?? "")) / 1000);
    if (Number.isNaN(aheadS)) return;
    const [min, max] = this.counts.clockAheadS ?? [aheadS, aheadS];
    this.counts.clockAheadS = [Math.min(min, aheadS), Math.max(max, aheadS)];
  }

  #countItem(item: unknown): void {
    const { account, balance, asset, amount, transfer, party, fee } = this.counts.fields;
    const content = Object(item) as Record<string, unknown>;
    if ("transferId" in content) {
      countFields(transfer, item);
      for (const side of ["source", "target"]) countFields(party, content[side]);
      for (const one of Object.values(Object(content["fees"]))) countFields(fee, one);
      return;
    }
    if (!("asset" in content)) {
      countFields(account, item);
      return;
    }
    countFields(balance, item);
    countFields(asset, content["asset"]);
    // The names in `amount` are symbols.
    for (const detail of Object.values(Object(content["amount"]))) countFields(amount, detail);
  }
}

/** A code contains the error type, which is a word; a text in its place may be data. */
function shownCode(code: string): string {
  return /^[a-z]+(_[a-z]+)*$/.test(code) ? code : "other";
}

function describeToken(body: Record<string, unknown>): NonNullable<ResponseRecord["next"]> {
  const token = body["nextPageToken"];
  if (token === undefined) return "absent";
  if (token === null) return "null";
  if (token === "") return "empty";
  return typeof token === "string" ? "token" : "other";
}

function describeError(
  body: Record<string, unknown>,
  headers: ApiResponse["headers"],
  input: string | undefined,
): ErrorRecord {
  const { errorMessage, correlationId: id } = body;
  const message = typeof errorMessage === "string" ? errorMessage : "";
  const ray = headers.get("cf-ray");
  const form = typeof id === "string" && /^[0-9a-f]{16}(-[A-Z]{3})?$/.test(id) ? "ray id" : "other";
  return {
    messageLength: message.length,
    ...(input !== undefined && { repeatsInput: message.includes(input) }),
    correlationId: id === undefined ? "absent" : form,
    ...(ray !== undefined && { isCfRay: id === ray }),
  };
}

/** Returns whether `ask` returned a page. */
export function isPage<T>(answer: Page<T> | number): answer is Page<T> {
  return typeof answer !== "number";
}
