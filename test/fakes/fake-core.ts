/** A core without cryptography or network: what a script lets happen, told as the real one would tell it. */
import type {
  AccountView,
  AttachmentView,
  ChangeView,
  Core,
  GroupView,
  KeyPackageView,
  LineName,
  MemberView,
  PageRequest,
  SaveTarget,
  TimelineView,
  TimelineWindow,
  TrustView,
} from "../../core/client/client-api.ts"
import type { EpochWordsView } from "../../core/client/verification-view.ts"
import type { SearchRequest } from "../../core/client/search-request.ts"
import { epochWords } from "../../core/crypto/safety-words.ts"
import { QpqError } from "../../core/domain/errors.ts"
import type { Suite } from "../../core/domain/suite.ts"
import { fakeGroupView, fakeMembers, newFakeGroup, START } from "./fake-group.ts"
import type { FakeGroup } from "./fake-group.ts"
import { FakeAgain } from "./fake-again.ts"
import { type FakeRow, NO_CHANGE } from "./fake-passing.ts"
import { FakeTimeline } from "./fake-timeline.ts"

const MINUTE = 60_000

export class FakeCore extends FakeAgain implements Core {
  readonly #groups = new Map<string, FakeGroup>()
  readonly #lines = new FakeTimeline(
    () => this.name,
    (row) => {
      this.tell({ kind: "timeline", row })
    },
  )
  #now = START

  // --- the script -------------------------------------------------------------------------------------------------

  /** A group that is there; not told. @returns its id. */
  group(name: string, members: readonly string[], options: { epoch?: number; inviter?: string } = {}): string {
    const groupId = (this.#groups.size + 1).toString(16).padStart(64, "0")
    this.#groups.set(groupId, newFakeGroup(name, members, options))
    return groupId
  }

  /** A 1:1 conversation that is there; not told. @returns its id. */
  directWith(peer: string, options: { inviter?: string } = {}): string {
    const groupId = this.group(peer, [this.name, peer], options)
    this.#group(groupId).peer = peer
    return groupId
  }

  /** The other of a 1:1 conversation is not in it, or no longer. */
  alone(groupId: string, epoch: number): void {
    Object.assign(this.#group(groupId), { members: [this.name], epoch })
    this.#tellGroup(groupId)
  }

  /** An invitation comes in. */
  invited(name: string, inviter: string): string {
    const groupId = this.group(name, [this.name, inviter], { inviter })
    this.#tellGroup(groupId)
    return groupId
  }

  /** What is begun there, as far as it was saved. */
  draftIn(groupId: string): string {
    return this.#group(groupId).draft
  }

  /** Somebody takes us out. */
  removedFrom(groupId: string, by: string): void {
    this.#group(groupId).status = "removed"
    this.change(groupId, by, { removed: [this.name] })
  }

  /** A message comes in. @param what how many minutes later, or the file that it carries. */
  says(groupId: string, sender: string, text: string, what: number | AttachmentView = 1): TimelineView {
    this.#now += (typeof what === "number" ? what : 1) * MINUTE
    return this.#row({ groupId, sender, text, kind: "text", attachment: typeof what === "number" ? undefined : what })
  }

  change(
    groupId: string,
    by: string,
    change: Partial<Pick<ChangeView, "added" | "removed" | "updated" | "left">>,
  ): void {
    const group = this.#group(groupId)
    group.epoch += 1
    group.members.push(...(change.added ?? []))
    const whole = {
      ...NO_CHANGE,
      ...change,
      groupId,
      group: group.name,
      epoch: group.epoch,
      by,
    }
    this.#row({ groupId, sender: by, text: "", kind: "change", change: whole })
    this.#tellGroup(groupId)
  }

  #changed(groupId: string, change: Partial<ChangeView>): ChangeView {
    this.change(groupId, this.name, change)
    const row = this.#lines.rows.at(-1)
    if (!row?.change) throw new QpqError("E099")
    return row.change
  }

  // --- the client -------------------------------------------------------------------------------------------------

  async whoami(): Promise<AccountView> {
    return this.account()
  }

  async groups(): Promise<readonly GroupView[]> {
    return [...this.#groups.keys()].map((groupId) => this.#groupView(groupId))
  }

  async createGroup(name: string, suite: Suite): Promise<GroupView> {
    this.calls.push(`create ${name} ${suite}`)
    await this.answer("createGroup")
    const groupId = this.group(name, [this.name], { epoch: 0 })
    this.#tellGroup(groupId)
    return this.#groupView(groupId)
  }

  async direct(name: string): Promise<GroupView> {
    this.calls.push(`direct ${name}`)
    await this.answer("direct")
    if (!this.users.has(name)) throw new QpqError("E015", name)
    const [known] = [...this.#groups].find(([, { peer }]) => peer === name) ?? []
    const groupId = known ?? this.directWith(name)
    this.#group(groupId).status = "active"
    this.#tellGroup(groupId)
    return this.#groupView(groupId)
  }

  async invite(groupId: string, names: readonly string[]): Promise<ChangeView> {
    this.calls.push(`invite ${this.#group(groupId).name} ${names.join(",")}`)
    await this.answer("invite")
    return this.#changed(groupId, { added: names })
  }

  async remove(groupId: string, name: string): Promise<ChangeView> {
    this.calls.push(`remove ${this.#group(groupId).name} ${name}`)
    await this.answer("remove")
    const group = this.#group(groupId)
    group.members.splice(0, group.members.length, ...group.members.filter((member) => member !== name))
    return this.#changed(groupId, { removed: [name] })
  }

  async update(groupId: string): Promise<ChangeView> {
    this.calls.push(`update ${this.#group(groupId).name}`)
    await this.answer("update")
    return this.#changed(groupId, { updated: [this.name] })
  }

  async leave(groupId: string): Promise<void> {
    this.calls.push(`leave ${this.#group(groupId).name}`)
    await this.answer("leave")
    this.#groups.delete(groupId)
    this.tell({ kind: "groupGone", groupId })
  }

  async accept(groupId: string): Promise<GroupView> {
    this.calls.push(`accept ${this.#group(groupId).name}`)
    await this.answer("accept")
    const group = this.#group(groupId)
    group.status = "active"
    this.#tellGroup(groupId)
    return this.#groupView(groupId)
  }

  async members(groupId: string): Promise<readonly MemberView[]> {
    return fakeMembers(this.#group(groupId), this.name, (name) => this.trust.of(name))
  }

  async send(groupId: string, text: string, answered?: LineName): Promise<string> {
    const { name: group, peer } = this.#group(groupId)
    if (peer !== undefined) this.trust.check(peer)
    this.calls.push(`send ${group} ${text}`)
    await this.answer("send")
    this.#now += MINUTE
    const target = answered && this.#lines.line(answered)
    const replyTo = target && { id: target.id, sender: target.sender, text: target.text }
    const row = this.#row({ groupId, sender: this.name, text, kind: "text", replyTo })
    if (this.delivers) this.deliver(row.id)
    return row.id
  }

  readonly sendFile = async (groupId: string, path: string): Promise<string> => {
    this.calls.push(`send file ${path}`)
    await this.answer("sendFile")
    return this.says(groupId, this.name, path, { name: path, size: 3_000_000, mediaType: "text/plain" }).id
  }

  readonly uploadFiles = (): Promise<void> => this.answer("uploadFiles")
  readonly saveFile = async ({ id }: LineName, { path }: SaveTarget): Promise<string> => {
    const saved = `${path}/${this.#lines.line({ id }).attachment?.name ?? ""}`
    this.calls.push(`save ${saved}`)
    await this.answer("saveFile")
    return saved
  }

  readonly stopSaving = async ({ id }: LineName): Promise<void> => void this.calls.push(`stop ${id}`)
  readonly react = async (line: LineName, emoji: string): Promise<void> => this.reacts(this.name, line.id, emoji)
  readonly edit = async (line: LineName, text: string): Promise<void> =>
    this.#lines.change(this.#lines.line(line), { text, edited: true })

  readonly delete = async (line: LineName): Promise<void> =>
    this.#lines.change(this.#lines.line(line), { text: "", deleted: true, reactions: [] })

  readonly find = async (groupId: string, idStart: string): Promise<TimelineView> => this.#lines.find(groupId, idStart)

  /** Somebody's one reaction; empty takes it back. */
  reacts(by: string, id: string, emoji: string): void {
    this.#lines.react(by, id, emoji)
  }

  readonly timeline = async (page: PageRequest): Promise<readonly TimelineView[]> => this.#lines.page(page)

  readonly search = async (request: SearchRequest): Promise<readonly TimelineView[]> => {
    this.calls.push(`search ${request.query}`)
    await this.answer("search")
    return this.#lines.search(request)
  }

  readonly linesAround = async (groupId: string, place: number, limit: number): Promise<TimelineWindow> =>
    this.#lines.around(groupId, place, limit)

  readonly lineAt = async (groupId: string, at: number): Promise<number | undefined> =>
    this.#lines.placeAt(groupId, ({ sentAt }) => sentAt >= at)

  readonly firstUnread = async (groupId: string): Promise<number | undefined> =>
    this.#lines.firstUnread(groupId, this.#group(groupId).readUpTo)

  async markRead(groupId: string, place: number): Promise<void> {
    this.#group(groupId).readUpTo = Math.max(this.#group(groupId).readUpTo, place)
  }

  readonly setNotify = async (id: string, notify: GroupView["notify"]): Promise<void> => this.#choose(id, { notify })
  readonly saveDraft = async (id: string, draft: string): Promise<void> => this.#choose(id, { draft })

  readonly checkGroups = (): Promise<[]> => Promise.resolve([])
  readonly queued = async (): Promise<number> => this.#lines.queued
  readonly sync = (): Promise<void> => this.answer("sync")
  readonly follow = (): Promise<void> => this.answer("follow")
  async epochWords(groupId: string): Promise<EpochWordsView> {
    const { name: group, epoch } = this.#group(groupId)
    return { groupId, group, epoch, words: epochWords(new Uint8Array(32).fill(epoch)) }
  }

  readonly fetchKey = (name: string, suite: Suite): Promise<KeyPackageView> =>
    Promise.resolve({ fingerprint: name, suite, lastResort: false })
  readonly refreshKeyPackages = async (): Promise<number> => 0
  readonly logout = async (): Promise<void> => void this.calls.push("logout")
  readonly logoutEverywhere = async (keepThis: boolean): Promise<number> => {
    this.calls.push(`logoutEverywhere${keepThis ? " but here" : ""}`)
    await this.answer("logoutEverywhere")
    return 2
  }

  readonly close = async (): Promise<void> => void this.calls.push("close")
  // --- within -----------------------------------------------------------------------------------------------------

  protected readonly lines = (): FakeTimeline => this.#lines
  protected readonly groupCalled = (id: string): FakeGroup => this.#group(id)
  protected readonly choose = (id: string, choice: Partial<FakeGroup>): void => this.#choose(id, choice)
  protected readonly row = (part: FakeRow): TimelineView => this.#row(part)

  protected isKnown(name: string): boolean {
    return [...this.#groups.values()].some(({ members }) => members.includes(name))
  }

  #group(groupId: string): FakeGroup {
    const group = this.#groups.get(groupId)
    if (!group) throw new QpqError("E033", groupId)
    return group
  }

  #groupView(groupId: string): GroupView {
    const trust = (name: string): TrustView => this.trust.of(name)
    return fakeGroupView(groupId, this.#group(groupId), { all: this.#lines.rows, trust })
  }

  #choose(groupId: string, choice: Partial<FakeGroup>): void {
    Object.assign(this.#group(groupId), choice)
    this.#tellGroup(groupId)
  }

  #tellGroup(groupId: string): void {
    this.tell({ kind: "group", group: this.#groupView(groupId) })
  }

  #row(part: FakeRow): TimelineView {
    const { name: group, epoch } = this.#group(part.groupId)
    const verified = part.sender === this.name || this.trust.of(part.sender).verified
    const row = this.#lines.add({ ...part, group, epoch, verified, sentAt: this.#now })
    if (row.delivery === "queued") this.tell({ kind: "queue", queued: this.#lines.queued })
    return row
  }
}
