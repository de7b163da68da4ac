/** crypto-basics.json, secret-tree.json and psk_secret.json: labelled primitives, ratchets, PSK chains. */
import assert from "node:assert/strict"
import { decryptWithLabel, encryptWithLabel } from "ts-mls/crypto/hpke.js"
import { refhash } from "ts-mls/crypto/hash.js"
import { deriveSecret, deriveTreeSecret, expandWithLabel } from "ts-mls/crypto/kdf.js"
import { signWithLabel, verifyWithLabel } from "ts-mls/crypto/signature.js"
import { computePskSecret } from "ts-mls/presharedkey.js"
import { createSecretTree, deriveKey, deriveNonce, ratchetUntil } from "ts-mls/secretTree.js"
import { expandSenderDataKey, expandSenderDataNonce } from "ts-mls/sender.js"
import { unhex } from "../../../core/domain/bytes.ts"
import { same, suite } from "./vector.ts"

type Fields = Readonly<Record<string, string>>

export interface CryptoBasics {
  readonly ref_hash: Fields
  readonly expand_with_label: Fields & { readonly length: never }
  readonly derive_secret: Fields
  readonly derive_tree_secret: Fields & { readonly length: never; readonly generation: never }
  readonly sign_with_label: Fields
  readonly encrypt_with_label: Fields
}

const text = (fields: Fields, name: string): string => fields[name] ?? ""
const bytes = (fields: Fields, name: string): Uint8Array => unhex(text(fields, name))

export async function checkCryptoBasics(vector: CryptoBasics): Promise<void> {
  const { kdf, hash, hpke, signature } = suite
  const { ref_hash: ref, expand_with_label: expand, derive_secret: derive, derive_tree_secret: tree } = vector
  same(await refhash(text(ref, "label"), bytes(ref, "value"), hash), text(ref, "out"), "ref_hash")
  const length = Number(expand.length)
  const expanded = await expandWithLabel(
    bytes(expand, "secret"),
    text(expand, "label"),
    bytes(expand, "context"),
    length,
    kdf,
  )
  same(expanded, text(expand, "out"), "expand_with_label")
  same(await deriveSecret(bytes(derive, "secret"), text(derive, "label"), kdf), text(derive, "out"), "derive_secret")
  const [label, generation] = [text(tree, "label"), Number(tree.generation)]
  const treeSecret = await deriveTreeSecret(bytes(tree, "secret"), label, generation, Number(tree.length), kdf)
  same(treeSecret, text(tree, "out"), "derive_tree_secret")
  const sign = vector.sign_with_label
  const [signLabel, content] = [text(sign, "label"), bytes(sign, "content")]
  assert.ok(await verifyWithLabel(bytes(sign, "pub"), signLabel, content, bytes(sign, "signature"), signature))
  same(await signWithLabel(bytes(sign, "priv"), signLabel, content, signature), text(sign, "signature"), "signature")
  const sealed = vector.encrypt_with_label
  const key = await hpke.importPrivateKey(bytes(sealed, "priv"))
  const [sealLabel, context] = [text(sealed, "label"), bytes(sealed, "context")]
  const [enc, ciphertext] = [bytes(sealed, "kem_output"), bytes(sealed, "ciphertext")]
  const opened = await decryptWithLabel(key, sealLabel, context, enc, ciphertext, hpke)
  same(opened, text(sealed, "plaintext"), "decrypt_with_label")
  const publicKey = await hpke.importPublicKey(bytes(sealed, "pub"))
  const again = await encryptWithLabel(publicKey, sealLabel, context, opened, hpke)
  same(await decryptWithLabel(key, sealLabel, context, again.enc, again.ct, hpke), text(sealed, "plaintext"), "seal")
}

export interface SecretTreeVector {
  readonly encryption_secret: string
  readonly sender_data: Fields
  readonly leaves: readonly (readonly (Fields & { readonly generation: never })[])[]
}

const RETENTION = { retainKeysForGenerations: 1, retainKeysForEpochs: 1, maximumForwardRatchetSteps: 1000 }

export async function checkSecretTree(vector: SecretTreeVector): Promise<void> {
  const sender = vector.sender_data
  const [secret, ciphertext] = [bytes(sender, "sender_data_secret"), bytes(sender, "ciphertext")]
  same(await expandSenderDataKey(suite, secret, ciphertext), text(sender, "key"), "sender data key")
  same(await expandSenderDataNonce(suite, secret, ciphertext), text(sender, "nonce"), "sender data nonce")
  const tree = await createSecretTree(vector.leaves.length, unhex(vector.encryption_secret), suite.kdf)
  for (const [index, generations] of vector.leaves.entries())
    for (const entry of generations)
      for (const kind of ["application", "handshake"] as const) {
        const node = tree[index * 2]
        assert.ok(node)
        const generation = Number(entry.generation)
        const [ratchet] = await ratchetUntil(node[kind], generation, RETENTION, suite.kdf)
        same(await deriveKey(ratchet.secret, generation, suite), text(entry, `${kind}_key`), `${kind} key`)
        same(await deriveNonce(ratchet.secret, generation, suite), text(entry, `${kind}_nonce`), `${kind} nonce`)
      }
}

export interface PskVector {
  readonly psks: readonly Fields[]
  readonly psk_secret: string
}

export async function checkPskSecret({ psks, psk_secret: expected }: PskVector): Promise<void> {
  const chain = psks.map((psk): Parameters<typeof computePskSecret>[0][number] => [
    { psktype: "external", pskId: bytes(psk, "psk_id"), pskNonce: bytes(psk, "psk_nonce") },
    bytes(psk, "psk"),
  ])
  same(await computePskSecret(chain, suite), expected, "psk secret")
}
