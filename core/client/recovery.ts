/** How the account key may come back to a person who has lost every device (docs/decisions/0046). */
import { needsCode, sealAccountKey } from "../crypto/account-seal.ts"
import { CODE_BYTES, codeText } from "../crypto/code-text.ts"
import { EMPTY } from "../domain/bytes.ts"
import type { World } from "../domain/world.ts"
import type { ClientReads, ClientStore, ClientTx } from "../store/client-store.ts"
import { holder } from "./identity.ts"
import type { Identity } from "./identity.ts"

/** password: that alone; code: that and the recovery code; none: the server keeps nothing. */
export const RECOVERIES = ["password", "code", "none"] as const
export type Recovery = (typeof RECOVERIES)[number]

const RECOVERY = "recovery"
const CODE = "recovery-code"

/** What was chosen last for the account of this profile. */
export function storedRecovery(store: ClientReads): Recovery {
  const [at = 0] = store.setting(RECOVERY) ?? EMPTY
  return RECOVERIES[at] ?? "password"
}

/** A choice, and the code it needs. */
export interface RecoveryKept {
  readonly recovery: Recovery
  /** 16 bytes, secret. */
  readonly code: Uint8Array | undefined
}

export const newRecovery = (recovery: Recovery, { random }: World): RecoveryKept => ({
  recovery,
  code: recovery === "code" ? random.bytes(CODE_BYTES) : undefined,
})

/** What another device of the account chose, by what the server keeps. */
export function recoveryBy(sealedAccountKey: Uint8Array): Recovery {
  if (sealedAccountKey.length === 0) return "none"
  return needsCode(sealedAccountKey) ? "code" : "password"
}

/** The code stays until it was shown: what the server has sealed under it may outlive a crash. */
export function saveRecovery(tx: ClientTx, { recovery, code }: RecoveryKept): void {
  tx.set(RECOVERY, Uint8Array.of(RECOVERIES.indexOf(recovery)))
  if (code) tx.set(CODE, code)
  else tx.unset(CODE)
}

/** Of a registration that was begun. */
export const begunRecovery = (store: ClientReads): RecoveryKept => ({
  recovery: storedRecovery(store),
  code: store.setting(CODE),
})

/** The code that nobody has seen yet, as text; from then on it is nowhere but with the person. */
export function takeRecoveryCode(store: ClientStore): string | undefined {
  const code = store.setting(CODE)
  if (!code) return undefined
  store.write((tx) => {
    tx.unset(CODE)
  })
  return codeText(code)
}

/** For the server to keep: the account key as the person wants it to come back, or nothing. @param nonce 12 bytes. @throws E098 */
export const sealedForRecovery = (
  { recovery, code }: RecoveryKept,
  exportKey: Uint8Array,
  identity: Identity,
  nonce: Uint8Array,
): Uint8Array =>
  recovery === "none" ? EMPTY : sealAccountKey(exportKey, { ...holder(identity), name: identity.name }, nonce, code)
