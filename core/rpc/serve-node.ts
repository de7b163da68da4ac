/** The contract as an endpoint serves it: checked frames in, typed values to the services, typed answers out. */
import type { AccountService } from "../contract/account-service.ts"
import type { Auth } from "../contract/caller.ts"
import type { NodeService } from "../contract/node-service.ts"
import type { OwnAccount } from "../contract/own-account.ts"
import { type ErrorCode, QpqError, toQpqError } from "../domain/errors.ts"
import { oneAfterAnother } from "../domain/in-turn.ts"
import type { Clock } from "../domain/world.ts"
import { NODE_INTERFACE_ID, type MethodCodec } from "../wire/method-codec.ts"
import { NODE_CODECS, type NodeMethod } from "../wire/node-codec.ts"
import type { CallContext, ServedInterface, ServedMethod } from "./answers.ts"
import { ImplicitAcks } from "./implicit-ack.ts"

/** What one connection is served with; made anew for each, so that it may know the peer. */
export interface ServedNode {
  readonly account: AccountService
  /** Turns a token into the services of its caller. @throws E002, E005, E006, E050, … */
  readonly authenticate: (auth: Auth) => Promise<NodeService>
  /** Told of every call when it has ended. Must not throw. */
  readonly onCall?: (call: EndedCall) => void
  readonly clock: Clock
}

export interface EndedCall {
  readonly method: NodeMethod
  readonly outcome: "ok" | ErrorCode
  /** How long it took, in milliseconds. */
  readonly ms: number
  /** Its name in the logs of both ends. */
  readonly request: string
  /** What it failed with; for the log of an E099 only. */
  readonly thrown?: unknown
}

/** The interface for one connection's endpoint. */
export function serveNode(served: ServedNode): ServedInterface {
  const methods: ServedMethod[] = []
  const tables = { ...accountMethods(served.account), ...nodeMethods(served) }
  for (const name of Object.keys(tables) as NodeMethod[])
    methods[NODE_CODECS[name].ordinal] = timed(served, name, tables[name])
  return { interfaceId: NODE_INTERFACE_ID, methods }
}

type AccountMethod =
  "health" | "ping" | "registerStart" | "registerFinish" | "loginStart" | "loginFinish" | "refreshToken" | "askPairing"

function accountMethods(account: AccountService): Record<AccountMethod, ServedMethod> {
  return {
    health: open(NODE_CODECS.health, () => account.health()),
    ping: open(NODE_CODECS.ping, () => account.ping()),
    registerStart: open(NODE_CODECS.registerStart, ({ name, request }) => account.registerStart(name, request)),
    registerFinish: open(NODE_CODECS.registerFinish, (registration) => account.registerFinish(registration)),
    loginStart: open(NODE_CODECS.loginStart, ({ name, request }) => account.loginStart(name, request)),
    loginFinish: open(NODE_CODECS.loginFinish, (login) => account.loginFinish(login)),
    refreshToken: open(NODE_CODECS.refreshToken, (request) => account.refreshToken(request)),
    askPairing: open(NODE_CODECS.askPairing, (request) => account.askPairing(request)),
  }
}

