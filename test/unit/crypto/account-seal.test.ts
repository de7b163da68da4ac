import { expect, test } from "vitest"
import { openAccountKey, sealAccountKey } from "../../../core/crypto/account-seal.ts"
import { ed25519PublicKey } from "../../../core/crypto/ed25519.ts"
import { accountKey } from "../../../core/domain/ids.ts"
import { userName } from "../../../core/domain/user-name.ts"

const exportKey = new Uint8Array(64).fill(1)
const accountSeed = new Uint8Array(32).fill(2)
const nonce = new Uint8Array(12).fill(3)
const account = { name: userName("alice"), accountKey: accountKey(ed25519PublicKey(accountSeed)), accountSeed }
const sealed = sealAccountKey(exportKey, account, nonce)

test("the account key comes back under the export key that sealed it, for the same name", () => {
  expect(openAccountKey(exportKey, account, sealed)).toEqual(accountSeed)
})

test.each([
  ["another export key", new Uint8Array(64).fill(9), account, sealed],
  ["another name", exportKey, { ...account, name: userName("mallory") }, sealed],
  ["another version", exportKey, account, Uint8Array.of(2, ...sealed.subarray(1))],
  ["a changed byte", exportKey, account, sealed.with(20, (sealed[20] ?? 0) ^ 1)],
  ["a truncated seal", exportKey, account, sealed.subarray(0, 10)],
])("a seal with %s is refused", (_what, key, who, bytes) => {
  expect(() => openAccountKey(key, who, bytes)).toThrow(expect.objectContaining({ code: "E017" }))
})
