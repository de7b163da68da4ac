/** key-schedule.json: every secret of every epoch, the exporter and the external key. */
import { mlsExporter } from "ts-mls"
import { decodeGroupContext } from "ts-mls/groupContext.js"
import { initializeEpoch } from "ts-mls/keySchedule.js"
import { unhex } from "../../../core/domain/bytes.ts"
import { decoded, same, suite } from "./vector.ts"

interface Epoch {
  readonly [name: string]: unknown
  readonly group_context: string
  readonly commit_secret: string
  readonly psk_secret: string
  readonly external_pub: string
  readonly exporter: {
    readonly label: string
    readonly context: string
    readonly length: number
    readonly secret: string
  }
}

export interface KeyScheduleVector {
  readonly initial_init_secret: string
  readonly epochs: readonly Epoch[]
}

export async function checkKeySchedule({ initial_init_secret: initial, epochs }: KeyScheduleVector): Promise<void> {
  let initSecret = unhex(initial)
  for (const epoch of epochs) {
    const context = decoded(decodeGroupContext, epoch.group_context, "group context")
    const [commitSecret, pskSecret] = [unhex(epoch.commit_secret), unhex(epoch.psk_secret)]
    const made = await initializeEpoch(initSecret, commitSecret, context, pskSecret, suite.kdf)
    const { keySchedule } = made
    const secrets: Readonly<Record<string, Uint8Array>> = {
      joiner_secret: made.joinerSecret,
      welcome_secret: made.welcomeSecret,
      encryption_secret: made.encryptionSecret,
      init_secret: keySchedule.initSecret,
      sender_data_secret: keySchedule.senderDataSecret,
      exporter_secret: keySchedule.exporterSecret,
      epoch_authenticator: keySchedule.epochAuthenticator,
      external_secret: keySchedule.externalSecret,
      confirmation_key: keySchedule.confirmationKey,
      membership_key: keySchedule.membershipKey,
      resumption_psk: keySchedule.resumptionPsk,
    }
    for (const [name, secret] of Object.entries(secrets)) same(secret, String(epoch[name]), name)
    const external = await suite.hpke.deriveKeyPair(keySchedule.externalSecret)
    same(await suite.hpke.exportPublicKey(external.publicKey), epoch.external_pub, "external_pub")
    const { label, context: exportContext, length, secret } = epoch.exporter
    const exported = await mlsExporter(keySchedule.exporterSecret, label, unhex(exportContext), length, suite)
    same(exported, secret, "exporter")
    initSecret = keySchedule.initSecret
  }
}
