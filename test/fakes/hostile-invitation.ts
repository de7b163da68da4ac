/** Welcomes whose inside is any bytes at all, sealed to their recipient as an inviter can. */
import type { GroupInfo } from "ts-mls"
import { encryptWithLabel } from "ts-mls/crypto/hpke.js"
import { encodeGroupInfo, extractWelcomeSecret, signGroupInfo } from "ts-mls/groupInfo.js"
import { encodeGroupSecrets } from "ts-mls/groupSecrets.js"
import { makeKeyPackageRef } from "ts-mls/keyPackage.js"
import { encodeRatchetTree } from "ts-mls/ratchetTree.js"
import { welcomeKey, welcomeNonce } from "ts-mls/welcome.js"
import type { Invitation, MlsGroup, OwnKeyPackage } from "../../core/mls/group-engine.ts"
import { decodeKeyPackageExactly } from "../../core/mls/key-package.ts"
import { Snapshot, suiteImplOf } from "../../core/mls/ts-mls-terms.ts"
import { splitWelcome } from "../../core/mls/welcome-check.ts"
import type { Person } from "./mls-people.ts"

const NOTHING = new Uint8Array(0)

export interface Forgery {
  readonly part: string
  readonly corpus: readonly Uint8Array[]
  /** @param bytes stand where the part would. */
  readonly forge: (bytes: Uint8Array) => Promise<Invitation>
}

/** Into the group as it is, by its owner; everything else is in order. */
export async function hostileInvitations(
  group: MlsGroup,
  to: { readonly who: Person; readonly own: OwnKeyPackage },
): Promise<readonly Forgery[]> {
  const state = Snapshot.stateOf(group)
  const suite = suiteImplOf(state)
  const { groupContext, confirmationTag, privatePath, ratchetTree } = state
  const joinerSecret = new Uint8Array(32).fill(7)
  const keyPackage = decodeKeyPackageExactly(to.own.publicBytes)
  const initKey = await suite.hpke.importPublicKey(keyPackage.initKey)
  const newMember = await makeKeyPackageRef(keyPackage, suite.hash)
  const welcomeSecret = await extractWelcomeSecret(joinerSecret, new Uint8Array(32), suite.kdf)
  const [key, nonce] = [await welcomeKey(welcomeSecret, suite), await welcomeNonce(welcomeSecret, suite)]
  const secrets = encodeGroupSecrets({ joinerSecret, pathSecret: undefined, psks: [] })

  async function around(groupInfo: Uint8Array, groupSecrets: Uint8Array): Promise<Invitation> {
    const encryptedGroupInfo = await suite.hpke.encryptAead(key, nonce, undefined, groupInfo)
    const sealed = await encryptWithLabel(initKey, "Welcome", encryptedGroupInfo, groupSecrets, suite.hpke)
    const encryptedGroupSecrets = { kemOutput: sealed.enc, ciphertext: sealed.ct }
    const welcome = { cipherSuite: suite.name, secrets: [{ newMember, encryptedGroupSecrets }], encryptedGroupInfo }
    const parts = splitWelcome(welcome, [to.own])
    return { shared: parts.shared, secrets: parts.perRecipient[0]?.secrets ?? NOTHING, keyPackage: to.own }
  }

  function signed(extensionData: Uint8Array): Promise<GroupInfo> {
    const extensions = [{ extensionType: "ratchet_tree" as const, extensionData }]
    const claim = { groupContext, extensions, confirmationTag, signer: privatePath.leafIndex }
    return signGroupInfo(claim, state.signaturePrivateKey, suite.signature)
  }

  const tree = encodeRatchetTree(ratchetTree)
  const groupInfo = encodeGroupInfo(await signed(tree))
  return [
    {
      part: "ratchet tree",
      corpus: [tree],
      forge: async (bytes) => around(encodeGroupInfo(await signed(bytes)), secrets),
    },
    { part: "GroupInfo", corpus: [groupInfo], forge: (bytes) => around(bytes, secrets) },
    { part: "GroupSecrets", corpus: [secrets], forge: (bytes) => around(groupInfo, bytes) },
  ]
}
