/** The server as the client sees it: both services of the contract, each call sent over an endpoint. */
import type { AccountService } from "../contract/account-service.ts"
import type { Auth } from "../contract/caller.ts"
import type { NodeService } from "../contract/node-service.ts"
import { NODE_INTERFACE_ID, type MethodCodec } from "../wire/method-codec.ts"
import { NODE_CODECS } from "../wire/node-codec.ts"
import type { Endpoint } from "./endpoint.ts"

export interface RemoteNode extends AccountService, NodeService {
  /** The same node; aborting `signal` cancels the calls made through it, here and at the server. */
  withSignal(signal: AbortSignal): RemoteNode
}

/**
 * @param authSource asked anew for each call that needs it; `undefined` makes such a call fail with E001 unsent.
 * Calls reject with the server's error, what the request violates (E024, E025, E027, …), E052 or E054 of the endpoint,
 * or the reason of an aborted signal.
 */
export function remoteNode(endpoint: Endpoint, authSource: () => Auth | undefined): RemoteNode {
  return remoteNodeUntil(endpoint, authSource, undefined)
}

function remoteNodeUntil(
  endpoint: Endpoint,
  authSource: () => Auth | undefined,
  signal: AbortSignal | undefined,
): RemoteNode {
  async function ask<Request, Answer>(
    codec: MethodCodec<Request, Answer>,
    request: Request,
    until = signal,
  ): Promise<Answer> {
    const results = await endpoint.call({
      interfaceId: NODE_INTERFACE_ID,
      methodId: codec.ordinal,
      params: codec.encodeRequest(request, authSource()),
      ...(until !== undefined && { signal: until }),
    })
    return codec.decodeAnswer(results)
  }
  return {
    withSignal: (until) => remoteNodeUntil(endpoint, authSource, either(signal, until)),
    health: () => ask(NODE_CODECS.health, undefined),
    ping: () => ask(NODE_CODECS.ping, undefined),
    registerStart: (name, request) => ask(NODE_CODECS.registerStart, { name, request }),
    registerFinish: (registration) => ask(NODE_CODECS.registerFinish, registration),
    loginStart: (name, request) => ask(NODE_CODECS.loginStart, { name, request }),
    loginFinish: (login) => ask(NODE_CODECS.loginFinish, login),
    refreshToken: (request) => ask(NODE_CODECS.refreshToken, request),
    uploadKeyPackage: (upload) => ask(NODE_CODECS.uploadKeyPackage, upload),
    fetchKeyPackage: (identityKey, suite) => ask(NODE_CODECS.fetchKeyPackage, { identityKey, suite }),
    keyPackageSupply: (identityKey) => ask(NODE_CODECS.keyPackageSupply, identityKey),
    uploadHybridKey: (key) => ask(NODE_CODECS.uploadHybridKey, key),
    fetchHybridKeys: (devices) => ask(NODE_CODECS.fetchHybridKeys, devices),
    enqueue: (letter) => ask(NODE_CODECS.enqueue, letter),
    fetch: (request) => ask(NODE_CODECS.fetch, request),
    fetchWait: (fetch, timeoutMs, until) => ask(NODE_CODECS.fetchWait, { fetch, timeoutMs }, either(signal, until)),
    ack: (request) => ask(NODE_CODECS.ack, request),
    enqueueMany: (fanOut) => ask(NODE_CODECS.enqueueMany, fanOut),
    commit: (request) => ask(NODE_CODECS.commit, request),
    createChannel: (peerKey) => ask(NODE_CODECS.createChannel, peerKey),
    uploadBlob: (upload) => ask(NODE_CODECS.uploadBlob, upload),
    downloadBlob: (request) => ask(NODE_CODECS.downloadBlob, request),
    resolveUser: (name) => ask(NODE_CODECS.resolveUser, name),
    resolveUsers: (names) => ask(NODE_CODECS.resolveUsers, names),
    resolveIdentity: (identityKey) => ask(NODE_CODECS.resolveIdentity, identityKey),
    logout: () => ask(NODE_CODECS.logout, undefined),
    logoutEverywhere: (keepThis) => ask(NODE_CODECS.logoutEverywhere, keepThis),
    changePasswordStart: (request) => ask(NODE_CODECS.changePasswordStart, request),
    changePasswordFinish: (change) => ask(NODE_CODECS.changePasswordFinish, change),
    deleteAccount: () => ask(NODE_CODECS.deleteAccount, undefined),
    registerDevice: (device) => ask(NODE_CODECS.registerDevice, device),
    listDevices: () => ask(NODE_CODECS.listDevices, undefined),
    revokeDevice: (revocation) => ask(NODE_CODECS.revokeDevice, revocation),
    fetchAccountKey: () => ask(NODE_CODECS.fetchAccountKey, undefined),
    pairing: (place) => ask(NODE_CODECS.pairing, place),
    askPairing: (request) => ask(NODE_CODECS.askPairing, request),
    nameDevice: (deviceKey, sealedName) => ask(NODE_CODECS.nameDevice, { deviceKey, sealedName }),
  }
}

const either = (first: AbortSignal | undefined, second: AbortSignal): AbortSignal =>
  first === undefined ? second : AbortSignal.any([first, second])
