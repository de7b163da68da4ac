/** Builds the rooms of a session, each from those before it. */
import type { NodeService } from "../contract/node-service.ts"
import { QpqError } from "../domain/errors.ts"
import type { BlobId } from "../domain/ids.ts"
import type { World } from "../domain/world.ts"
import type { GroupEngine } from "../mls/group-engine.ts"
import type { ClientStore } from "../store/client-store.ts"
import { Attachments } from "./attachments.ts"
import type { ClientEvent, LineName, LinkView } from "./client-api.ts"
import { isSkewed, skewText } from "./clock-skew.ts"
import { Elsewhere } from "./elsewhere.ts"
import { eventStream } from "./event-stream.ts"
import type { EventStream } from "./event-stream.ts"
import { GroupLife } from "./group-life.ts"
import { noEars } from "./heard.ts"
import { History } from "./history.ts"
import type { Identity } from "./identity.ts"
import { SUPPLY } from "./key-package-supply.ts"
import type { SupplyTarget } from "./key-package-supply.ts"
import { ServerLink } from "./link.ts"
import type { Dial } from "./link.ts"
import { NEW_CURSOR } from "./mail-cursor.ts"
import { newOwner } from "./owner.ts"
import { Passing } from "./passing.ts"
import { Presence } from "./presence.ts"
import { pump } from "./pump.ts"
import type { Pump } from "./pump.ts"
import { turnstile } from "./serial.ts"
import { sendAgain } from "./send-again.ts"
import type { Rooms } from "./session-parts.ts"
import { Speech } from "./speech.ts"
import { Verification } from "./verification.ts"

const EVENT_QUEUE_LENGTH_MAX = 1024

export interface SessionParts {
  readonly me: Identity
  /** Address without secrets, for the faces. */
  readonly server: string
  readonly dial: Dial
  readonly engine: GroupEngine
  readonly store: ClientStore
  readonly world: World
  readonly supply?: SupplyTarget | undefined
  /** Of files on their way; undefined: none can be sent or saved. */
  readonly filesFolder?: string | undefined
}

export interface Assembled {
  readonly rooms: Rooms
  /** Ends the session. */
  readonly stop: AbortController
  readonly presence: Presence
  readonly life: GroupLife
  readonly speech: Speech
  readonly sendAgain: (line: LineName) => void
  readonly history: History
  readonly verification: Verification
  readonly attachments: Attachments
  readonly passing: Passing
  readonly elsewhere: Elsewhere
  /** Something waits to be sent or done. */
  readonly nudge: () => void
}

export function assembled(parts: SessionParts): Assembled {
  const rooms = roomsOf(parts)
  const stop = new AbortController()
  const { signal } = stop
  const mail: Pump = pump(rooms, signal)
  const nudge = (): void => {
    mail.nudge()
  }
  const presence = new Presence(rooms, mail, signal)
  const ways = { rooms, presence, signal }
  const attachments = new Attachments({ ...ways, folder: parts.filesFolder, nudge })
  const here = (): NodeService | undefined => mail.here()
  const dropFile = (id: BlobId): void => {
    attachments.forget(id)
  }
  return {
    rooms,
    stop,
    nudge,
    presence,
    life: new GroupLife({ ...ways, pump: mail }),
    speech: new Speech({ rooms, nudge }),
    sendAgain(line) {
      sendAgain({ rooms, nudge }, line)
    },
    history: new History(rooms),
    verification: new Verification(rooms, presence),
    attachments,
    passing: new Passing({ rooms, signal, here, nudge, dropFile }),
    elsewhere: new Elsewhere({ rooms, signal, nudge }),
  }
}

/** A wrong clock is told of once, and again when it was right in between. */
function skewTeller(events: Pick<EventStream<ClientEvent>, "emit">): (aheadMs: number) => void {
  let isTold = false
  return (aheadMs) => {
    if (isSkewed(aheadMs) && !isTold) {
      const { code, message } = new QpqError("E090", skewText(aheadMs))
      events.emit({ kind: "trouble", code, message })
    }
    isTold = isSkewed(aheadMs)
  }
}

function roomsOf({ dial, supply = SUPPLY, me, engine, store, world }: SessionParts): Rooms {
  const lagged: ClientEvent = { kind: "lagged" }
  const events = eventStream<ClientEvent>({ queueLengthMax: EVENT_QUEUE_LENGTH_MAX, lagged })
  const owner = newOwner(world.random)
  const tell = (link: LinkView): void => {
    events.emit({ kind: "link", link })
  }
  const compared = skewTeller(events)
  const link = new ServerLink({ store, world, owner, dial, tell, compared, deviceKey: me.deviceKey })
  return {
    me,
    engine,
    store,
    world,
    supply,
    owner,
    events,
    link,
    inTurn: turnstile(),
    shelf: new Map(),
    durable: { cursor: NEW_CURSOR },
    serverEpochs: new Map(),
    winners: new Map(),
    hybridKeys: new Map(),
    forgedKeys: new Set(),
    ownHybridKeys: new Map(),
    ears: noEars(),
  }
}
