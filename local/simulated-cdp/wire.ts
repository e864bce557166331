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