function nodeMethods(served: ServedNode): Record<Exclude<NodeMethod, AccountMethod>, ServedMethod> {
  const acks = new ImplicitAcks()
  // Answers of megabytes: one is made at a time, when the caller has taken the one before.
  const inTurn = oneAfterAnother()
  const method = <Request, Answer>(
    codec: MethodCodec<Request, Answer>,
    handle: Handler<Request, Answer>,
  ): ServedMethod => authenticated(served, codec, handle)
  return {
    uploadKeyPackage: method(NODE_CODECS.uploadKeyPackage, (node, upload) => node.uploadKeyPackage(upload)),
    fetchKeyPackage: method(NODE_CODECS.fetchKeyPackage, (node, { identityKey, suite }) =>
      node.fetchKeyPackage(identityKey, suite),
    ),
    keyPackageSupply: method(NODE_CODECS.keyPackageSupply, (node, device) => node.keyPackageSupply(device)),
    enqueue: method(NODE_CODECS.enqueue, (node, letter) => node.enqueue(letter)),
    fetch: method(NODE_CODECS.fetch, async (node, request, context) => {
      const answer = await inTurn(async () => {
        await context.room()
        await acks.beforeFetch(node, request)
        return node.fetch(request)
      })
      context.onReceived(acks.receiptOf(request, answer))
      return answer
    }),
    fetchWait: method(NODE_CODECS.fetchWait, async (node, { fetch, timeoutMs }, context) => {
      await acks.beforeFetch(node, fetch)
      const answer = await node.fetchWait(fetch, timeoutMs, context.signal)
      context.onReceived(acks.receiptOf(fetch, answer))
      return answer
    }),
    uploadHybridKey: method(NODE_CODECS.uploadHybridKey, (node, key) => node.uploadHybridKey(key)),
    fetchHybridKeys: method(NODE_CODECS.fetchHybridKeys, (node, devices) => node.fetchHybridKeys(devices)),
    ...ownAccountMethods(served),
    resolveUser: method(NODE_CODECS.resolveUser, (node, name) => node.resolveUser(name)),
    resolveUsers: method(NODE_CODECS.resolveUsers, (node, names) => node.resolveUsers(names)),
    resolveIdentity: method(NODE_CODECS.resolveIdentity, (node, identityKey) => node.resolveIdentity(identityKey)),
    ack: method(NODE_CODECS.ack, (node, request) => node.ack(request)),
    enqueueMany: method(NODE_CODECS.enqueueMany, (node, fanOut) => node.enqueueMany(fanOut)),
    commit: method(NODE_CODECS.commit, (node, request) => node.commit(request)),
    createChannel: method(NODE_CODECS.createChannel, (node, peerKey) => node.createChannel(peerKey)),
    uploadBlob: method(NODE_CODECS.uploadBlob, (node, upload) => node.uploadBlob(upload)),
    downloadBlob: method(NODE_CODECS.downloadBlob, (node, request, context) =>
      inTurn(async () => {
        await context.room()
        return node.downloadBlob(request)
      }),
    ),
  }
}

type OwnAccountMethod = "logout" | Exclude<keyof OwnAccount, AccountMethod>

function ownAccountMethods(served: ServedNode): Record<OwnAccountMethod, ServedMethod> {
  const method = <Request, Answer>(
    codec: MethodCodec<Request, Answer>,
    handle: Handler<Request, Answer>,
  ): ServedMethod => authenticated(served, codec, handle)
  return {
    logout: method(NODE_CODECS.logout, (node) => node.logout()),
    logoutEverywhere: method(NODE_CODECS.logoutEverywhere, (node, keepThis) => node.logoutEverywhere(keepThis)),
    changePasswordStart: method(NODE_CODECS.changePasswordStart, (node, request) => node.changePasswordStart(request)),
    changePasswordFinish: method(NODE_CODECS.changePasswordFinish, (node, change) => node.changePasswordFinish(change)),
    deleteAccount: method(NODE_CODECS.deleteAccount, (node) => node.deleteAccount()),
    registerDevice: method(NODE_CODECS.registerDevice, (node, device) => node.registerDevice(device)),
    listDevices: method(NODE_CODECS.listDevices, (node) => node.listDevices()),
    revokeDevice: method(NODE_CODECS.revokeDevice, (node, revocation) => node.revokeDevice(revocation)),
    fetchAccountKey: method(NODE_CODECS.fetchAccountKey, (node) => node.fetchAccountKey()),
    pairing: method(NODE_CODECS.pairing, (node, place) => node.pairing(place)),
    nameDevice: method(NODE_CODECS.nameDevice, (node, { deviceKey, sealedName }) =>
      node.nameDevice(deviceKey, sealedName),
    ),
  }
}

type Handler<Request, Answer> = (node: NodeService, request: Request, context: CallContext) => Promise<Answer>

function open<Request, Answer>(
  codec: MethodCodec<Request, Answer>,
  handle: (request: Request) => Promise<Answer>,
): ServedMethod {
  return async (params) => codec.encodeAnswer(await handle(codec.decodeRequest(params).request))
}

function authenticated<Request, Answer>(
  served: ServedNode,
  codec: MethodCodec<Request, Answer>,
  handle: Handler<Request, Answer>,
): ServedMethod {
  return async (params, context) => {
    const { request, auth } = codec.decodeRequest(params)
    if (auth === undefined) throw new QpqError("E001")
    const node = await served.authenticate(auth)
    return codec.encodeAnswer(await handle(node, request, context))
  }
}

/** Reports the outcome of each call. */
function timed(served: ServedNode, name: NodeMethod, method: ServedMethod): ServedMethod {
  return async (params, context) => {
    const since = served.clock.monotonic()
    const told = (outcome: "ok" | ErrorCode, thrown?: unknown): void =>
      served.onCall?.({
        method: name,
        outcome,
        ms: served.clock.monotonic() - since,
        request: context.request,
        thrown,
      })
    try {
      const results = await method(params, context)
      told("ok")
      return results
    } catch (thrown) {
      told(toQpqError(thrown).code, thrown)
      throw thrown
    }
  }
}
