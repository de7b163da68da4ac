/** Requests and answers about accounts: registration, login, tokens. */
import type {
  Health,
  LoginFinish,
  LoginSession,
  RefreshRequest,
  Registration,
  Session,
} from "../contract/account-service.ts"
import { deviceKey, KEY_BYTES } from "../domain/ids.ts"
import { TOKEN_BYTES } from "../domain/limits.ts"
import { type UserName, userName } from "../domain/user-name.ts"
import { checkRecord, readRecord, recordBytes, writeRecord } from "./account-record-codec.ts"
import { atMost, bytesFrom, exactBytes, put, roomFor, roomForText, safeNumber } from "./field-codec.ts"
import type {
  NodeService_LoginFinish$Results,
  NodeService_LoginStart$Params,
  NodeService_RefreshToken$Results,
  NodeService_RegisterStart$Params,
} from "./generated/node.ts"
import { methodCodec, NODE_METHODS } from "./method-codec.ts"

/** First step of registration or login. */
export interface OpaqueStart {
  readonly name: UserName
  readonly request: Uint8Array
}

export interface LoginStarted {
  readonly response: Uint8Array
  readonly loginId: Uint8Array
}

/** Message sizes of OPAQUE with ristretto255 and SHA-512 (RFC 9807), as @serenity-kit/opaque makes them. */
export const OPAQUE = {
  registrationRequest: 32,
  registrationResponse: 64,
  registrationRecord: 192,
  loginRequest: 96,
  loginResponse: 320,
  loginFinish: 64,
}
const SIGNATURE_BYTES = 64
/** Invite tokens, login ids and the sealed account key have no fixed length. */
export const OPEN_FIELD_BYTES_MAX = 1024

export const healthCodec = methodCodec(NODE_METHODS[5], {
  requestBytes: () => 0,
  writeRequest: () => undefined,
  readRequest: () => undefined,
  answerBytes: (health: Health) => roomForText(health.status) + roomForText(health.software),
  writeAnswer(results, health) {
    results.status = health.status
    results.software = health.software
    results.wireVersion = health.wireVersion
    results.authVersion = health.authVersion
  },
  readAnswer: ({ status, software, wireVersion, authVersion }) => ({ status, software, wireVersion, authVersion }),
})

export const pingCodec = methodCodec(NODE_METHODS[8], {
  requestBytes: () => 0,
  writeRequest: () => undefined,
  readRequest: () => undefined,
  writeAnswer(results, serverTime: number) {
    results.serverTime = BigInt(Math.floor(serverTime))
  },
  readAnswer: (results) => safeNumber(results.serverTime, "server time"),
})

export const registerStartCodec = methodCodec(NODE_METHODS[9], {
  requestBytes: startBytes,
  writeRequest: writeStart,
  readRequest: (params) => readStart(params, OPAQUE.registrationRequest),
  answerBytes: (response: Uint8Array) => roomFor(response),
  writeAnswer: (results, response) => put((length) => results._initResponse(length), response),
  readAnswer: (results) => exactBytes(results.response, OPAQUE.registrationResponse, "OPAQUE response"),
})

export const registerFinishCodec = methodCodec(NODE_METHODS[10], {
  check({ account, inviteToken, sealedAccountKey }: Registration) {
    checkRecord(account)
    atMost(inviteToken, OPEN_FIELD_BYTES_MAX, "invite token")
    atMost(sealedAccountKey, OPEN_FIELD_BYTES_MAX, "sealed account key")
  },
  requestBytes: ({ record, account, inviteToken, sealedAccountKey }) =>
    recordBytes(account) + roomFor(record, inviteToken, sealedAccountKey),
  writeRequest(params, registration) {
    put((length) => params._initRecord(length), registration.record)
    writeRecord(params._initAccount(), registration.account)
    put((length) => params._initInviteToken(length), registration.inviteToken)
    put((length) => params._initSealedAccountKey(length), registration.sealedAccountKey)
  },
  readRequest: (params) => ({
    record: exactBytes(params.record, OPAQUE.registrationRecord, "OPAQUE record"),
    account: readRecord(params.account),
    inviteToken: bytesFrom(params.inviteToken),
    sealedAccountKey: bytesFrom(params.sealedAccountKey),
  }),
  writeAnswer: () => undefined,
  readAnswer: () => undefined,
})

