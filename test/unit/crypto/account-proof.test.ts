/** Certificates, device lists, account records and the other signed statements: what fits passes, anything else is E017. */
import { describe, expect, it } from "vitest"
import { concat } from "../../../core/domain/bytes.ts"
import { accountKey, deviceKey, groupTag } from "../../../core/domain/ids.ts"
import { userName } from "../../../core/domain/user-name.ts"
import { verifyAccountRecord } from "../../../core/crypto/account-proof.ts"
import {
  decodeCommitInfo,
  encodeCommitInfo,
  signAccountName,
  signCommit,
  signDeviceLogin,
  verifyCommit,
  verifyDeviceLogin,
} from "../../../core/crypto/account-statements.ts"
import { issueDeviceCertificate, verifyDeviceCertificate } from "../../../core/crypto/device-certificate.ts"
import {
  decodeDeviceList,
  encodeDeviceList,
  signDeviceList,
  verifyDeviceList,
} from "../../../core/crypto/device-list.ts"
import { ed25519PublicKey, generateEd25519, signEd25519, verifyEd25519 } from "../../../core/crypto/ed25519.ts"
import { sha256 } from "../../../core/crypto/hash.ts"
import type { AccountRecord } from "../../../core/contract/account-record.ts"
import { codeOf, flipped } from "../../fakes/refusal.ts"

const account = generateEd25519()
const devices = [generateEd25519(), generateEd25519()]
const ownAccount = accountKey(account.publicKey)
const deviceKeys = devices.map((device) => deviceKey(device.publicKey))
const certificates = deviceKeys.map((key) =>
  issueDeviceCertificate(account.secretSeed, { accountKey: ownAccount, deviceKey: key }),
)
const certificate = certificates[0]!

function recordOf(changes: Partial<AccountRecord> = {}): AccountRecord {
  const deviceList = encodeDeviceList({ accountKey: ownAccount, counter: 1n, time: 1000, devices: deviceKeys })
  const name = userName("ada")
  return {
    name,
    accountKey: ownAccount,
    signature: signAccountName(account.secretSeed, name, ownAccount),
    deviceList,
    deviceListSignature: signDeviceList(account.secretSeed, deviceList),
    certificates,
    ...changes,
  }
}

