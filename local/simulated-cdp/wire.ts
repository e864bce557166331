/** A balance in the API's format. `amount` maps a denomination's symbol to decimal strings, which are sent unchanged. */
export interface WireBalance {
  asset: { symbol: string; type: string; name: string; decimals: number };
  amount: Record<string, { available: string; total: string }>;
}

/** An account of the simulated API and its balances. `createdAt` and `updatedAt` are ISO 8601 instants. */
export interface SimulatedAccount {
  accountId: string;
  type: string;
  owner: string;
  name?: string;
  createdAt: string;
  updatedAt: string;
  balances: readonly WireBalance[];
}

/** A party of a transfer in the API's format: its fields state its kind. */
export interface WireParty {
  /** Of all but the ACH and Fedwire deposits, which have a currency. */
  asset?: string;
  currency?: string;
  accountId?: string;
  paymentMethodId?: string;
  address?: string;
  network?: string;
  email?: string;
  /** Of an ACH deposit. */
  companyName?: string;
  companyEntryDescription?: string;
  individualIdentificationNumber?: string;
  /** Of a Fedwire deposit. */
  omad?: string;
  accountNumber?: string;
  originatorName?: string;
}

export interface WireFee {
  type: "bank" | "conversion" | "network" | "other";
  amount: string;
  asset: string;
}

/** A transfer in the API's format. Amounts are decimal strings, times ISO 8601 instants; both are sent unchanged. */
export interface WireTransfer {
  transferId: string;
  status: "quoted" | "processing" | "completed" | "failed";
  source: WireParty;
  target: WireParty;
  sourceAmount?: string;
  sourceAsset?: string;
  targetAmount?: string;
  targetAsset?: string;
  exchangeRate?: { sourceAsset: string; targetAsset: string; rate: string };
  fees?: readonly WireFee[];
  createdAt: string;
  executedAt?: string;
  completedAt?: string;
  updatedAt: string;
  /** Only of a quoted transfer. */
  expiresAt?: string;
  /** Only of a failed transfer. */
  failureReason?: string;
  details?: { onchainTransactions: readonly { transactionHash: string; network: string }[] };
}
