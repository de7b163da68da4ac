/** A logged-in account at work: assembles the rooms, and is the one door that the faces knock on. */
import { safetyNumber } from "../crypto/safety-number.ts"
import { hex } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import type { Suite } from "../domain/suite.ts"
import { userName } from "../domain/user-name.ts"
import type { World } from "../domain/world.ts"
import type { GroupEngine } from "../mls/group-engine.ts"
import type { ClientStore } from "../store/client-store.ts"
import type {
  AccountView,
  ChangeView,
  Client,
  ClientEvent,
  EpochWordsView,
  GroupHealth,
  GroupView,
  KeyPackageView,
  LineName,
  LinkView,
  MemberView,
  PageRequest,
  SaveTarget,
  TimelineView,
  TimelineWindow,
  UserView,
  VerificationView,
} from "./client-api.ts"
import { choose } from "./choices.ts"
import { Attachments } from "./attachments.ts"
import { letGo } from "./commits.ts"
import { eventStream } from "./event-stream.ts"
import { fetchKey } from "./fetch-key.ts"
import { fingerprintText } from "./fingerprint.ts"
import { GroupLife } from "./group-life.ts"
import { groupOf, takeDown } from "./group-shelf.ts"
import { History } from "./history.ts"
import { isBehindTheScenes } from "./heirs.ts"
import type { Identity } from "./identity.ts"
import { refill } from "./key-package-pool.ts"
import { SUPPLY } from "./key-package-supply.ts"
import type { SupplyTarget } from "./key-package-supply.ts"
import { ServerLink } from "./link.ts"
import type { Dial } from "./link.ts"
import { NEW_CURSOR } from "./mail-cursor.ts"
import { newOwner } from "./owner.ts"
import { lookUp } from "./people.ts"
import { Presence } from "./presence.ts"
import { pump, type Pump } from "./pump.ts"
import { recvCursor, setRecvCursor } from "./recv-cursor.ts"
import type { SearchRequest } from "./search-request.ts"
import { turnstile } from "./serial.ts"
import type { Rooms } from "./session-parts.ts"
import { Speech } from "./speech.ts"
import { tellOutcome } from "./tell.ts"
import { forgetTokens } from "./tokens.ts"
import { Verification } from "./verification.ts"
import { waitingCount } from "./waiting-row.ts"
import { groupHealths, groupView, memberViews } from "./views.ts"

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

export class ClientSession implements Client {
  readonly #rooms: Rooms
  readonly #server: string
  readonly #pump: Pump
  readonly #stop = new AbortController()
  readonly #presence: Presence
  readonly #life: GroupLife
  readonly #speech: Speech
  readonly #verification: Verification
  readonly #history: History
  readonly #attachments: Attachments
  #closing: Promise<void> | undefined

  constructor({ server, dial, filesFolder: folder, supply = SUPPLY, ...parts }: SessionParts) {
    const lagged: ClientEvent = { kind: "lagged" }
    const events = eventStream<ClientEvent>({ queueLengthMax: EVENT_QUEUE_LENGTH_MAX, lagged })
    const owner = newOwner(parts.world.random)
    const tell = (link: LinkView): void => {
      events.emit({ kind: "link", link })
    }
    const link = new ServerLink({ ...parts, owner, dial, tell, deviceKey: parts.me.deviceKey })
    this.#rooms = {
      ...parts,
      supply,
      owner,
      events,
      link,
      inTurn: turnstile(),
      shelf: new Map(),
      durable: { cursor: NEW_CURSOR },
      serverEpochs: new Map(),
      committed: new Set(),
      winners: new Map(),
      hybridKeys: new Map(),
      ownHybridKeys: new Map(),
    }
    this.#server = server
    this.#pump = pump(this.#rooms, this.#stop.signal)
    const nudge = (): void => this.#pump.nudge()
    this.#speech = new Speech({ rooms: this.#rooms, nudge })
    this.#history = new History(this.#rooms)
    this.#presence = new Presence(this.#rooms, this.#pump, this.#stop.signal)
    this.#verification = new Verification(this.#rooms, this.#presence)
    const ways = { rooms: this.#rooms, presence: this.#presence, signal: this.#stop.signal }
    this.#attachments = new Attachments({ ...ways, folder, nudge })
    this.#life = new GroupLife({ ...ways, pump: this.#pump })
  }