describe("Ed25519", () => {
  it("agrees with RFC 8032 section 7.1, test 2", () => {
    const seed = Buffer.from("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", "hex")
    expect(Buffer.from(ed25519PublicKey(seed)).toString("hex")).toBe(
      "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    )
    expect(Buffer.from(signEd25519(seed, Uint8Array.of(0x72))).toString("hex")).toBe(
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da" +
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    )
  })

  it("says no, and does not throw, for keys and signatures of wrong lengths", () => {
    expect(verifyEd25519(new Uint8Array(31), new Uint8Array(1), new Uint8Array(64))).toBe(false)
    expect(verifyEd25519(account.publicKey, new Uint8Array(1), new Uint8Array(63))).toBe(false)
    expect(verifyEd25519(new Uint8Array(32).fill(255), new Uint8Array(1), new Uint8Array(64))).toBe(false)
  })
})

describe("device certificate", () => {
  it("has 129 bytes and names account and device", () => {
    expect(certificate).toHaveLength(129)
    expect(verifyDeviceCertificate(certificate)).toEqual({ accountKey: ownAccount, deviceKey: deviceKeys[0] })
  })

  it("is refused when any byte differs, when it is longer or shorter", () => {
    for (let at = 0; at < certificate.length; at++)
      expect(codeOf(() => verifyDeviceCertificate(flipped(certificate, at)))).toBe("E017")
    expect(codeOf(() => verifyDeviceCertificate(concat(certificate, Uint8Array.of(0))))).toBe("E017")
    expect(codeOf(() => verifyDeviceCertificate(certificate.subarray(1)))).toBe("E017")
  })
})

describe("device list", () => {
  const encoded = recordOf().deviceList
  const signature = recordOf().deviceListSignature

  it("comes back as it went in", () => {
    expect(verifyDeviceList(encoded, signature)).toEqual({
      accountKey: ownAccount,
      counter: 1n,
      time: 1000,
      devices: deviceKeys,
    })
  })

  it("is refused with a changed byte, a repeated device, no device or half a key", () => {
    for (const at of [0, 1, 33, 45, 49, encoded.length - 1])
      expect(codeOf(() => verifyDeviceList(flipped(encoded, at), signature))).toBe("E017")
    const [first] = deviceKeys
    const twice = { accountKey: ownAccount, counter: 1n, time: 0, devices: [first!, first!] }
    expect(codeOf(() => encodeDeviceList(twice))).toBe("E017")
    expect(codeOf(() => decodeDeviceList(encoded.subarray(0, 49)))).toBe("E017")
    expect(codeOf(() => decodeDeviceList(encoded.subarray(0, 80)))).toBe("E017")
    expect(codeOf(() => decodeDeviceList(concat(encoded, encoded.subarray(49))))).toBe("E017")
  })
})

describe("account record", () => {
  it("passes whole, certificates in any order", () => {
    expect(verifyAccountRecord(recordOf()).devices).toEqual(deviceKeys)
    expect(verifyAccountRecord(recordOf({ certificates: [...certificates].reverse() })).counter).toBe(1n)
  })

  it("is refused with another name, another key, or a certificate too few, too many or of another account", () => {
    const other = generateEd25519()
    const foreign = issueDeviceCertificate(other.secretSeed, {
      accountKey: accountKey(other.publicKey),
      deviceKey: deviceKeys[1]!,
    })
    const unlisted = issueDeviceCertificate(account.secretSeed, {
      accountKey: ownAccount,
      deviceKey: deviceKey(other.publicKey),
    })
    const refusals: Partial<AccountRecord>[] = [
      { name: userName("eve") },
      { name: "A b" as AccountRecord["name"] },
      { accountKey: accountKey(other.publicKey) },
      { signature: flipped(recordOf().signature, 0) },
      { deviceListSignature: flipped(recordOf().deviceListSignature, 0) },
      { certificates: certificates.slice(1) },
      { certificates: [certificate, certificate] },
      { certificates: [...certificates, unlisted] },
      { certificates: [certificate, foreign] },
      { certificates: [certificate, unlisted] },
    ]
    for (const changes of refusals) expect(codeOf(() => verifyAccountRecord(recordOf(changes)))).toBe("E017")
  })

  it("is refused when the list is another account's, though well signed", () => {
    const other = generateEd25519()
    const deviceList = encodeDeviceList({
      accountKey: accountKey(other.publicKey),
      counter: 1n,
      time: 0,
      devices: deviceKeys,
    })
    const deviceListSignature = signDeviceList(other.secretSeed, deviceList)
    expect(codeOf(() => verifyAccountRecord(recordOf({ deviceList, deviceListSignature })))).toBe("E017")
  })
})

describe("login and commit statements", () => {
  it("a login proof fits one server, one session and one name only", () => {
    const login = { serverName: "chat.example", sessionKey: new Uint8Array(64).fill(3), name: userName("ada") }
    const proof = signDeviceLogin(devices[0]!.secretSeed, login)
    expect(verifyDeviceLogin(deviceKeys[0]!, login, proof)).toBe(true)
    expect(verifyDeviceLogin(deviceKeys[1]!, login, proof)).toBe(false)
    expect(verifyDeviceLogin(deviceKeys[0]!, { ...login, serverName: "evil.example" }, proof)).toBe(false)
    expect(verifyDeviceLogin(deviceKeys[0]!, { ...login, name: userName("eve") }, proof)).toBe(false)
    expect(verifyDeviceLogin(deviceKeys[0]!, { ...login, sessionKey: new Uint8Array(64) }, proof)).toBe(false)
  })

  it("a commit signature fits one tag, epoch, verifier and payload only", () => {
    const commit = {
      groupTag: groupTag(new Uint8Array(16).fill(1)),
      baseEpoch: 7n,
      nextVerifier: sha256(Uint8Array.of(1)),
      payloadHash: sha256(Uint8Array.of(2)),
    }
    const authorSig = signCommit(devices[0]!.secretSeed, commit)
    const info = decodeCommitInfo(
      encodeCommitInfo({ author: deviceKeys[0]!, nextVerifier: commit.nextVerifier, authorSig }),
    )
    expect(verifyCommit(info.author, commit, info.authorSig)).toBe(true)
    expect(verifyCommit(info.author, { ...commit, baseEpoch: 8n }, authorSig)).toBe(false)
    expect(verifyCommit(info.author, { ...commit, payloadHash: sha256() }, authorSig)).toBe(false)
    expect(verifyCommit(info.author, { ...commit, nextVerifier: sha256() }, authorSig)).toBe(false)
    expect(codeOf(() => decodeCommitInfo(new Uint8Array(127)))).toBe("E043")
  })
})
