/** What the screen asks of the core. Each errand ends in wishes; none throws, and nobody waits for one. */
import type { Core, LineName } from "../../core/client/client-api.ts"
import { hasCode, toQpqError } from "../../core/domain/errors.ts"
import { FileErrands } from "./file-errands.ts"
import type { Folders } from "./file-errands.ts"
import { keyOf } from "./key-names.ts"
import { problemText } from "./problem-text.ts"
import { groupAt, ownLeafTail } from "./selectors.ts"
import type { Deed } from "./screen-state.ts"
import type { ScreenStore } from "./screen-store.ts"
import { UserLookUp } from "./user-look-up.ts"

/** Rows read at once. */
const PAGE_ROWS = 200
/** Looked through for own messages that wait. */
const QUEUE_ROWS = 1000

const DONE: Readonly<Record<Exclude<Deed, "update" | "delete">, string>> = {
  leave: "You left the group.",
  decline: "The invitation was declined.",
}

/** Resolves when the server has ended; undefined when none ran. */
type StopLocalServer = () => Promise<object | undefined>

export interface ErrandPorts {
  readonly stopLocalServer: StopLocalServer
  readonly folders: Folders
}

export class Errands {
  readonly users: UserLookUp
  readonly files: FileErrands
  readonly #core: Core
  readonly #store: ScreenStore
  readonly #stopLocalServer: StopLocalServer
  /** The group last asked for; answers about others come too late. */
  #wanted: string | undefined
  #readsOlder = false

  constructor(core: Core, store: ScreenStore, ports: ErrandPorts) {
    this.#core = core
    this.#store = store
    this.users = new UserLookUp(core, store)
    this.files = new FileErrands(core, store, ports.folders)
    this.#stopLocalServer = ports.stopLocalServer
  }

  /** Everything the screen shows, from the core's store. */
  reload(): void {
    this.#start(async () => {
      const [link, all, queued] = await Promise.all([this.#core.link(), this.#core.groups(), this.#core.queued()])
      const groups = all.filter(({ status }) => status !== "left")
      this.#store.apply({ kind: "loaded", link, groups, queued })
      const open = this.#store.getSnapshot().open?.groupId
      const first = groups.find(({ status }) => status === "active")?.groupId
      const groupId = open ?? first
      if (groupId !== undefined) await this.#open(groupId)
    })
  }

  /** From now on the core reads mail as it comes. */
  follow(): void {
    this.#start(() => this.#core.follow())
  }

  open(groupId: string): void {
    this.#start(() => this.#open(groupId))
  }

