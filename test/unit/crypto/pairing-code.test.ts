/** What two pairing devices leave for each other: readable under their code alone, and only by whom it is for. */
import { describe, expect, test } from "vitest"
import { openDeviceName, deviceNamesKey, sealDeviceName } from "../../../core/crypto/device-name.ts"
import { ed25519PublicKey } from "../../../core/crypto/ed25519.ts"
import { openGrant, openRequest, pairingIdOf, sealGrant, sealRequest } from "../../../core/crypto/pairing-code.ts"
import { deviceKey } from "../../../core/domain/ids.ts"
import { codeOf, flipped } from "../../fakes/refusal.ts"

const filled = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value)
const CODE = filled(16, 1)
const OTHER = filled(16, 2)
const NONCE = filled(12, 3)
const deviceSeed = filled(32, 4)
const request = { deviceKey: deviceKey(ed25519PublicKey(deviceSeed)), refreshHash: filled(32, 5), deviceName: "läptop" }
const grant = {
  name: "alice",
  accountSeed: filled(32, 6),
  namesKey: filled(32, 7),
  certificate: filled(129, 8),
  deviceList: filled(113, 9),
  deviceListSignature: filled(64, 10),
}

describe("a request", () => {
  test("comes out as it went in, and says nothing without the code", () => {
    const sealed = sealRequest(CODE, { ...request, deviceSeed }, NONCE)
    expect(openRequest(CODE, sealed)).toEqual(request)
    expect(codeOf(() => openRequest(OTHER, sealed))).toBe("E095")
    expect(Buffer.from(sealed).includes(Buffer.from(request.deviceKey))).toBe(false)
  })

  test("is refused when it is damaged anywhere, cut off, or an answer", () => {
    const sealed = sealRequest(CODE, { ...request, deviceSeed }, NONCE)
    for (let at = 0; at < sealed.length; at += 7)
      expect(codeOf(() => openRequest(CODE, flipped(sealed, at)))).toBe("E095")
    for (const length of [0, 11, 12, 40]) expect(codeOf(() => openRequest(CODE, sealed.slice(0, length)))).toBe("E095")
    expect(codeOf(() => openRequest(CODE, sealGrant(CODE, grant, NONCE)))).toBe("E095")
  })

  test("is refused for a device key that its sender does not hold", () => {
    const stolen = { ...request, deviceSeed: filled(32, 11) }
    expect(codeOf(() => openRequest(CODE, sealRequest(CODE, stolen, NONCE)))).toBe("E095")
  })
})

describe("an answer", () => {
  test("comes out as it went in, with or without the account key", () => {
    for (const given of [grant, { ...grant, accountSeed: new Uint8Array(0) }]) {
      expect(openGrant(CODE, sealGrant(CODE, given, NONCE))).toEqual(given)
    }
    expect(codeOf(() => openGrant(OTHER, sealGrant(CODE, grant, NONCE)))).toBe("E095")
    expect(codeOf(() => openGrant(CODE, sealRequest(CODE, { ...request, deviceSeed }, NONCE)))).toBe("E095")
  })
})

test("another code leads to another place", () => {
  expect(pairingIdOf(CODE)).toHaveLength(16)
  expect(pairingIdOf(CODE)).not.toEqual(pairingIdOf(OTHER))
  expect(pairingIdOf(CODE)).not.toEqual(CODE)
})

test("a device's name is read by the account's devices alone, and is that device's", () => {
  const key = deviceNamesKey(filled(32, 6))
  const named = { deviceKey: request.deviceKey, key }
  const sealed = sealDeviceName(named, "läptop", NONCE)
  expect(openDeviceName(named, sealed)).toBe("läptop")
  expect(openDeviceName({ ...named, key: deviceNamesKey(filled(32, 7)) }, sealed)).toBe(undefined)
  expect(openDeviceName({ ...named, deviceKey: deviceKey(filled(32, 1)) }, sealed)).toBe(undefined)
  for (const damaged of [new Uint8Array(0), sealed.slice(0, 11), flipped(sealed, 20)]) {
    expect(openDeviceName(named, damaged)).toBe(undefined)
  }
  for (const name of ["", "ä".repeat(33)]) expect(codeOf(() => sealDeviceName(named, name, NONCE))).toBe("E070")
})
