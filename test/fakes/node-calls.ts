/** Every method of the contract: how it is called with valid arguments, what the service then sees, and what the caller gets. */
import type { RemoteNode } from "../../core/rpc/remote-node.ts"
import {
  BLOB,
  CHANNEL,
  DEVICE,
  FETCHED,
  filled,
  LOGGED_IN,
  OTHER_DEVICE,
  OWN_DEVICES,
  RECORD,
  SESSION,
} from "./fake-services.ts"
import {
  ALICE,
  BLOB_UPLOAD,
  BOB,
  COMMIT,
  FAN_OUT,
  FETCH,
  HYBRID,
  LETTER,
  LOGIN,
  NEW_DEVICE,
  PAIRING_PLACE,
  PAIRING_REQUEST,
  PASSWORD_CHANGE,
  REFRESH,
  REGISTRATION,
  REVOCATION,
  UPLOAD,
} from "./node-requests.ts"

/** Stands for the signal that a handler is given. */
export const ANY_SIGNAL = Symbol("any signal")

const CALLS: Readonly<
  Record<string, readonly [call: (node: RemoteNode) => Promise<unknown>, arguments: unknown[], answer: unknown]>
> = {
  health: [(node) => node.health(), [], { status: "ok", software: "0.1.0 «test»", wireVersion: 1, authVersion: 1 }],
  ping: [(node) => node.ping(), [], 1_700_000_000_003],
  registerStart: [(node) => node.registerStart(BOB, filled(32, 1)), [BOB, filled(32, 1)], filled(64, 20)],
  registerFinish: [(node) => node.registerFinish(REGISTRATION), [REGISTRATION], undefined],
  loginStart: [
    (node) => node.loginStart(ALICE, filled(96, 1)),
    [ALICE, filled(96, 1)],
    { response: filled(320, 21), loginId: filled(16, 22) },
  ],
  loginFinish: [(node) => node.loginFinish(LOGIN), [LOGIN], LOGGED_IN],
  refreshToken: [(node) => node.refreshToken(REFRESH), [REFRESH], SESSION],
  uploadKeyPackage: [
    (node) => node.uploadKeyPackage(UPLOAD),
    [UPLOAD],
    { baselineCount: 50, hybridCount: 49, baselineLastResort: true, hybridLastResort: false },
  ],
  fetchKeyPackage: [
    (node) => node.fetchKeyPackage(OTHER_DEVICE, "hybrid"),
    [OTHER_DEVICE, "hybrid"],
    { keyPackage: filled(2676, 23), lastResort: true },
  ],
  keyPackageSupply: [
    (node) => node.keyPackageSupply(OTHER_DEVICE),
    [OTHER_DEVICE],
    { baseline: { kind: "none" }, hybrid: { kind: "single", until: 1_700_000_400_000 } },
  ],
  uploadHybridKey: [(node) => node.uploadHybridKey(HYBRID), [HYBRID], undefined],
  fetchHybridKeys: [
    (node) => node.fetchHybridKeys([DEVICE, OTHER_DEVICE]),
    [[DEVICE, OTHER_DEVICE]],
    [
      { deviceKey: DEVICE, record: filled(1229, 24), signature: filled(64, 25) },
      { deviceKey: OTHER_DEVICE, record: filled(0, 0), signature: filled(0, 0) },
    ],
  ],
  enqueue: [(node) => node.enqueue(LETTER), [LETTER], { seq: 12n, duplicate: true, head: 2n ** 64n - 1n }],
  fetch: [(node) => node.fetch(FETCH), [FETCH], FETCHED],
  fetchWait: [(node) => node.fetchWait(FETCH, 1234, new AbortController().signal), [FETCH, 1234, ANY_SIGNAL], FETCHED],
  ack: [
    (node) => node.ack({ recipientKey: DEVICE, channelId: CHANNEL, allChannels: false, generation: 3n, upTo: 77n }),
    [{ recipientKey: DEVICE, channelId: CHANNEL, allChannels: false, generation: 3n, upTo: 77n }],
    5n,
  ],
  enqueueMany: [
    (node) => node.enqueueMany(FAN_OUT),
    [FAN_OUT],
    {
      results: [
        { code: 0, seq: 1n, duplicate: false },
        { code: 41, seq: 0n, duplicate: true },
      ],
      epoch: 3n,
      head: 8n,
    },
  ],
  commit: [
    (node) => node.commit(COMMIT),
    [COMMIT],
    { accepted: true, epoch: 4n, winner: filled(48, 26), head: 9n, restoreEpoch: 3n },
  ],
  resolveUser: [(node) => node.resolveUser(ALICE), [ALICE], RECORD],
  resolveUsers: [(node) => node.resolveUsers([ALICE, BOB]), [[ALICE, BOB]], [RECORD, undefined]],
  resolveIdentity: [(node) => node.resolveIdentity(DEVICE), [DEVICE], RECORD],
  createChannel: [
    (node) => node.createChannel(RECORD.accountKey),
    [RECORD.accountKey],
    { channelId: CHANNEL, wasNew: true },
  ],
  uploadBlob: [(node) => node.uploadBlob(BLOB_UPLOAD), [BLOB_UPLOAD], 1_048_576],
  downloadBlob: [
    (node) => node.downloadBlob({ blobId: BLOB, offset: 5, limit: 9 }),
    [{ blobId: BLOB, offset: 5, limit: 9 }],
    { chunk: filled(70, 8), size: 4_000_000_000 },
  ],
  logout: [(node) => node.logout(), [], undefined],
  logoutEverywhere: [(node) => node.logoutEverywhere(true), [true], 3],
  changePasswordStart: [(node) => node.changePasswordStart(filled(32, 1)), [filled(32, 1)], filled(64, 52)],
  changePasswordFinish: [(node) => node.changePasswordFinish(PASSWORD_CHANGE), [PASSWORD_CHANGE], undefined],
  deleteAccount: [(node) => node.deleteAccount(), [], undefined],
  registerDevice: [(node) => node.registerDevice(NEW_DEVICE), [NEW_DEVICE], undefined],
  listDevices: [(node) => node.listDevices(), [], OWN_DEVICES],
  revokeDevice: [(node) => node.revokeDevice(REVOCATION), [REVOCATION], undefined],
  fetchAccountKey: [(node) => node.fetchAccountKey(), [], { sealedAccountKey: filled(61, 53), account: RECORD }],
  pairing: [
    (node) => node.pairing(PAIRING_PLACE),
    [PAIRING_PLACE],
    { request: filled(200, 54), expires: 1_700_000_000_006 },
  ],
  askPairing: [(node) => node.askPairing(PAIRING_REQUEST), [PAIRING_REQUEST], filled(300, 55)],
  nameDevice: [(node) => node.nameDevice(OTHER_DEVICE, filled(40, 66)), [OTHER_DEVICE, filled(40, 66)], undefined],
}

/** By the method's name. */
export const NODE_CALLS: ReadonlyMap<string, (typeof CALLS)[string]> = new Map(Object.entries(CALLS))
