/** What travels between the server and its store's thread. */
import type { ErrorCode } from "../../core/domain/errors.ts"
import type { NodeOperations } from "./node-store.ts"
import type { Usage } from "./quota.ts"

/** As many calls as are handed over at once; a transaction takes more hand-overs until it has this many. */
export const BATCH_CALLS_MAX = 256

/** One call of an operation by name. */
export interface StoreCall {
  readonly name: keyof NodeOperations
  readonly args: readonly unknown[]
}

export interface StoreError {
  readonly code: ErrorCode
  readonly detail: string | undefined
}

export type StoreReply =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: StoreError }

export interface StoreThreadOptions {
  readonly path: string
  readonly migrations: string
  readonly key?: Uint8Array
  /** 8 random bytes, the generation of a database that has none yet. */
  readonly newGeneration: Uint8Array
  /** MAILBOX_QUOTA if left out. */
  readonly mailboxQuota?: Usage
}

export type ToStore = { readonly kind: "run"; readonly calls: readonly StoreCall[] } | { readonly kind: "close" }

export type FromStore =
  | { readonly kind: "ready" }
  | { readonly kind: "failed"; readonly error: StoreError }
  /** Replies to every call since the last answer, in order: one transaction's, which took so long. */
  | { readonly kind: "done"; readonly replies: readonly StoreReply[]; readonly ms: number }
  /** Damage was found; from now on every call is refused. Comes once, before the answer it belongs to. */
  | { readonly kind: "damaged"; readonly error: StoreError }
  | { readonly kind: "closed" }
