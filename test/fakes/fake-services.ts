/** Services that remember what they were asked and answer from a script; for codecs and endpoints, not for behaviour. */
import type { AccountService, LoginSession, Session } from "../../core/contract/account-service.ts"
import type { AccountRecord } from "../../core/contract/account-record.ts"
import type { OwnDevice } from "../../core/contract/own-account.ts"
import type { Auth } from "../../core/contract/caller.ts"
import type { FetchAnswer, NodeService } from "../../core/contract/node-service.ts"
import {
  accountKey,
  blobId,
  channelId,
  type ChannelId,
  deviceKey,
  type DeviceKey,
  groupTag,
  messageId,
  type MessageId,
} from "../../core/domain/ids.ts"
import { userName } from "../../core/domain/user-name.ts"

export const filled = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value)

export const DEVICE: DeviceKey = deviceKey(filled(32, 1))
export const OTHER_DEVICE: DeviceKey = deviceKey(filled(32, 2))
export const CHANNEL: ChannelId = channelId(filled(16, 3))
export const MESSAGE: MessageId = messageId(filled(16, 4))
export const BLOB = blobId(filled(16, 24))
export const TAG = groupTag(filled(16, 5))
export const AUTH: Auth = { accessToken: filled(32, 6), deviceId: DEVICE }

export const RECORD: AccountRecord = {
  name: userName("alice"),
  accountKey: accountKey(filled(32, 7)),
  signature: filled(64, 8),
  deviceList: filled(81, 9),
  deviceListSignature: filled(64, 10),
  certificates: [filled(129, 11), filled(129, 12)],
}

export const SESSION: Session = {
  accessToken: filled(32, 13),
  accessExpires: 1_700_000_000_000,
  refreshExpires: 1_800_000_000_000,
}

export const LOGGED_IN: LoginSession = { ...SESSION, listed: true }

export const OWN_DEVICES: readonly OwnDevice[] = [
  { deviceKey: DEVICE, status: "active", createdAt: 1_700_000_000_004, sealedName: filled(40, 51) },
  { deviceKey: OTHER_DEVICE, status: "revoked", createdAt: 1_700_000_000_005, sealedName: filled(0, 0) },
]

export const FETCHED: FetchAnswer = {
  envelopes: [
    {
      seq: 1n,
      position: 7n,
      id: MESSAGE,
      receivedAt: 1_700_000_000_001,
      payload: filled(300, 14),
      channelId: channelId(filled(0, 0)),
    },
    {
      seq: 2n,
      position: 8n,
      id: messageId(filled(16, 15)),
      receivedAt: 1_700_000_000_002,
      payload: filled(0, 0),
      channelId: CHANNEL,
      commit: { groupTag: TAG, epoch: 9n, commitInfo: filled(128, 16) },
    },
  ],
  head: 2n ** 63n,
  expired: 3n,
  generation: 0xffff_ffff_ffff_ffffn,
  more: true,
}

/** One call as a service saw it. */
export interface Seen {
  readonly method: string
  readonly arguments: readonly unknown[]
}

type Script = Partial<Record<keyof NodeService | keyof AccountService, (...given: never[]) => unknown>>

export interface FakeServices {
  readonly seen: Seen[]
  readonly account: AccountService
  readonly node: NodeService
}

/** @param script answers in place of the usual ones. */
export function fakeServices(script: Script = {}): FakeServices {
  const seen: Seen[] = []
  const usual: Record<string, unknown> = {
    health: { status: "ok", software: "0.1.0 «test»", wireVersion: 1, authVersion: 1 },
    ping: 1_700_000_000_003,
    registerStart: filled(64, 20),
    registerFinish: undefined,
    loginStart: { response: filled(320, 21), loginId: filled(16, 22) },
    loginFinish: LOGGED_IN,
    refreshToken: SESSION,
    uploadKeyPackage: { baselineCount: 50, hybridCount: 49, baselineLastResort: true, hybridLastResort: false },
    fetchKeyPackage: { keyPackage: filled(2676, 23), lastResort: true },
    keyPackageSupply: { baseline: { kind: "none" }, hybrid: { kind: "single", until: 1_700_000_400_000 } },
    uploadHybridKey: undefined,
    fetchHybridKeys: [
      { deviceKey: DEVICE, record: filled(1229, 24), signature: filled(64, 25) },
      { deviceKey: OTHER_DEVICE, record: filled(0, 0), signature: filled(0, 0) },
    ],
    enqueue: { seq: 12n, duplicate: true, head: 2n ** 64n - 1n },
    fetch: FETCHED,
    fetchWait: FETCHED,
    ack: 5n,
    enqueueMany: {
      results: [
        { code: 0, seq: 1n, duplicate: false },
        { code: 41, seq: 0n, duplicate: true },
      ],
      epoch: 3n,
      head: 8n,
    },
    commit: { accepted: true, epoch: 4n, winner: filled(48, 26), head: 9n, restoreEpoch: 3n },
    resolveUser: RECORD,
    resolveUsers: [RECORD, undefined],
    resolveIdentity: RECORD,
    createChannel: { channelId: CHANNEL, wasNew: true },
    uploadBlob: 1_048_576,
    downloadBlob: { chunk: filled(70, 8), size: 4_000_000_000 },
    logout: undefined,
    logoutEverywhere: 3,
    changePasswordStart: filled(64, 52),
    changePasswordFinish: undefined,
    deleteAccount: undefined,
    registerDevice: undefined,
    listDevices: OWN_DEVICES,
    revokeDevice: undefined,
    fetchAccountKey: { sealedAccountKey: filled(61, 53), account: RECORD },
    pairing: { request: filled(200, 54), expires: 1_700_000_000_006 },
    askPairing: filled(300, 55),
    nameDevice: undefined,
  }
  const scripted = script as Record<string, ((...given: unknown[]) => unknown) | undefined>
  const service = Object.fromEntries(
    Object.keys(usual).map((method) => [
      method,
      async (...given: unknown[]): Promise<unknown> => {
        seen.push({ method, arguments: given })
        const answer = scripted[method]
        return answer === undefined ? usual[method] : answer(...given)
      },
    ]),
  ) as unknown as NodeService & AccountService
  return { seen, account: service, node: service }
}
