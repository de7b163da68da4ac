/** Mail that no honest client writes, for the mailbox of a person. */
import type { HybridKey } from "../../core/contract/node-service.ts"
import { sealSharedBody, sealToDevice, sealToEpoch, sharedPrefix } from "../../core/crypto/envelope.ts"
import type { Recipient } from "../../core/crypto/envelope.ts"
import type { EnvelopeContent } from "../../core/crypto/envelope-content.ts"
import { gcmSeal } from "../../core/crypto/hash.ts"
import { readHybridKeyRecord } from "../../core/crypto/hybrid-key.ts"
import { agreeWith } from "../../core/crypto/hybrid-secret.ts"
import { concat, utf8 } from "../../core/domain/bytes.ts"
import { groupId, messageId, NO_CHANNEL } from "../../core/domain/ids.ts"
import type { DeviceKey } from "../../core/domain/ids.ts"
import { realWorld } from "../../core/domain/world.ts"
import { takeDown } from "../../core/client/group-shelf.ts"
import { encodeNote } from "../../core/client/welcome-note.ts"
import type { Person } from "./person.ts"

export const random = (length: number): Uint8Array => realWorld.random.bytes(length)
const now = (): number => realWorld.clock.now()

/** Lays `payload` into somebody's mailbox as `sender`, the way any account can. */
export async function post(sender: Person, recipientKey: DeviceKey, payload: Uint8Array): Promise<void> {
  const letter = { recipientKey, channelId: NO_CHANNEL, messageId: messageId(random(16)), payload, ttlSecs: 0 }
  await (await sender.node()).enqueue(letter)
}

/** What one needs to seal to a person's device. */
export async function recipientOf(asker: Person, { me }: Person): Promise<Recipient> {
  const [key] = await (await asker.node()).fetchHybridKeys([me.deviceKey])
  const record = readHybridKeyRecord(key as HybridKey, now())
  return { deviceKey: me.deviceKey, record, channelId: NO_CHANNEL }
}

export const toDevice = (recipient: Recipient, content: EnvelopeContent): Uint8Array => sealToDevice(recipient, content)

/** A good 0x01 envelope around any plaintext at all. */
export function aroundAnything({ record, deviceKey }: Recipient, plaintext: Uint8Array): Uint8Array {
  const { agreement, key } = agreeWith(record)
  const [head, nonce] = [concat(Uint8Array.of(1), record.keyId), random(12)]
  return concat(head, agreement, nonce, gcmSeal({ key, nonce, aad: concat(head, deviceKey, NO_CHANNEL) }, plaintext))
}

/** A whole 0x03 payload: a Welcome with `extra` as this recipient's secrets. */
export function welcomeMail(recipient: Recipient, shared: Uint8Array, extra: Uint8Array): Uint8Array {
  const note = encodeNote({ groupName: "trap", inviterName: "mallory" })
  const sealed = sealSharedBody(NO_CHANNEL, { kind: "welcome", shared, note })
  return concat(sharedPrefix(recipient, sealed, extra), sealed.body)
}

/** One MLSMessage of a group that nobody else is in. */
export async function bareMlsMessage({ engine }: Person): Promise<Uint8Array> {
  const alone = await engine.create(groupId(random(32)), "hybrid", now())
  return (await engine.seal(alone, { plaintext: utf8("hello") })).message
}

/** A real Welcome for a real KeyPackage of `victim`, as it would stand in a commit's row. */
export async function realWelcome(inviter: Person, victim: Person): Promise<Uint8Array> {
  const { engine } = inviter
  const { keyPackage } = await (await inviter.node()).fetchKeyPackage(victim.me.deviceKey, "hybrid")
  const alone = await engine.create(groupId(random(32)), "hybrid", now())
  const { welcome } = await engine.stage(alone, { now: now(), add: [keyPackage] })
  const secrets = welcome?.perRecipient[0]?.secrets
  if (!welcome || !secrets) throw new Error("no Welcome in the test")
  return welcomeMail(await recipientOf(inviter, victim), welcome.shared, secrets)
}

/** A member's valid commit in the envelope of the epoch, not sent to anybody. */
export async function unsentCommit(member: Person, hexId: string): Promise<Uint8Array> {
  const { engine, store } = member
  const { group } = takeDown({ store, engine, shelf: new Map() }, member.group(hexId).id)
  const { message } = await engine.stage(group, { now: now() })
  return sealToEpoch(await engine.envelopeKeys(group), NO_CHANNEL, { kind: "messages", messages: [message] })
}
