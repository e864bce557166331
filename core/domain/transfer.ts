/**
 * A transfer's status: `quoted`, `processing`, `completed` or `failed`; the API may add more. Only a completed transfer counts in a
 * reconciliation.
 */
export type TransferStatus = string;

/** Where a transfer comes from or goes to. Holds no names, account numbers and email addresses: reports are passed on. */
export type TransferParty =
  | { readonly kind: "account"; readonly accountId: string }
  | { readonly kind: "paymentMethod"; readonly paymentMethodId: string }
  | { readonly kind: "address"; readonly address: string; readonly network: string }
  /** `other`: a kind that this version does not know. */
  | { readonly kind: "ach" | "fedwire" | "email" | "other" };

/** A fee of a transfer: a positive decimal string in units of an asset. */
export interface TransferFee {
  /** `bank`, `conversion`, `network` or `other`; the API may add more. */
  readonly type: string;
  readonly amount: string;
  readonly asset: string;
}

/** A transfer as the API describes it. Amounts are its decimal strings, times its ISO 8601 instants; both are unchanged. */
export interface Transfer {
  readonly transferId: string;
  readonly status: TransferStatus;
  readonly source: TransferParty;
  readonly target: TransferParty;
  /** `undefined`: the API does not state it, which its documentation allows only before the completion. */
  readonly sourceAmount: string | undefined;
  readonly sourceAsset: string | undefined;
  readonly targetAmount: string | undefined;
  readonly targetAsset: string | undefined;
  readonly fees: readonly TransferFee[];
  readonly createdAt: string | undefined;
  /** When it moved to `processing`. */
  readonly executedAt: string | undefined;
  readonly completedAt: string | undefined;
  readonly updatedAt: string | undefined;
  /** Of the on-chain transactions. */
  readonly transactionHashes: readonly string[];
}

/** What one request for a key's transfers covers. */
export interface TransferRead {
  /** The name of the API key; `null`: the key has no name, or no key serves the accounts any more. */
  readonly key: string | null;
  /** The accounts whose transfers were asked for. */
  readonly accountIds: readonly string[];
  /** Transfers that were last updated before this instant were not asked for. In the format of a slot. */
  readonly updatedAfter: string;
  /** When the last request was sent, in the format of a slot. Later transfers are unknown. */
  readonly readAt: string;
  /** True if the key lacks the permission, or no key serves the accounts any more. Their transfers are then unknown. */
  readonly denied: boolean;
}

/** Transfers, and what they cover. Each transfer occurs once, also between accounts of two keys. */
export interface TransferSet {
  readonly reads: readonly TransferRead[];
  readonly transfers: readonly Transfer[];
}
