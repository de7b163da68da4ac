/** This device's private envelope keys, ready to open with: making one ready costs more than what it is used for. */
import { decodeHybridPrivateKey } from "../crypto/hybrid-key.ts"
import type { HybridPrivateKey } from "../crypto/hybrid-key.ts"
import { hex } from "../domain/bytes.ts"
import type { Rooms } from "./session-parts.ts"

/** All that the store holds now, the newest first; those that it dropped are forgotten here too. */
export function ownHybridKeys({
  store,
  ownHybridKeys: ready,
}: Pick<Rooms, "store" | "ownHybridKeys">): HybridPrivateKey[] {
  const stored = store.hybridKeys().map((row) => ({ name: hex(row.record), row }))
  const names = new Set(stored.map(({ name }) => name))
  for (const name of ready.keys()) if (!names.has(name)) ready.delete(name)
  return stored.map(({ name, row }) => {
    const key = ready.get(name) ?? decodeHybridPrivateKey(row.privateKey)
    ready.set(name, key)
    return key
  })
}
