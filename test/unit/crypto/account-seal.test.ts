import { expect, test } from "vitest"
import { needsCode, openAccountKey, sealAccountKey } from "../../../core/crypto/account-seal.ts"
import { ed25519PublicKey } from "../../../core/crypto/ed25519.ts"
import { hex } from "../../../core/domain/bytes.ts"
import { accountKey } from "../../../core/domain/ids.ts"
import { userName } from "../../../core/domain/user-name.ts"
import { codeOf } from "../../fakes/refusal.ts"

const exportKey = new Uint8Array(64).fill(1)
const accountSeed = new Uint8Array(32).fill(2)
const nonce = new Uint8Array(12).fill(3)
const code = new Uint8Array(16).fill(4)
const account = { name: userName("alice"), accountKey: accountKey(ed25519PublicKey(accountSeed)), accountSeed }
const sealed = sealAccountKey(exportKey, account, nonce)
const withCode = sealAccountKey(exportKey, account, nonce, code)

test("the account key comes back under the export key that sealed it, for the same name", () => {
  expect(openAccountKey(exportKey, account, sealed)).toEqual(accountSeed)
  expect(openAccountKey(exportKey, account, sealed, code)).toEqual(accountSeed)
  expect([needsCode(sealed), needsCode(withCode)]).toEqual([false, true])
  expect(hex(sealed.subarray(0, 13))).toBe(`01${"03".repeat(12)}`)
})

test("with a recovery code it comes back with the code alone", () => {
  expect(openAccountKey(exportKey, account, withCode, code)).toEqual(accountSeed)
  const wrong = code.with(15, 5)
  for (const given of [undefined, wrong]) {
    expect(codeOf(() => openAccountKey(exportKey, account, withCode, given))).toBe("E097")
  }
  expect(codeOf(() => openAccountKey(exportKey, account, withCode, code.subarray(1)))).toBe("E024")
  expect(codeOf(() => openAccountKey(exportKey, { ...account, name: userName("bob") }, withCode, code))).toBe("E097")
})

test("a seal that needs a code does not pass for one that needs none", () => {
  const posing = withCode.with(0, 1)
  expect(codeOf(() => openAccountKey(exportKey, account, posing, code))).toBe("E017")
})

test.each([
  ["another export key", new Uint8Array(64).fill(9), account, sealed],
  ["another name", exportKey, { ...account, name: userName("mallory") }, sealed],
  ["another version", exportKey, account, Uint8Array.of(3, ...sealed.subarray(1))],
  ["a changed byte", exportKey, account, sealed.with(20, (sealed[20] ?? 0) ^ 1)],
  ["a truncated seal", exportKey, account, sealed.subarray(0, 10)],
  ["nothing", exportKey, account, sealed.subarray(0, 0)],
])("a seal with %s is refused", (_what, key, who, bytes) => {
  expect(codeOf(() => openAccountKey(key, who, bytes))).toBe("E017")
})
