/** Key files, safety numbers, padding, and the hashes under all of them. */
import { describe, expect, it } from "vitest"
import { gcmOpen, gcmSeal, hkdfExpand, hkdfExtract, sha256 } from "../../../core/crypto/hash.ts"
import { bucketBytes } from "../../../core/crypto/padding.ts"
import {
  KEY_FILE_BYTES,
  newDatabaseKey,
  unwrapDatabaseKey,
  wrapDatabaseKey,
} from "../../../core/crypto/passphrase-key.ts"
import { safetyNumber } from "../../../core/crypto/safety-number.ts"
import { hex, unhex, utf8 } from "../../../core/domain/bytes.ts"
import { accountKey } from "../../../core/domain/ids.ts"
import { codeOf, codeOfAsync, flipped } from "../../fakes/refusal.ts"

describe("hashes", () => {
  it("HKDF agrees with RFC 5869 appendix A.1, and refuses more than 255 blocks", () => {
    const prk = hkdfExtract(unhex("000102030405060708090a0b0c"), new Uint8Array(22).fill(0x0b))
    expect(hex(prk)).toBe("077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5")
    expect(hex(hkdfExpand(prk, unhex("f0f1f2f3f4f5f6f7f8f9"), 42))).toBe(
      "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
    )
    expect(codeOf(() => hkdfExpand(prk, new Uint8Array(0), 255 * 32 + 1))).toBe("E099")
  })

  it("SHA-256 of parts is SHA-256 of the whole", () => {
    expect(hex(sha256(utf8("a"), utf8("bc")))).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
  })

  it("AES-GCM opens what it sealed with either key size, and nothing else", () => {
    for (const size of [16, 32]) {
      const key = { key: new Uint8Array(size).fill(1), nonce: new Uint8Array(12), aad: utf8("aad") }
      const sealed = gcmSeal(key, utf8("text"))
      expect(gcmOpen(key, sealed)).toEqual(utf8("text"))
      for (let at = 0; at < sealed.length; at++) expect(gcmOpen(key, flipped(sealed, at))).toBeUndefined()
      expect(gcmOpen({ ...key, aad: utf8("axd") }, sealed)).toBeUndefined()
      expect(gcmOpen(key, sealed.subarray(0, 15))).toBeUndefined()
    }
    expect(
      codeOf(() => gcmSeal({ key: new Uint8Array(24), nonce: new Uint8Array(12), aad: utf8("") }, utf8("x"))),
    ).toBe("E099")
    expect(codeOf(() => gcmSeal({ key: new Uint8Array(16), nonce: new Uint8Array(8), aad: utf8("") }, utf8("x")))).toBe(
      "E099",
    )
  })
})

describe("padding", () => {
  it("uses the table's buckets, each up to its full size", () => {
    const sizes = [0, 256, 257, 1024, 4096, 4097, 16_384, 65_536, 65_537, 200_000].map(bucketBytes)
    expect(sizes).toEqual([256, 256, 1024, 1024, 4096, 16_384, 16_384, 65_536, 131_072, 262_144])
  })
})

describe("safety number", () => {
  const key = (fill: number): ReturnType<typeof accountKey> => accountKey(new Uint8Array(32).fill(fill))

  it("is 60 digits, the same from both sides, and our own vectors hold", () => {
    expect(safetyNumber(key(1), key(2))).toBe("141158256923699281937439308410609183476181499480880047149811")
    expect(safetyNumber(key(2), key(1))).toBe(safetyNumber(key(1), key(2)))
    expect(safetyNumber(key(3), key(1))).toBe("141158256923699281937439308410876180614060739121550922620060")
    expect(safetyNumber(key(1), key(3))).toMatch(/^\d{60}$/)
  })

  it("needs two different accounts", () => {
    expect(codeOf(() => safetyNumber(key(1), key(1)))).toBe("E070")
  })
})

describe("key file", () => {
  it("gives the database key back to the passphrase, and to no other", async () => {
    const databaseKey = newDatabaseKey()
    const file = await wrapDatabaseKey(databaseKey, utf8("correct horse"))
    expect(file).toHaveLength(KEY_FILE_BYTES)
    expect(await unwrapDatabaseKey(file, utf8("correct horse"))).toEqual(databaseKey)
    expect(await codeOfAsync(() => unwrapDatabaseKey(file, utf8("correct horsE")))).toBe("E061")
    expect(await codeOfAsync(() => unwrapDatabaseKey(flipped(file, 87), utf8("correct horse")))).toBe("E061")
    expect(await codeOfAsync(() => unwrapDatabaseKey(flipped(file, 14), utf8("correct horse")))).toBe("E061")
  })

  it("is refused when it is none, is cut, newer, or asks for other scrypt parameters", async () => {
    const file = await wrapDatabaseKey(newDatabaseKey(), utf8("x"))
    const withByte = (at: number, byte: number): Uint8Array => file.map((old, index) => (index === at ? byte : old))
    const code = (bytes: Uint8Array): Promise<string> => codeOfAsync(() => unwrapDatabaseKey(bytes, utf8("x")))
    expect(await code(new Uint8Array(0))).toBe("E060")
    expect(await code(flipped(file, 0))).toBe("E060")
    expect(await code(file.subarray(0, 80))).toBe("E060")
    expect(await code(withByte(8, 2))).toBe("E062")
    expect(await code(withByte(8, 0))).toBe("E060")
    expect(await code(withByte(9, 30))).toBe("E060")
    expect(await code(withByte(10, 255))).toBe("E060")
    expect(await codeOfAsync(() => wrapDatabaseKey(new Uint8Array(31), utf8("x")))).toBe("E024")
  })
})
