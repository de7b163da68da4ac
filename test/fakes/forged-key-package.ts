/** KeyPackages with fields that their own client would never give them. */
import type { KeyPackage } from "ts-mls"
import { encodeKeyPackage, signKeyPackage } from "ts-mls/keyPackage.js"
import { signLeafNodeKeyPackage } from "ts-mls/leafNode.js"
import type { LeafNode } from "ts-mls/leafNode.js"
import { decodeKeyPackageExactly } from "../../core/mls/key-package.ts"
import { ciphersuiteOf } from "../../core/mls/provider.ts"
import { suiteOfName } from "../../core/mls/suites.ts"
import { NOW } from "./mls-people.ts"

const HOUR_MS = 3_600_000

/** Changes fields and signs again by the device's seed: only the fields themselves are wrong. */
export async function resigned(
  deviceSeed: Uint8Array,
  keyPackage: Uint8Array,
  leafChanges: Partial<LeafNode>,
  changes: Partial<KeyPackage> = {},
): Promise<Uint8Array> {
  const decoded = decodeKeyPackageExactly(keyPackage)
  const { signature } = ciphersuiteOf(suiteOfName(decoded.cipherSuite))
  const leaf = { ...decoded.leafNode, ...leafChanges } as Parameters<typeof signLeafNodeKeyPackage>[0]
  const leafNode = await signLeafNodeKeyPackage(leaf, deviceSeed, signature)
  return encodeKeyPackage(await signKeyPackage({ ...decoded, leafNode, ...changes }, deviceSeed, signature))
}

/** From and to so many hours from now. */
export const lifetime = (fromHours: number, toHours: number): Partial<LeafNode> => ({
  lifetime: {
    notBefore: BigInt(Math.floor((NOW + fromHours * HOUR_MS) / 1000)),
    notAfter: BigInt(Math.floor((NOW + toHours * HOUR_MS) / 1000)),
  },
})
