/** Requests and answers about the caller's own account: devices, password, logins, pairing. */
import type {
  DeviceRevocation,
  KeptAccountKey,
  NewDevice,
  OwnDevice,
  PairingPlace,
  PairingRequest,
  PairingState,
  PasswordChange,
} from "../contract/own-account.ts"
import { deviceKey, KEY_BYTES } from "../domain/ids.ts"
import type { DeviceKey } from "../domain/ids.ts"
import { PAIRING_BYTES_MAX, PAIRING_ID_BYTES, SEALED_NAME_BYTES_MAX } from "../domain/limits.ts"
import { checkPartVersion, WIRE_VERSION } from "../domain/versions.ts"
import {
  CERTIFICATE_BYTES,
  DEVICE_LIST_BYTES_MAX,
  DEVICES_MAX,
  readRecord,
  recordBytes,
  SIGNATURE_BYTES,
  writeRecord,
} from "./account-record-codec.ts"
import { OPAQUE, OPEN_FIELD_BYTES_MAX } from "./account-codec.ts"
import {
  atMost,
  bytesFrom,
  countAtMost,
  emptyOrExact,
  exactBytes,
  put,
  roomFor,
  roomForList,
  safeNumber,
} from "./field-codec.ts"
import { malformed } from "./frame.ts"
import { methodCodec, NODE_METHODS } from "./method-codec.ts"

/** Struct Device. */
const DEVICE_BYTES = 48
const STATUSES = ["active", "revoked"] as const

const nothing = {
  requestBytes: () => 0,
  writeRequest: () => undefined,
  readRequest: () => undefined,
}
const noAnswer = { writeAnswer: () => undefined, readAnswer: () => undefined }

export const logoutEverywhereCodec = methodCodec(NODE_METHODS[25], {
  requestBytes: () => 0,
  writeRequest(params, keepThis: boolean) {
    params.keepThis = keepThis
  },
  readRequest: (params) => params.keepThis,
  writeAnswer(results, ended: number) {
    results.ended = ended
  },
  readAnswer: (results) => results.ended,
})

export const changePasswordStartCodec = methodCodec(NODE_METHODS[26], {
  requestBytes: (request: Uint8Array) => roomFor(request),
  writeRequest: (params, request) => put((length) => params._initRequest(length), request),
  readRequest: (params) => exactBytes(params.request, OPAQUE.registrationRequest, "OPAQUE request"),
  answerBytes: (response: Uint8Array) => roomFor(response),
  writeAnswer: (results, response) => put((length) => results._initResponse(length), response),
  readAnswer: (results) => exactBytes(results.response, OPAQUE.registrationResponse, "OPAQUE response"),
})

export const changePasswordFinishCodec = methodCodec(NODE_METHODS[27], {
  check: ({ sealedAccountKey }: PasswordChange) => atMost(sealedAccountKey, OPEN_FIELD_BYTES_MAX, "sealed account key"),
  requestBytes: ({ record, sealedAccountKey }) => roomFor(record, sealedAccountKey),
  writeRequest(params, change) {
    put((length) => params._initRecord(length), change.record)
    put((length) => params._initSealedAccountKey(length), change.sealedAccountKey)
  },
  readRequest: (params) => ({
    record: exactBytes(params.record, OPAQUE.registrationRecord, "OPAQUE record"),
    sealedAccountKey: bytesFrom(params.sealedAccountKey),
  }),
  ...noAnswer,
})

export const deleteAccountCodec = methodCodec(NODE_METHODS[28], { ...nothing, ...noAnswer })

export const registerDeviceCodec = methodCodec(NODE_METHODS[29], {
  check({ deviceList, sealedName }: NewDevice) {
    atMost(deviceList, DEVICE_LIST_BYTES_MAX, "device list")
    atMost(sealedName, SEALED_NAME_BYTES_MAX, "device name")
  },
  requestBytes: ({ certificate, deviceList, deviceListSignature, sealedName, refreshHash }) =>
    roomFor(certificate, deviceList, deviceListSignature, sealedName, refreshHash),
  writeRequest(params, device) {
    put((length) => params._initCertificate(length), device.certificate)
    put((length) => params._initDeviceList(length), device.deviceList)
    put((length) => params._initDeviceListSignature(length), device.deviceListSignature)
    put((length) => params._initSealedName(length), device.sealedName)
    put((length) => params._initRefreshHash(length), device.refreshHash)
  },
  readRequest: (params) => ({
    certificate: exactBytes(params.certificate, CERTIFICATE_BYTES, "device certificate"),
    deviceList: bytesFrom(params.deviceList),
    deviceListSignature: exactBytes(params.deviceListSignature, SIGNATURE_BYTES, "device list signature"),
    sealedName: bytesFrom(params.sealedName),
    refreshHash: emptyOrExact(params.refreshHash, KEY_BYTES, "refresh hash"),
  }),
  ...noAnswer,
})

