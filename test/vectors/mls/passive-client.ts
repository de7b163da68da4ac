/**
 * passive-client-*.json: a client that joins and follows commits. The vectors use PublicMessages, PSKs, trees sent apart
 * and credentials without certificates, all of which the engine refuses: this adapter runs them on provider and library,
 * and joins once more through the engine's own join where there is no PSK.
 */
import assert from "node:assert/strict"
import {
  acceptAll,
  bytesToBase64,
  decodeMlsMessage,
  joinGroup,
  makePskIndex,
  processPrivateMessage,
  processPublicMessage,
} from "ts-mls"
import type { ClientConfig, ClientState, MLSMessage, RatchetTree, Welcome } from "ts-mls"
import { ratchetTreeFromExtension } from "ts-mls/groupInfo.js"
import { makeKeyPackageRef } from "ts-mls/keyPackage.js"
import { decodeRatchetTree } from "ts-mls/ratchetTree.js"
import { decryptGroupInfo, decryptGroupSecrets } from "ts-mls/welcome.js"
import { unhex } from "../../../core/domain/bytes.ts"
import type { KeyPackagePair } from "../../../core/mls/key-package.ts"
import { CLIENT_CONFIG } from "../../../core/mls/ts-mls-terms.ts"
import { NO_PSK_SECRET } from "../../../core/mls/welcome-check.ts"
import { stateFromWelcome } from "../../../core/mls/welcome-join.ts"
import { checkTreeShape } from "../../../core/mls/tree-check.ts"
import { decoded, same, suite } from "./vector.ts"

export interface PassiveClientVector {
  readonly external_psks: readonly { readonly psk_id: string; readonly psk: string }[]
  readonly key_package: string
  readonly signature_priv: string
  readonly encryption_priv: string
  readonly init_priv: string
  readonly welcome: string
  readonly ratchet_tree: string | null
  readonly initial_epoch_authenticator: string
  readonly epochs: readonly {
    readonly proposals: readonly string[]
    readonly commit: string
    readonly epoch_authenticator: string
  }[]
}

const TRUSTING: ClientConfig = { ...CLIENT_CONFIG, authService: { validateCredential: async () => true } }

export async function checkPassiveClient(vector: PassiveClientVector): Promise<void> {
  const psks = Object.fromEntries(vector.external_psks.map((psk) => [bytesToBase64(unhex(psk.psk_id)), unhex(psk.psk)]))
  const welcome = messageOf(vector.welcome)
  assert.ok(welcome.wireformat === "mls_welcome")
  const pair = pairOf(vector)
  const tree = vector.ratchet_tree === null ? undefined : decoded(decodeRatchetTree, vector.ratchet_tree, "tree")
  const { publicPackage, privatePackage } = pair
  const index = makePskIndex(undefined, psks)
  const joined = [welcome.welcome, publicPackage, privatePackage, index, suite, tree, undefined, TRUSTING] as const
  let state = await joinGroup(...joined)
  same(state.keySchedule.epochAuthenticator, vector.initial_epoch_authenticator, "initial authenticator")
  if (vector.external_psks.length === 0) await checkOwnJoin(vector, welcome.welcome, pair, tree)
  for (const epoch of vector.epochs) {
    for (const proposal of epoch.proposals) state = await followed(state, messageOf(proposal), psks)
    state = await followed(state, messageOf(epoch.commit), psks)
    same(state.keySchedule.epochAuthenticator, epoch.epoch_authenticator, "authenticator")
  }
}

async function checkOwnJoin(
  vector: PassiveClientVector,
  welcome: Welcome,
  pair: KeyPackagePair,
  treeApart: RatchetTree | undefined,
): Promise<void> {
  const initKey = await suite.hpke.importPrivateKey(unhex(vector.init_priv))
  const reference = await makeKeyPackageRef(pair.publicPackage, suite.hash)
  const groupSecrets = await decryptGroupSecrets(initKey, reference, welcome, suite.hpke)
  assert.ok(groupSecrets)
  const groupInfo = await decryptGroupInfo(welcome, groupSecrets.joinerSecret, NO_PSK_SECRET, suite)
  assert.ok(groupInfo)
  const tree = ratchetTreeFromExtension(groupInfo) ?? treeApart
  assert.ok(tree)
  checkTreeShape(tree)
  const state = await stateFromWelcome({ pair, suite, groupInfo, groupSecrets, tree })
  same(state.keySchedule.epochAuthenticator, vector.initial_epoch_authenticator, "authenticator of our own join")
}

async function followed(
  state: ClientState,
  message: MLSMessage,
  psks: Readonly<Record<string, Uint8Array>>,
): Promise<ClientState> {
  const index = makePskIndex(state, psks)
  if (message.wireformat === "mls_private_message")
    return (await processPrivateMessage(state, message.privateMessage, index, suite, acceptAll)).newState
  assert.ok(message.wireformat === "mls_public_message")
  return (await processPublicMessage(state, message.publicMessage, index, suite, acceptAll)).newState
}

function pairOf(vector: PassiveClientVector): KeyPackagePair {
  const message = messageOf(vector.key_package)
  assert.ok(message.wireformat === "mls_key_package")
  const privatePackage = {
    initPrivateKey: unhex(vector.init_priv),
    hpkePrivateKey: unhex(vector.encryption_priv),
    signaturePrivateKey: unhex(vector.signature_priv),
  }
  return { publicPackage: message.keyPackage, privatePackage }
}

const messageOf = (text: string): MLSMessage => decoded(decodeMlsMessage, text, "message")
