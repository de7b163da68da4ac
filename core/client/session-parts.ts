/** What the rooms of a session are built from. Nothing global. */
import type { HybridKeyRecord } from "../crypto/device-hybrid-record.ts"
import type { HybridPrivateKey } from "../crypto/hybrid-key.ts"
import type { GroupEngine } from "../mls/group-engine.ts"
import type { DeviceKey } from "../domain/ids.ts"
import type { World } from "../domain/world.ts"
import type { ClientStore } from "../store/client-store.ts"
import type { ClientEvent } from "./client-api.ts"
import type { EventStream } from "./event-stream.ts"
import type { Shelf } from "./group-shelf.ts"
import type { Ears } from "./heard.ts"
import type { Identity } from "./identity.ts"
import type { Link } from "./link.ts"
import type { SupplyTarget } from "./key-package-supply.ts"
import type { MailCursor } from "./mail-cursor.ts"
import type { Turnstile } from "./serial.ts"

export interface Rooms {
  readonly me: Identity
  readonly link: Link
  readonly engine: GroupEngine
  readonly store: ClientStore
  readonly world: World
  readonly supply: SupplyTarget
  readonly events: EventStream<ClientEvent>
  /** Told of what counts for seconds. */
  readonly ears: Ears
  /** Groups decoded before. */
  readonly shelf: Shelf
  /** One step at a time per group, by the hex of its id. */
  readonly inTurn: Turnstile
  /** How far the mailbox is known to be read for good. */
  readonly durable: { cursor: MailCursor }
  /** Epochs that the server was seen to have, by the hex of the group's tag. */
  readonly serverEpochs: Map<string, bigint>
  /** Who was first where a commit of ours was refused, by the hex of the group's id. */
  readonly winners: Map<string, DeviceKey>
  /** Devices' hybrid keys that were valid when asked for, by hex of the device key, and when that was. */
  readonly hybridKeys: Map<string, { readonly record: HybridKeyRecord; readonly since: number }>
  /** Devices for which the server last showed a hybrid key that they did not sign, by hex of the device key. */
  readonly forgedKeys: Set<string>
  /** This device's private envelope keys that were made ready, by hex of their record. Secret. */
  readonly ownHybridKeys: Map<string, HybridPrivateKey>
  /** 16 bytes that name this core (`newOwner`). */
  readonly owner: Uint8Array
}
