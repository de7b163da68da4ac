/** What the screen asks of the core. Each errand ends in wishes; none throws, and nobody waits for one. */
import type { Core, LineName } from "../../core/client/client-api.ts"
import { hasCode, toQpqError } from "../../core/domain/errors.ts"
import { AccountErrands } from "./account-errands.ts"
import { ChoiceErrands } from "./choice-errands.ts"
import { CreateErrands } from "./create-errands.ts"
import { DeviceErrands } from "./device-errands.ts"
import { FileErrands } from "./file-errands.ts"
import type { Folders } from "./file-errands.ts"
import { HistoryErrands } from "./history-errands.ts"
import { PassingErrands } from "./passing-errands.ts"
import { problemText } from "./problem-text.ts"
import { groupAt, groupToOpen, ownLeafTail } from "./selectors.ts"
import type { Deed } from "./screen-state.ts"
import type { ScreenStore } from "./screen-store.ts"
import { UserLookUp } from "./user-look-up.ts"
import { keyChange } from "./verify.ts"
import { VerifyErrands } from "./verify-errands.ts"

/** Looked through for own messages that wait. */
const QUEUE_ROWS = 1000

const DONE: Readonly<Record<Exclude<Deed, "update" | "delete" | "block" | "revoke">, string>> = {
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
  readonly account: AccountErrands
  readonly users: UserLookUp
  readonly choices: ChoiceErrands
  readonly verify: VerifyErrands
  readonly history: HistoryErrands
  readonly making: CreateErrands
  readonly files: FileErrands
  readonly passing: PassingErrands
  readonly devices: DeviceErrands
  readonly #core: Core
  readonly #store: ScreenStore
  readonly #stopLocalServer: StopLocalServer

  constructor(core: Core, store: ScreenStore, ports: ErrandPorts) {
    this.#core = core
    this.#store = store
    this.account = new AccountErrands(core, store)
    this.users = new UserLookUp(core, store)
    this.choices = new ChoiceErrands(core, store)
    this.verify = new VerifyErrands(core, store)
    this.history = new HistoryErrands(core, store)
    this.making = new CreateErrands(core, store, this.history)
    this.files = new FileErrands(core, store, ports.folders)
    this.passing = new PassingErrands(core, store)
    this.devices = new DeviceErrands(core, store)
    this.#stopLocalServer = ports.stopLocalServer
  }

  /** Everything the screen shows, from the core's store. */
  reload(): void {
    this.#start(async () => {
      const [memory, link, all, queued, [newest]] = await Promise.all([
        this.#core.remembered(),
        this.#core.link(),
        this.#core.groups(),
        this.#core.queued(),
        this.#core.timeline({ limit: 1 }),
      ])
      const groups = all.filter(({ status }) => status !== "left")
      this.#store.apply({ kind: "loaded", link, groups, queued, newest: newest?.place ?? 0, memory })
      const state = this.#store.getSnapshot()
      const groupId = state.open?.groupId ?? groupToOpen(state)
      if (groupId !== undefined) await this.history.showAgain(groupId)
    })
  }

  /** From now on the core reads mail as it comes. */
  follow(): void {
    this.#start(() => this.#core.follow())
  }

  open(groupId: string): void {
    this.#start(() => this.history.show(groupId))
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
      if (group && group.unread > 0) this.#store.apply({ kind: "group", group: { ...group, unread: 0, mentions: 0 } })
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
        const peer = groupAt(this.#store.getSnapshot(), groupId)?.peer
        if (peer !== undefined && hasCode(thrown, "E082")) this.verify.open(peer)
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

  resend(line: LineName): void {
    this.#start(() => this.#core.resend(line))
  }

  delete(line: LineName): void {
    this.#dialog(async () => {
      await this.#core.delete(line)
      this.#store.apply({ kind: "overlayClosed" })
    })
  }

  /** A name that is already talked to, or waits as an invitation, is gone to. */
  direct(name: string): void {
    this.#dialog(async () => {
      const group = await this.#core.direct(name)
      this.#store.apply({ kind: "overlayClosed" }, { kind: "group", group })
      await this.history.show(group.groupId)
    })
  }

  /** @param compared the safety number that the person compared, if they did. */
  invite(groupId: string, name: string, compared?: string): void {
    this.#dialog(async () => {
      if (compared !== undefined) await this.#core.confirm(name, compared)
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

  block(name: string): void {
    this.#dialog(async () => {
      await this.#core.block(name)
      const text = `${name} is blocked: nothing of theirs comes any more. /unblock ${name} ends that.`
      this.#store.apply({ kind: "overlayClosed" }, { kind: "toasted", text, tone: "good" })
    })
  }

  unblock(name: string): void {
    this.#start(async () => {
      await this.#core.unblock(name)
      this.#store.apply({ kind: "toasted", text: `${name} is heard again.`, tone: "good" })
    })
  }

  /** What was confirmed. */
  carryOut(deed: Exclude<Deed, "delete" | "block" | "revoke">, groupId: string): void {
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
      await this.history.show(groupId)
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

  #start(job: () => Promise<void>): void {
    job().catch((thrown: unknown) => {
      const failure = toQpqError(thrown)
      const { code, message } = failure
      this.#store.apply({ kind: "trouble", code, message }, ...keyChange(failure))
    })
  }

  /** A failure is told inside the dialog. */
  #dialog(job: () => Promise<void>): void {
    this.#store.apply({ kind: "dialogBusy" })
    job().catch((thrown: unknown) => {
      const failure = toQpqError(thrown)
      this.#store.apply({ kind: "dialogFailed", problem: problemText(failure) }, ...keyChange(failure))
    })
  }
}
