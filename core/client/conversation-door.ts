/** The half of a session that speaks and reads: what is said in conversations, what was, and what the person chose there. */
import { annotationPage } from "./annotation-views.ts"
import type { GroupView, LineName, PageRequest, SaveTarget, TimelineView, TimelineWindow } from "./client-api.ts"
import { choose } from "./choices.ts"
import { DeviceDoor } from "./device-door.ts"
import { remember, remembered } from "./face-memory.ts"
import type { FaceMemory } from "./face-memory.ts"
import { groupOf } from "./group-shelf.ts"
import type { Signal, SignalsView } from "./passing-api.ts"
import type { AnnotationPage, AnnotationRequest } from "./recv-api.ts"
import { recvCursor, setRecvCursor } from "./recv-cursor.ts"
import type { RecvCursor } from "./recv-cursor.ts"
import type { SearchRequest } from "./search-request.ts"
import type { Assembled } from "./session-assembly.ts"
import { tellOutcome } from "./tell.ts"

type Parts = Assembled

export class ConversationDoor extends DeviceDoor {
  readonly #rooms: Parts["rooms"]
  readonly #speech: Parts["speech"]
  readonly #sendAgain: Parts["sendAgain"]
  readonly #history: Parts["history"]
  readonly #attachments: Parts["attachments"]
  readonly #passing: Parts["passing"]

  constructor(parts: Parts) {
    super(parts)
    const { rooms, speech, sendAgain, history, attachments, passing } = parts
    this.#rooms = rooms
    this.#speech = speech
    this.#sendAgain = sendAgain
    this.#history = history
    this.#attachments = attachments
    this.#passing = passing
  }

  /** The past without what has disappeared by now. */
  get #past(): Parts["history"] {
    this.#passing.sweep()
    return this.#history
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

  async resend(line: LineName): Promise<void> {
    this.#passing.sweep()
    this.#sendAgain(line)
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
    this.#passing.sweep()
    return this.#speech.find(id, idStart)
  }

  timeline(page: PageRequest): Promise<readonly TimelineView[]> {
    return this.#past.timeline(page)
  }

  search(request: SearchRequest): Promise<readonly TimelineView[]> {
    return this.#past.search(request)
  }

  linesAround(id: string, place: number, limit: number): Promise<TimelineWindow> {
    return this.#past.linesAround(id, place, limit)
  }

  lineAt(id: string, at: number): Promise<number | undefined> {
    return this.#past.lineAt(id, at)
  }

  firstUnread(id: string): Promise<number | undefined> {
    return this.#past.firstUnread(id)
  }

  async markRead(id: string, place: number): Promise<void> {
    const group = groupOf(this.#rooms.store, id)
    this.#passing.read(group.id, group.readUpTo, place)
    this.#rooms.store.write((tx) => {
      tx.markRead(group.id, place)
    })
    tellOutcome(this.#rooms, { group: group.id })
  }

  signals(): Promise<SignalsView> {
    return this.#passing.signals()
  }

  setSignal(signal: Signal, on: boolean | undefined, id?: string): Promise<void> {
    return this.#passing.setSignal(signal, on, id)
  }

  setTimer(id: string, seconds: number): Promise<void> {
    return this.#passing.setTimer(id, seconds)
  }

  typing(id: string, active: boolean): Promise<void> {
    return this.#passing.typing(id, active)
  }

  async setNotify(id: string, notify: GroupView["notify"]): Promise<void> {
    tellOutcome(this.#rooms, { group: choose(this.#rooms.store, id, { notify }) })
  }

  async saveDraft(id: string, draft: string): Promise<void> {
    tellOutcome(this.#rooms, { group: choose(this.#rooms.store, id, { draft }) })
  }

  async remembered(): Promise<FaceMemory> {
    return remembered(this.#rooms.store)
  }

  async remember(name: string, value: string): Promise<void> {
    remember(this.#rooms.store, name, value)
  }

  async recvCursor(id: string): Promise<number> {
    return this.#toldUpTo("recv-cursor", id)
  }

  async moveRecvCursor(id: string, place: number): Promise<void> {
    this.#moveTold("recv-cursor", id, place)
  }

  async annotations(request: AnnotationRequest): Promise<AnnotationPage> {
    this.#passing.sweep()
    return annotationPage(this.#rooms, request)
  }

  async annotationCursor(id: string): Promise<number> {
    return this.#toldUpTo("annotation-cursor", id)
  }

  async moveAnnotationCursor(id: string, arrival: number): Promise<void> {
    this.#moveTold("annotation-cursor", id, arrival)
  }

  #toldUpTo(which: RecvCursor, id: string): number {
    const { store } = this.#rooms
    return recvCursor(store, which, groupOf(store, id).id)
  }

  #moveTold(which: RecvCursor, id: string, upTo: number): void {
    const { store } = this.#rooms
    const group = groupOf(store, id)
    store.write((tx) => {
      setRecvCursor(tx, which, group.id, upTo)
    })
  }
}