export const listDevicesCodec = methodCodec(NODE_METHODS[30], {
  ...nothing,
  answerBytes: (devices: readonly OwnDevice[]) =>
    devices.reduce(
      (bytes, { deviceKey: key, sealedName }) => bytes + roomFor(key, sealedName),
      roomForList(devices.length, DEVICE_BYTES),
    ),
  writeAnswer(results, devices) {
    const list = results._initDevices(devices.length)
    for (const [index, device] of devices.entries()) {
      const written = list.get(index)
      written.version = WIRE_VERSION
      written.status = STATUSES.indexOf(device.status) + 1
      written.createdAt = BigInt(device.createdAt)
      put((length) => written._initDeviceKey(length), device.deviceKey)
      put((length) => written._initSealedName(length), device.sealedName)
    }
  },
  readAnswer({ devices }): readonly OwnDevice[] {
    countAtMost(devices.length, DEVICES_MAX, "devices")
    return Array.from({ length: devices.length }, (_, index) => {
      const { deviceKey: key, status, createdAt, sealedName, version } = devices.get(index)
      checkPartVersion(version)
      const known = STATUSES[status - 1]
      if (known === undefined) throw malformed(`device status ${status}`)
      const name = bytesFrom(sealedName)
      atMost(name, SEALED_NAME_BYTES_MAX, "device name")
      const created = safeNumber(createdAt, "time of a device")
      return { deviceKey: deviceKey(bytesFrom(key)), status: known, createdAt: created, sealedName: name }
    })
  },
})

export const revokeDeviceCodec = methodCodec(NODE_METHODS[31], {
  check: ({ deviceList }: DeviceRevocation) => atMost(deviceList, DEVICE_LIST_BYTES_MAX, "device list"),
  requestBytes: ({ deviceKey: key, deviceList, deviceListSignature }) => roomFor(key, deviceList, deviceListSignature),
  writeRequest(params, revocation) {
    put((length) => params._initDeviceKey(length), revocation.deviceKey)
    put((length) => params._initDeviceList(length), revocation.deviceList)
    put((length) => params._initDeviceListSignature(length), revocation.deviceListSignature)
  },
  readRequest: (params) => ({
    deviceKey: deviceKey(bytesFrom(params.deviceKey)),
    deviceList: bytesFrom(params.deviceList),
    deviceListSignature: exactBytes(params.deviceListSignature, SIGNATURE_BYTES, "device list signature"),
  }),
  ...noAnswer,
})

export const fetchAccountKeyCodec = methodCodec(NODE_METHODS[32], {
  ...nothing,
  answerBytes: ({ sealedAccountKey, account }: KeptAccountKey) => roomFor(sealedAccountKey) + recordBytes(account),
  writeAnswer(results, kept) {
    put((length) => results._initSealedAccountKey(length), kept.sealedAccountKey)
    writeRecord(results._initAccount(), kept.account)
  },
  readAnswer(results) {
    const sealedAccountKey = bytesFrom(results.sealedAccountKey)
    atMost(sealedAccountKey, OPEN_FIELD_BYTES_MAX, "sealed account key")
    return { sealedAccountKey, account: readRecord(results.account) }
  },
})

export const pairingCodec = methodCodec(NODE_METHODS[33], {
  check: ({ answer }: PairingPlace) => atMost(answer, PAIRING_BYTES_MAX, "answer"),
  requestBytes: ({ pairingId, answer }) => roomFor(pairingId, answer),
  writeRequest(params, place) {
    put((length) => params._initPairingId(length), place.pairingId)
    put((length) => params._initAnswer(length), place.answer)
  },
  readRequest: (params) => ({
    pairingId: exactBytes(params.pairingId, PAIRING_ID_BYTES, "pairing id"),
    answer: bytesFrom(params.answer),
  }),
  answerBytes: ({ request }: PairingState) => roomFor(request),
  writeAnswer(results, { request, expires }) {
    put((length) => results._initRequest(length), request)
    results.expires = BigInt(expires)
  },
  readAnswer(results) {
    const request = bytesFrom(results.request)
    atMost(request, PAIRING_BYTES_MAX, "request")
    return { request, expires: safeNumber(results.expires, "expiry") }
  },
})

export const askPairingCodec = methodCodec(NODE_METHODS[34], {
  check: ({ request }: PairingRequest) => atMost(request, PAIRING_BYTES_MAX, "request"),
  requestBytes: ({ pairingId, request }) => roomFor(pairingId, request),
  writeRequest(params, asked) {
    put((length) => params._initPairingId(length), asked.pairingId)
    put((length) => params._initRequest(length), asked.request)
  },
  readRequest: (params) => ({
    pairingId: exactBytes(params.pairingId, PAIRING_ID_BYTES, "pairing id"),
    request: bytesFrom(params.request),
  }),
  answerBytes: (answer: Uint8Array) => roomFor(answer),
  writeAnswer: (results, answer) => put((length) => results._initAnswer(length), answer),
  readAnswer(results) {
    const answer = bytesFrom(results.answer)
    atMost(answer, PAIRING_BYTES_MAX, "answer")
    return answer
  },
})

export interface DeviceNaming {
  readonly deviceKey: DeviceKey
  readonly sealedName: Uint8Array
}

export const nameDeviceCodec = methodCodec(NODE_METHODS[35], {
  check: ({ sealedName }: DeviceNaming) => atMost(sealedName, SEALED_NAME_BYTES_MAX, "device name"),
  requestBytes: ({ deviceKey: key, sealedName }) => roomFor(key, sealedName),
  writeRequest(params, naming) {
    put((length) => params._initDeviceKey(length), naming.deviceKey)
    put((length) => params._initSealedName(length), naming.sealedName)
  },
  readRequest: (params) => ({
    deviceKey: deviceKey(bytesFrom(params.deviceKey)),
    sealedName: bytesFrom(params.sealedName),
  }),
  ...noAnswer,
})
