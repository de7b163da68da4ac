/** A group's state as bytes for the encrypted store: everything but the device's signing key and the configuration. */
import { decodeGroupState, encodeGroupState } from "ts-mls"
import type { ClientState } from "ts-mls"
import { attempt } from "../domain/attempt.ts"
import { concat, EMPTY } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import { suiteOfName } from "./suites.ts"
import { CLIENT_CONFIG, decodeExactly } from "./ts-mls-terms.ts"

const VERSION = 1
/** A full hybrid group with a past epoch has about 4 MB. */
const STATE_BYTES_MAX = 64 * 1_048_576

/** version(1) ‖ GroupState. */
export const encodeState = (state: ClientState): Uint8Array =>
  concat(Uint8Array.of(VERSION), encodeGroupState({ ...state, signaturePrivateKey: EMPTY }))

/** @throws E060 when the bytes are damaged, E062 when a newer program wrote them. */
export function decodeState(encoded: Uint8Array, signaturePrivateKey: Uint8Array): ClientState {
  const [version = 0] = encoded
  if (version > VERSION) throw new QpqError("E062", "group state")
  if (version !== VERSION) throw new QpqError("E060", "group state")
  // ts-mls's decoded arrays are views: a private copy may be kept, and wiped, without touching the caller's.
  const decoding = { decode: decodeGroupState, bytesMax: STATE_BYTES_MAX, refusal: "E060" as const }
  const state = decodeExactly(encoded.slice(1), decoding)
  attempt("E060", "group state", () => suiteOfName(state.groupContext.cipherSuite))
  return { ...state, signaturePrivateKey, clientConfig: CLIENT_CONFIG }
}
