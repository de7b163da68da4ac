/** Somebody who has said thousands of things in one epoch, without the time that saying them takes. */
import { encode } from "ts-mls/codec/tlsEncoder.js"
import { deriveTreeSecret } from "ts-mls/crypto/kdf.js"
import { decodeSecretTreeNode, secretTreeNodeEncoder } from "ts-mls/secretTree.js"
import { stepWithNode, takeDown } from "../../core/client/group-shelf.ts"
import { EMPTY } from "../../core/domain/bytes.ts"
import { ciphersuiteOf } from "../../core/mls/provider.ts"
import type { Person } from "./person.ts"

const SECRET_BYTES = 32

/** So many messages of this epoch were sealed, and got to nobody. */
export async function sealUpTo(person: Person, groupId: string, generation: number): Promise<void> {
  const { store, engine } = person
  const { row, group } = takeDown({ store, engine, shelf: new Map() }, person.group(groupId).id)
  const { kdf } = ciphersuiteOf(group.suite)
  const { touched } = await engine.seal(group, { plaintext: EMPTY })
  const [node] = decodeSecretTreeNode(touched.record, 0) ?? []
  if (!node) throw new Error("no node in the record")
  let { secret, generation: at } = node.application
  for (; at < generation; at++) secret = await deriveTreeSecret(secret, "secret", at, SECRET_BYTES, kdf)
  const application = { secret, generation: at, unusedGenerations: {} }
  const record = encode(secretTreeNodeEncoder)({ ...node, application })
  store.write((tx) => {
    stepWithNode(tx, row, { ...touched, record })
  })
}
