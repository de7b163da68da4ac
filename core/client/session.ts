/** A logged-in account at work: assembles the rooms, and is the one door that the faces knock on. */
import { hex } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import type { Suite } from "../domain/suite.ts"
import { userName } from "../domain/user-name.ts"
import type { ServerVersions } from "../domain/versions.ts"
import type {
  AccountView,
  ChangeView,
  Client,
  ClientEvent,
  GroupView,
  KeyPackageView,
  LinkView,
  MemberView,
  UserView,
} from "./client-api.ts"
import type { GroupHealth } from "./group-health.ts"
import type { EpochWordsView, VerificationView } from "./verification-view.ts"
import type { Attachments } from "./attachments.ts"
import { block, unblock } from "./blocking.ts"
import { isUnwanted } from "./blocks.ts"
import { letGo } from "./commits.ts"
import { ConversationDoor } from "./conversation-door.ts"
import { assembled } from "./session-assembly.ts"
import type { SessionParts } from "./session-assembly.ts"
import type { Elsewhere } from "./elsewhere.ts"
import { fetchKey } from "./fetch-key.ts"
import { fingerprintText } from "./fingerprint.ts"
import type { GroupLife } from "./group-life.ts"
import { groupOf, takeDown } from "./group-shelf.ts"
import { isBehindTheScenes } from "./heirs.ts"
import { refill } from "./key-package-pool.ts"
import type { Passing } from "./passing.ts"
import { userView } from "./user-view.ts"
import type { Presence } from "./presence.ts"

import type { Rooms } from "./session-parts.ts"
import { forgetTokens } from "./tokens.ts"
import type { Verification } from "./verification.ts"
import { waitingCount } from "./waiting-row.ts"
import { groupHealths, groupView, memberViews } from "./views.ts"

export class ClientSession extends ConversationDoor implements Client {
  readonly #rooms: Rooms
  readonly #server: string
  readonly #stop: AbortController
  readonly #presence: Presence
  readonly #life: GroupLife
  readonly #verification: Verification
  readonly #attachments: Attachments
  readonly #passing: Passing
  readonly #elsewhere: Elsewhere
  #closing: Promise<void> | undefined

  constructor(parts: SessionParts) {
    const all = assembled(parts)
    super(all)
    this.#server = parts.server
    this.#rooms = all.rooms
    this.#stop = all.stop
    this.#presence = all.presence
    this.#life = all.life
    this.#verification = all.verification
    this.#attachments = all.attachments
    this.#passing = all.passing
    this.#elsewhere = all.elsewhere
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

  async serverVersions(): Promise<ServerVersions> {
    const { software, wireVersion, authVersion } = await this.#presence.use((node) => node.health())
    return { software, wireVersion, authVersion }
  }

  async groups(): Promise<readonly GroupView[]> {
    this.#passing.sweep()
    const groups = this.#rooms.store
      .groups()
      .filter((row) => !isBehindTheScenes(this.#rooms, row) && !isUnwanted(this.#rooms.store, row))
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

  async queued(): Promise<number> {
    return waitingCount(this.#rooms.store)
  }

  async sync(timeoutMs: number): Promise<void> {
    await this.#presence.sync(timeoutMs)
    if (this.#presence.isFollowing) return
    if (await this.#attachments.uploadAside(timeoutMs)) await this.#presence.sync(timeoutMs)
    await this.#passing.tellReceipts((step) => this.#presence.use(step))
  }

  async checkGroups(timeoutMs: number): Promise<readonly GroupHealth[]> {
    await this.#presence.check(timeoutMs)
    return groupHealths(this.#rooms)
  }

  async follow(): Promise<void> {
    this.#presence.follow()
    this.#attachments.follow()
    this.#elsewhere.follow()
  }

  block(name: string): Promise<void> {
    return block(this.#rooms, this.#presence, name)
  }

  async unblock(name: string): Promise<void> {
    unblock(this.#rooms, name)
  }

  async blocked(): Promise<readonly string[]> {
    return this.#rooms.store.blocks().map(({ name }) => name)
  }

  async lookUp(name: string): Promise<UserView> {
    return userView(this.#rooms, this.#presence, name, await this.groups())
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

  async logoutEverywhere(keepThis: boolean): Promise<number> {
    const ended = await this.#presence.use((node) => node.logoutEverywhere(keepThis))
    if (!keepThis) this.#rooms.store.write(forgetTokens)
    return ended
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
    await Promise.all([this.#presence.ended(), this.#attachments.ended(), this.#passing.ended()])
    // A step that was begun ends first: no mark of ours may make the next process wait.
    await this.#rooms.inTurn("pump", () => Promise.resolve())
    letGo(this.#rooms)
    this.#rooms.store.close()
  }
}
