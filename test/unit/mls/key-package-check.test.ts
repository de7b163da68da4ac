/** KeyPackages: every field that is wrong is refused, without ts-mls and without a KEM. */
import type { KeyPackage } from "ts-mls"
import { encodeKeyPackage, signKeyPackage } from "ts-mls/keyPackage.js"
import type { LeafNode } from "ts-mls/leafNode.js"
import { describe, expect, it } from "vitest"
import { verifyEd25519 } from "../../../core/crypto/ed25519.ts"
import { sha256 } from "../../../core/crypto/hash.ts"
import { concat } from "../../../core/domain/bytes.ts"
import { SUITES } from "../../../core/domain/suite.ts"
import { checkKeyPackage, inspectKeyPackage } from "../../../core/mls/key-package-check.ts"
import { decodeKeyPackageExactly } from "../../../core/mls/key-package.ts"
import { ciphersuiteOf } from "../../../core/mls/provider.ts"
import { lifetime, resigned as resignedBy } from "../../fakes/forged-key-package.ts"
import { codeOf, codeOfAsync, flipped } from "../../fakes/refusal.ts"
import { keyPackageOf, NOW, person } from "../../fakes/mls-people.ts"

const HOUR_MS = 3_600_000
const tools = { verify: verifyEd25519, digest: sha256, now: NOW }
const ada = person()
const good = await keyPackageOf(ada)
const decoded = decodeKeyPackageExactly(good.publicBytes)

/** Well signed by Ada. */
const resigned = (leaf: Partial<LeafNode>, changes?: Partial<KeyPackage>): Promise<Uint8Array> =>
  resignedBy(ada.device.secretSeed, good.publicBytes, leaf, changes)

describe("checking a KeyPackage", () => {
  it.each(SUITES)("takes a good %s one and says whose it is", async (suite) => {
    const own = await keyPackageOf(ada, suite)
    const checked = checkKeyPackage(own.publicBytes, tools)
    expect(checked).toMatchObject({ suite, lastResort: false, accountKey: ada.accountKey, deviceKey: ada.deviceKey })
    expect(checked.fingerprint).toEqual(own.fingerprint)
    expect(checked.notAfter).toBe(Math.floor(NOW / 1000) * 1000 + 24 * HOUR_MS)
    expect(own.publicBytes.length).toBeLessThan(suite === "baseline" ? 512 : 3072)
  })

  it("takes a last-resort one for 31 days", async () => {
    const own = await ada.engine.makeKeyPackage({ suite: "baseline", now: NOW, lastResort: true })
    expect(checkKeyPackage(own.publicBytes, tools).lastResort).toBe(true)
    expect(await codeOfAsync(() => ada.engine.checkKeyPackage(own.publicBytes, NOW + 29 * 24 * HOUR_MS))).toBe(
      "accepted",
    )
  })

  it("refuses any changed, missing or added byte", () => {
    for (let at = 0; at < good.publicBytes.length; at++)
      expect(codeOf(() => checkKeyPackage(flipped(good.publicBytes, at), tools))).toMatch(/^E0(11|21)$/)
    for (let length = 0; length < good.publicBytes.length; length += 5)
      expect(codeOf(() => checkKeyPackage(good.publicBytes.subarray(0, length), tools))).toBe("E011")
    expect(codeOf(() => checkKeyPackage(concat(good.publicBytes, Uint8Array.of(0)), tools))).toBe("E011")
    expect(codeOf(() => checkKeyPackage(new Uint8Array(20_000), tools))).toBe("E011")
  })

  it("refuses a length that is not in its shortest form, though everything else is right", async () => {
    const bytes = good.publicBytes
    const long = concat(bytes.subarray(0, 4), Uint8Array.of(0x40, 32), bytes.subarray(5))
    expect(codeOf(() => checkKeyPackage(long, tools))).toBe("E011")
  })

  it("refuses each wrong field by itself, well signed", async () => {
    const foreign = person()
    const { capabilities } = decoded.leafNode
    const extension = { extensionType: 0x0b0b, extensionData: new Uint8Array(0) }
    const lastResort = { extensionType: 0x000a, extensionData: new Uint8Array(0) }
    const refusals = await Promise.all([
      resigned({ capabilities: { ...capabilities, ciphersuites: [] } }),
      resigned({ capabilities: { ...capabilities, versions: [] } }),
      resigned({ capabilities: { ...capabilities, credentials: [] } }),
      resigned({ credential: { credentialType: "basic", identity: foreign.certificate } }),
      resigned({ credential: { credentialType: "basic", identity: ada.deviceKey } }),
      resigned({ credential: { credentialType: "x509", certificates: [ada.certificate] } }),
      resigned({ extensions: [extension] }),
      resigned({ hpkePublicKey: new Uint8Array(31) }),
      resigned({}, { initKey: new Uint8Array(33) }),
      resigned({}, { initKey: decoded.leafNode.hpkePublicKey }),
      resigned({}, { extensions: [extension] }),
      resigned({}, { extensions: [lastResort, lastResort] }),
      resigned({}, { extensions: [{ ...lastResort, extensionData: new Uint8Array(1) }] }),
      resigned(lifetime(-25, -0.01)),
      resigned(lifetime(1.1, 24)),
      resigned(lifetime(-1, 24.1)),
      resigned(lifetime(5, 4)),
    ])
    for (const bytes of refusals) expect(codeOf(() => checkKeyPackage(bytes, tools))).toBe("E011")
    const other = await resigned({}, { cipherSuite: "MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519" })
    expect(codeOf(() => checkKeyPackage(other, tools))).toBe("E021")
    expect(codeOf(() => checkKeyPackage(good.publicBytes, tools))).toBe("accepted")
  })

  it("looks at the clock when one adds, and not at another's Add", async () => {
    const expired = await resigned(lifetime(-25, -0.01))
    expect(codeOf(() => inspectKeyPackage(expired, tools))).toBe("accepted")
    expect(codeOf(() => inspectKeyPackage(flipped(expired, 50), tools))).toBe("E011")
    expect(await codeOfAsync(() => ada.engine.checkKeyPackage(expired, NOW))).toBe("E011")
  })

  it("refuses hybrid keys that no KEM takes, on the client", async () => {
    const own = await keyPackageOf(ada, "hybrid")
    const keyPackage = decodeKeyPackageExactly(own.publicBytes)
    const { signature } = ciphersuiteOf("hybrid")
    const initKey = keyPackage.initKey.slice().fill(255, 0, 3)
    const odd = encodeKeyPackage(await signKeyPackage({ ...keyPackage, initKey }, ada.device.secretSeed, signature))
    expect(codeOf(() => checkKeyPackage(odd, tools))).toBe("accepted")
    expect(await codeOfAsync(() => ada.engine.checkKeyPackage(odd, NOW))).toBe("E011")
  })
})