export const loginStartCodec = methodCodec(NODE_METHODS[11], {
  requestBytes: startBytes,
  writeRequest: writeStart,
  readRequest: (params) => readStart(params, OPAQUE.loginRequest),
  answerBytes: (started: LoginStarted) => roomFor(started.response, started.loginId),
  writeAnswer(results, started) {
    put((length) => results._initResponse(length), started.response)
    put((length) => results._initLoginId(length), started.loginId)
  },
  readAnswer(results) {
    const loginId = bytesFrom(results.loginId)
    atMost(loginId, OPEN_FIELD_BYTES_MAX, "login id")
    return { response: exactBytes(results.response, OPAQUE.loginResponse, "OPAQUE response"), loginId }
  },
})

export const loginFinishCodec = methodCodec(NODE_METHODS[12], {
  check: (login: LoginFinish) => atMost(login.loginId, OPEN_FIELD_BYTES_MAX, "login id"),
  requestBytes: ({ loginId, finish, deviceKey: key, signature, refreshHash }) =>
    roomFor(loginId, finish, key, signature, refreshHash),
  writeRequest(params, login) {
    put((length) => params._initLoginId(length), login.loginId)
    put((length) => params._initFinish(length), login.finish)
    put((length) => params._initDeviceKey(length), login.deviceKey)
    put((length) => params._initSignature(length), login.signature)
    put((length) => params._initRefreshHash(length), login.refreshHash)
  },
  readRequest: (params) => ({
    loginId: bytesFrom(params.loginId),
    finish: exactBytes(params.finish, OPAQUE.loginFinish, "OPAQUE finish"),
    deviceKey: deviceKey(bytesFrom(params.deviceKey)),
    signature: exactBytes(params.signature, SIGNATURE_BYTES, "device signature"),
    refreshHash: exactBytes(params.refreshHash, KEY_BYTES, "refresh hash"),
  }),
  answerBytes: sessionBytes,
  writeAnswer(results, session: LoginSession) {
    writeSession(results, session)
    results.listed = session.listed
  },
  readAnswer: (results) => ({ ...readSession(results), listed: results.listed }),
})

export const refreshTokenCodec = methodCodec(NODE_METHODS[13], {
  requestBytes: (request: RefreshRequest) => roomFor(request.refreshToken, request.nextHash, request.deviceKey),
  writeRequest(params, request) {
    put((length) => params._initRefreshToken(length), request.refreshToken)
    put((length) => params._initNextHash(length), request.nextHash)
    put((length) => params._initDeviceKey(length), request.deviceKey)
  },
  readRequest: (params) => ({
    refreshToken: exactBytes(params.refreshToken, TOKEN_BYTES, "refresh token"),
    nextHash: exactBytes(params.nextHash, KEY_BYTES, "next hash"),
    deviceKey: deviceKey(bytesFrom(params.deviceKey)),
  }),
  answerBytes: sessionBytes,
  writeAnswer: writeSession,
  readAnswer: readSession,
})

export const logoutCodec = methodCodec(NODE_METHODS[14], {
  requestBytes: () => 0,
  writeRequest: () => undefined,
  readRequest: () => undefined,
  writeAnswer: () => undefined,
  readAnswer: () => undefined,
})

type StartParams = NodeService_RegisterStart$Params | NodeService_LoginStart$Params
type SessionResults = NodeService_LoginFinish$Results | NodeService_RefreshToken$Results

function startBytes(start: OpaqueStart): number {
  return roomForText(start.name) + roomFor(start.request)
}

function writeStart(params: StartParams, start: OpaqueStart): void {
  params.name = start.name
  put((length) => params._initRequest(length), start.request)
}

function readStart(params: StartParams, requestBytes: number): OpaqueStart {
  return { name: userName(params.name), request: exactBytes(params.request, requestBytes, "OPAQUE request") }
}

function sessionBytes(session: Session): number {
  return roomFor(session.accessToken)
}

function writeSession(results: SessionResults, session: Session): void {
  put((length) => results._initAccessToken(length), session.accessToken)
  results.accessExpires = BigInt(session.accessExpires)
  results.refreshExpires = BigInt(session.refreshExpires)
}

function readSession(results: SessionResults): Session {
  return {
    accessToken: exactBytes(results.accessToken, TOKEN_BYTES, "access token"),
    accessExpires: safeNumber(results.accessExpires, "expiry"),
    refreshExpires: safeNumber(results.refreshExpires, "expiry"),
  }
}
