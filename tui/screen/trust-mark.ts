/** The marks v, ?, ! and x for how far somebody's key is known. Letters, so that neither colour nor width is needed. */
import type { TrustView } from "../../core/client/client-api.ts"
import type { Style } from "./style.ts"

export interface TrustMark {
  readonly mark: "v" | "?" | "!" | "x"
  readonly style: Style
  /** Beside the mark where there is room. */
  readonly words: string
  /** In the list of conversations, where only trouble needs words. */
  readonly short: string
}

const VERIFIED: TrustMark = { mark: "v", style: "good", words: "v verified", short: "v" }
const UNKNOWN: TrustMark = { mark: "?", style: "dim", words: "? not compared", short: "?" }
const CHANGED: TrustMark = { mark: "!", style: "bad", words: "! key changed", short: "! key chgd" }
const MISMATCHED: TrustMark = { mark: "!", style: "bad", words: "! number does not match", short: "! no match" }

const BLOCKED: TrustMark = { mark: "x", style: "dim", words: "x blocked", short: "x blocked" }

export function trustMark({ verified, changed, mismatched, blocked }: TrustView): TrustMark {
  if (blocked) return BLOCKED
  if (mismatched) return MISMATCHED
  if (changed) return CHANGED
  return verified ? VERIFIED : UNKNOWN
}