  older(): void {
    const { open } = this.#store.getSnapshot()
    if (!open || open.complete || this.#readsOlder) return
    this.#readsOlder = true
    const { groupId } = open
    const before = open.rows[0]?.place
    this.#start(async () => {
      try {
        const rows = await this.#core.timeline({ groupId, limit: PAGE_ROWS, ...(before !== undefined && { before }) })
        this.#store.apply({ kind: "olderRead", groupId, rows, complete: rows.length < PAGE_ROWS })
      } finally {
        this.#readsOlder = false
      }
    })
  }

  members(groupId: string, epoch: number): void {
    this.#start(async () => {
      const members = await this.#core.members(groupId)
      this.#store.apply({ kind: "membersRead", groupId, epoch, members })
    })
  }

  markRead(groupId: string, place: number): void {
    this.#start(async () => {
      await this.#core.markRead(groupId, place)
      const group = groupAt(this.#store.getSnapshot(), groupId)
      if (group && group.unread > 0) this.#store.apply({ kind: "group", group: { ...group, unread: 0 } })
    })
  }

  /** All that is in them by now. */
  markGroupsRead(groupIds: readonly string[]): void {
    this.#start(async () => {
      for (const groupId of groupIds) {
        const [newest] = await this.#core.timeline({ groupId, limit: 1 })
        if (newest) this.markRead(groupId, newest.place)
      }
    })
  }

  send(groupId: string, text: string, replyTo?: LineName): void {
    this.#store.apply({ kind: "sent", text })
    this.#start(async () => {
      try {
        await this.#core.send(groupId, text, replyTo)
      } catch (thrown) {
        this.#store.apply({ kind: "unsent", groupId, text })
        throw thrown
      }
    })
  }

  edit(line: LineName, text: string): void {
    this.#store.apply({ kind: "sent", text })
    this.#start(() => this.#core.edit(line, text))
  }

  react(line: LineName, emoji: string): void {
    this.#start(() => this.#core.react(line, emoji))
  }

  delete(line: LineName): void {
    this.#dialog(async () => {
      await this.#core.delete(line)
      this.#store.apply({ kind: "overlayClosed" })
    })
  }

  create(name: string): void {
    this.#dialog(async () => {
      const group = await this.#core.createGroup(name, "hybrid")
      this.#store.apply({ kind: "group", group })
      await this.#open(group.groupId)
      this.#store.apply({
        kind: "toasted",
        text: `Only you here. ${keyOf(this.#store.getSnapshot().keys, "group.invite") ?? "/invite"} invites someone.`,
        tone: "good",
      })
    })
  }

  /** A name that is already talked to, or waits as an invitation, is gone to. */
  direct(name: string): void {
    this.#dialog(async () => {
      const group = await this.#core.direct(name)
      this.#store.apply({ kind: "overlayClosed" }, { kind: "group", group })
      await this.#open(group.groupId)
    })
  }

  invite(groupId: string, name: string): void {
    this.#dialog(async () => {
      await this.#core.invite(groupId, [name])
      this.#store.apply({ kind: "overlayClosed" }, { kind: "toasted", text: `${name} was invited.`, tone: "good" })
    })
  }

  remove(groupId: string, name: string): void {
    this.#dialog(async () => {
      await this.#core.remove(groupId, name)
      this.#store.apply({ kind: "overlayClosed" }, { kind: "toasted", text: `${name} was removed.`, tone: "good" })
    })
  }

  /** What was confirmed. */
  carryOut(deed: Exclude<Deed, "delete">, groupId: string): void {
    this.#dialog(async () => {
      const text = deed === "update" ? await this.#update(groupId) : DONE[deed]
      if (deed !== "update") await this.#core.leave(groupId)
      this.#store.apply({ kind: "overlayClosed" }, { kind: "toasted", text, tone: "good" })
    })
  }

  /** @returns what has changed, as others would see it. */
  async #update(groupId: string): Promise<string> {
    const before = ownLeafTail(await this.#core.members(groupId))
    await this.#core.update(groupId)
    const after = ownLeafTail(await this.#core.members(groupId))
    return `Your keys here are fresh: leaf ${before ?? ""} is now ${after ?? ""}.`
  }

  /** Own messages that wait, of all groups: the newest of them. */
  readQueue(): void {
    this.#start(async () => {
      const rows = await this.#core.timeline({ limit: QUEUE_ROWS })
      const { overlay } = this.#store.getSnapshot()
      if (overlay?.kind !== "page" || overlay.page !== "queue") return
      const waiting = rows.filter(({ own, delivery }) => own && delivery === "queued")
      this.#store.apply({ kind: "overlayOpened", overlay: { ...overlay, rows: waiting } })
    })
  }

  accept(groupId: string): void {
    this.#start(async () => {
      const group = await this.#core.accept(groupId)
      this.#store.apply({ kind: "overlayClosed" }, { kind: "group", group })
      await this.#open(groupId)
    })
  }

  stopLocalServer(): void {
    this.#dialog(async () => {
      const text = (await this.#stopLocalServer())
        ? "The server on this computer was stopped. The next start of qpq-tui that uses it starts it again."
        : "No server runs on this computer."
      this.#store.apply({ kind: "overlayClosed" }, { kind: "toasted", text, tone: "said" })
    })
  }

  async #open(groupId: string): Promise<void> {
    this.#wanted = groupId
    const [rows, members] = await Promise.all([
      this.#core.timeline({ groupId, limit: PAGE_ROWS }),
      this.#core.members(groupId),
    ])
    if (this.#wanted !== groupId) return
    this.#store.apply({ kind: "opened", groupId, rows, members, complete: rows.length < PAGE_ROWS })
  }

  #start(job: () => Promise<void>): void {
    job().catch((thrown: unknown) => {
      const { code, message } = toQpqError(thrown)
      this.#store.apply({ kind: "trouble", code, message })
    })
  }

  /** A failure is told inside the dialog. */
  #dialog(job: () => Promise<void>): void {
    this.#store.apply({ kind: "dialogBusy" })
    job().catch((thrown: unknown) => {
      const failure = toQpqError(thrown)
      this.#store.apply({ kind: "dialogFailed", problem: problemText(failure) })
      if (hasCode(failure, "E018")) this.#store.apply({ kind: "trouble", code: "E018", message: failure.message })
    })
  }
}
