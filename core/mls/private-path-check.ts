/** Path keys that we derived must be the ones the tree shows (RFC 9420 section 12.4.3): ts-mls does not compare them. */
import type { ClientState } from "ts-mls"
import { equal } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import type { ErrorCode } from "../domain/errors.ts"
import { kemHybrid, xwingPublicKey } from "./kem-hybrid.ts"
import { kemX25519 } from "./kem-x25519.ts"
import { suiteOfName } from "./suites.ts"

/**
 * Compares the keys that are not in `known`; those were compared before. A node that the tree shows blank is passed
 * over: its old key is harmless.
 * @throws `refusal` for a key pair whose halves do not fit: its author would shut us out of the next commit.
 */
export async function checkPrivatePath(
  state: ClientState,
  known: Readonly<Record<number, Uint8Array>>,
  refusal: ErrorCode,
): Promise<void> {
  const publicKeyOf =
    suiteOfName(state.groupContext.cipherSuite) === "hybrid"
      ? (bytes: Uint8Array) => xwingPublicKey(kemHybrid.importPrivate(bytes).bytes)
      : (bytes: Uint8Array) => kemX25519.importPrivate(bytes).key.publicKey
  for (const [name, privateKey] of Object.entries(state.privatePath.privateKeys)) {
    const index = Number(name)
    const node = state.ratchetTree[index]
    if (node === undefined || known[index] === privateKey) continue
    const shown = node.nodeType === "leaf" ? node.leaf.hpkePublicKey : node.parent.hpkePublicKey
    if (!equal(publicKeyOf(privateKey), shown)) throw new QpqError(refusal, "a path key does not fit the tree")
  }
}
