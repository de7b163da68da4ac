/** The provider against what others published or wrote: RFC 9180, and noble's X-Wing. */
import { XWing } from "@noble/post-quantum/hybrid.js"
import { describe, expect, it } from "vitest"
import { hex, unhex, utf8 } from "../../../core/domain/bytes.ts"
import { checkMlKemPublicKey, mlKemEncapsulate, mlKemPrivateKey } from "../../../core/crypto/ml-kem.ts"
import { x25519PrivateKey, x25519Shared } from "../../../core/crypto/x25519.ts"
import { kemHybrid, xwingPublicKey } from "../../../core/mls/kem-hybrid.ts"
import { kemX25519 } from "../../../core/mls/kem-x25519.ts"
import { ciphersuiteOf } from "../../../core/mls/provider.ts"
import { codeOf, codeOfAsync } from "../../fakes/refusal.ts"

describe("HPKE with X25519", () => {
  it("agrees with RFC 9180 appendix A.1.1", async () => {
    const { hpke } = ciphersuiteOf("baseline")
    const recipient = kemX25519.derive(unhex("6db9df30aa07dd42ee5e8181afdb977e538f5e1fec8a06223f33f7013e525037"))
    const ephemeral = kemX25519.derive(unhex("7268600d403fce431561aef583ee1613527cff655c1343f29812e66706df3234"))
    expect(hex(recipient.publicKey.bytes)).toBe("3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d")
    const enc = ephemeral.publicKey.bytes
    expect(hex(kemX25519.decapsulate(recipient.privateKey, enc))).toBe(
      "fe0e18c9f024ce43799ae393c7e8fe8fce9d218875e8227b0187c04e7d2ea1fc",
    )
    const ciphertext = unhex(
      "f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a96d8770ac83d07bea87e13c512a",
    )
    const key = await hpke.importPrivateKey(recipient.privateKey.bytes)
    const opened = await hpke.open(key, enc, ciphertext, utf8("Ode on a Grecian Urn"), utf8("Count-0"))
    expect(Buffer.from(opened).toString()).toBe("Beauty is truth, truth beauty")
  })

  it("refuses keys that force a shared secret of zeros, and keys of other lengths", () => {
    const own = x25519PrivateKey(new Uint8Array(32).fill(9))
    expect(codeOf(() => x25519Shared(own, new Uint8Array(32)))).toBe("E032")
    expect(codeOf(() => x25519Shared(own, Uint8Array.of(1, ...new Uint8Array(31))))).toBe("E032")
    expect(codeOf(() => kemX25519.importPublic(new Uint8Array(31)))).toBe("E024")
    expect(codeOf(() => kemX25519.importPrivate(new Uint8Array(48)))).toBe("E024")
  })
})

describe("X-Wing", () => {
  const seed = new Uint8Array(32).fill(5)

  it("makes noble's public key from the same seed, and each opens what the other seals", () => {
    const theirs = XWing.keygen(seed)
    expect(hex(xwingPublicKey(seed))).toBe(hex(theirs.publicKey))
    const sealed = XWing.encapsulate(theirs.publicKey.slice()) // noble wipes what it is given
    expect(kemHybrid.decapsulate(kemHybrid.importPrivate(seed), sealed.cipherText)).toEqual(sealed.sharedSecret)
    const own = kemHybrid.encapsulate(kemHybrid.importPublic(theirs.publicKey))
    expect(XWing.decapsulate(own.enc, theirs.secretKey)).toEqual(own.shared)
  })

  it("seals and opens through HPKE, and notices a changed ciphertext in either half", async () => {
    const { hpke } = ciphersuiteOf("hybrid")
    const { publicKey, privateKey } = await hpke.generateKeyPair()
    const { enc, ct } = await hpke.seal(publicKey, utf8("hello"), utf8("info"))
    expect(Buffer.from(await hpke.open(privateKey, enc, ct, utf8("info"))).toString()).toBe("hello")
    for (const at of [0, 1087, 1088, 1119]) {
      const changed = enc.slice()
      changed[at] = (changed[at] ?? 0) ^ 1
      expect(await codeOfAsync(() => hpke.open(privateKey, changed, ct, utf8("info")))).toBe("E030")
    }
    expect(await codeOfAsync(() => hpke.open(privateKey, enc.subarray(1), ct, utf8("info")))).toBe("E024")
  })

  it("refuses a public key whose ML-KEM part is not canonical", () => {
    const changed = xwingPublicKey(seed).slice()
    changed.fill(0xff, 0, 3)
    expect(codeOf(() => kemHybrid.importPublic(changed))).toBe("E013")
    expect(codeOf(() => kemHybrid.importPublic(changed.subarray(1)))).toBe("E024")
  })
})

describe("ML-KEM", () => {
  it("refuses a coefficient of exactly the modulus in either half of a triple", () => {
    const { publicKey } = mlKemPrivateKey(new Uint8Array(64))
    expect(checkMlKemPublicKey(publicKey)).toBe(publicKey)
    for (const triple of [Uint8Array.of(0x01, 0x0d, 0x00), Uint8Array.of(0x00, 0x10, 0xd0)]) {
      const changed = publicKey.slice()
      changed.set(triple, 1149)
      expect(codeOf(() => mlKemEncapsulate(changed))).toBe("E013")
    }
  })

  it("answers a forged ciphertext with another secret, not with an error", () => {
    const key = mlKemPrivateKey(new Uint8Array(64).fill(2))
    const { ciphertext, sharedSecret } = mlKemEncapsulate(key.publicKey)
    expect(key.decapsulate(ciphertext)).toEqual(sharedSecret)
    ciphertext[0] = (ciphertext[0] ?? 0) ^ 1
    expect(key.decapsulate(ciphertext)).not.toEqual(sharedSecret)
  })
})