  async whoami(): Promise<AccountView> {
    const { name, accountKey, deviceKey } = this.#rooms.me
    const fingerprint = fingerprintText(accountKey)
    return { name, accountKey: hex(accountKey), deviceKey: hex(deviceKey), server: this.#server, fingerprint }
  }

  async link(): Promise<LinkView> {
    return this.#rooms.link.view
  }

  async ping(): Promise<number> {
    const { clock } = this.#rooms.world
    let before = 0
    await this.#presence.use((node) => {
      before = clock.monotonic()
      return node.ping()
    })
    const roundTripMs = clock.monotonic() - before
    this.#rooms.link.measured(roundTripMs)
    return roundTripMs
  }

  async groups(): Promise<readonly GroupView[]> {
    const groups = this.#rooms.store.groups().filter((row) => !isBehindTheScenes(this.#rooms, row))
    return groups.map((row) => groupView(this.#rooms, row, takeDown(this.#rooms, row.id).group))
  }

  createGroup(name: string, suite: Suite): Promise<GroupView> {
    return this.#life.create(name, suite)
  }

  direct(name: string): Promise<GroupView> {
    return this.#life.direct(name)
  }

  invite(id: string, names: readonly string[]): Promise<ChangeView> {
    return this.#life.invite(id, names)
  }

  remove(id: string, name: string): Promise<ChangeView> {
    return this.#life.remove(id, name)
  }

  update(id: string): Promise<ChangeView> {
    return this.#life.update(id)
  }

  leave(id: string): Promise<void> {
    return this.#life.leave(id)
  }

  accept(id: string): Promise<GroupView> {
    return this.#life.accept(id)
  }

  async members(id: string): Promise<readonly MemberView[]> {
    return memberViews(this.#rooms, takeDown(this.#rooms, groupOf(this.#rooms.store, id).id).group)
  }

  async send(id: string, text: string, replyTo?: LineName): Promise<string> {
    return this.#speech.send(id, text, replyTo)
  }

  async react(line: LineName, emoji: string): Promise<void> {
    this.#speech.react(line, emoji)
  }

  async edit(line: LineName, text: string): Promise<void> {
    this.#speech.edit(line, text)
  }

  async delete(line: LineName): Promise<void> {
    if (!(await this.#attachments.unsend(line))) this.#speech.delete(line)
  }

  async sendFile(id: string, path: string): Promise<string> {
    return this.#attachments.send(id, path)
  }

  async uploadFiles(quietMs: number): Promise<void> {
    await this.#attachments.upload(quietMs)
  }

  async saveFile(line: LineName, target: SaveTarget): Promise<string> {
    return this.#attachments.save(line, target)
  }

  async stopSaving(line: LineName): Promise<void> {
    this.#attachments.cancel(line)
  }

  async find(id: string, idStart: string): Promise<TimelineView> {
    return this.#speech.find(id, idStart)
  }

  timeline(page: PageRequest): Promise<readonly TimelineView[]> {
    return this.#history.timeline(page)
  }

  search(request: SearchRequest): Promise<readonly TimelineView[]> {
    return this.#history.search(request)
  }

  linesAround(id: string, place: number, limit: number): Promise<TimelineWindow> {
    return this.#history.linesAround(id, place, limit)
  }

  lineAt(id: string, at: number): Promise<number | undefined> {
    return this.#history.lineAt(id, at)
  }

  firstUnread(id: string): Promise<number | undefined> {
    return this.#history.firstUnread(id)
  }

  async markRead(id: string, place: number): Promise<void> {
    const group = groupOf(this.#rooms.store, id)
    this.#rooms.store.write((tx) => {
      tx.markRead(group.id, place)
    })
    tellOutcome(this.#rooms, { group: group.id })
  }

  async setNotify(id: string, notify: GroupView["notify"]): Promise<void> {
    tellOutcome(this.#rooms, { group: choose(this.#rooms.store, id, { notify }) })
  }

  async saveDraft(id: string, draft: string): Promise<void> {
    tellOutcome(this.#rooms, { group: choose(this.#rooms.store, id, { draft }) })
  }

  async recvCursor(id: string): Promise<number> {
    return recvCursor(this.#rooms.store, groupOf(this.#rooms.store, id).id)
  }

  async moveRecvCursor(id: string, place: number): Promise<void> {
    const { id: group } = groupOf(this.#rooms.store, id)
    this.#rooms.store.write((tx) => {
      setRecvCursor(tx, group, place)
    })
  }

  async queued(): Promise<number> {
    return waitingCount(this.#rooms.store)
  }

  async sync(timeoutMs: number): Promise<void> {
    await this.#presence.sync(timeoutMs)
    if (this.#presence.isFollowing || !(await this.#attachments.uploadAside(timeoutMs))) return
    await this.#presence.sync(timeoutMs)
  }

  async checkGroups(timeoutMs: number): Promise<readonly GroupHealth[]> {
    await this.#presence.check(timeoutMs)
    return groupHealths(this.#rooms)
  }

  async follow(): Promise<void> {
    this.#presence.follow()
    this.#attachments.follow()
  }

  async lookUp(name: string): Promise<UserView> {
    const user = userName(name)
    const { contact, firstContact } = await this.#presence.use((node) => lookUp(this.#rooms, node, user))
    const { accountKey, verified } = contact
    const number = safetyNumber(this.#rooms.me.accountKey, accountKey)
    const key = { accountKey: hex(accountKey), fingerprint: fingerprintText(accountKey), number }
    return { name, ...key, verified, firstContact }
  }

  verification(name: string): Promise<VerificationView> {
    return this.#verification.show(name)
  }

  async confirm(name: string, number: string): Promise<VerificationView> {
    return this.#verification.confirm(name, number)
  }

  async denyNumber(name: string): Promise<VerificationView> {
    return this.#verification.deny(name)
  }

  async trustUnchecked(name: string, shown?: string): Promise<VerificationView> {
    return this.#verification.trustUnchecked(name, shown)
  }

  async epochWords(id: string): Promise<EpochWordsView> {
    return this.#verification.words(id)
  }

  async fetchKey(name: string, suite: Suite): Promise<KeyPackageView> {
    const user = userName(name)
    return this.#presence.use((node) => fetchKey(this.#rooms, node, { name: user, suite }))
  }

  async refreshKeyPackages(): Promise<number> {
    return (await this.#presence.use((node) => refill(this.#rooms, node, true))).hybridCount
  }

  async logout(): Promise<void> {
    await this.#presence.use((node) => node.logout())
    this.#rooms.store.write(forgetTokens)
  }

  events(signal: AbortSignal): AsyncIterable<ClientEvent> {
    return this.#rooms.events.follow(AbortSignal.any([signal, this.#stop.signal]))
  }

  /** Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    this.#stop.abort(new QpqError("E076"))
    await Promise.all([this.#presence.ended(), this.#attachments.ended()])
    // A step that was begun ends first: no mark of ours may make the next process wait.
    await this.#rooms.inTurn("pump", () => Promise.resolve())
    letGo(this.#rooms)
    this.#rooms.store.close()
  }
}
