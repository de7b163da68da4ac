/** What passes in the scripted core: receipts, writing, messages that disappear; and it is followed by nobody. */
import type { TimelineView } from "../../core/client/client-api.ts"
import type { PassingClient, SeenView, Signal, SignalsView } from "../../core/client/passing-api.ts"
import type { AnnotationPage, RecvClient } from "../../core/client/recv-api.ts"
import type { FakeGroup } from "./fake-group.ts"
import { FakePeople } from "./fake-people.ts"
import type { FakeTimeline } from "./fake-timeline.ts"

export const NO_CHANGE = {
  added: [],
  removed: [],
  updated: [],
  left: [],
  rejoined: [],
  newDevices: [],
  goneDevices: [],
}

export type FakeRow = Pick<TimelineView, "groupId" | "sender" | "text" | "kind"> & Partial<TimelineView>

export abstract class FakePassing extends FakePeople implements PassingClient, RecvClient {
  protected abstract readonly lines: () => FakeTimeline
  protected abstract readonly groupCalled: (groupId: string) => FakeGroup
  protected abstract readonly choose: (groupId: string, choice: Partial<FakeGroup>) => void
  protected abstract readonly row: (part: FakeRow) => TimelineView

  /** Somebody lets messages disappear. */
  timerSet(groupId: string, by: string, timer: number): void {
    const { name: group, epoch } = this.groupCalled(groupId)
    const change = { ...NO_CHANGE, groupId, group, epoch, by, timer }
    this.row({ groupId, sender: by, text: "", kind: "change", change })
    this.choose(groupId, { timer })
  }

  /** Somebody has got a message, or read it. */
  sees(by: string, id: string, state: SeenView["state"] = "read"): void {
    const row = this.lines().line({ id })
    const others = row.seen.filter((one) => one.by !== by)
    this.lines().change(row, { seen: [...others, { by, state, at: row.sentAt }] })
  }

  /** Its time is over. */
  vanish(id: string): void {
    this.tell({ kind: "vanished", lines: [this.lines().drop(id)] })
  }

  readonly recvCursor = async (): Promise<number> => 0
  readonly moveRecvCursor = (): Promise<void> => this.answer("moveRecvCursor")
  readonly annotations = async (): Promise<AnnotationPage> => ({ rows: [], upTo: 0, atEnd: true })
  readonly annotationCursor = async (): Promise<number> => 0
  readonly moveAnnotationCursor = (): Promise<void> => this.answer("moveAnnotationCursor")

  readonly signals = async (): Promise<SignalsView> => ({ receipts: false, typing: false })

  async setSignal(signal: Signal, on: boolean | undefined, groupId?: string): Promise<void> {
    this.calls.push(`${signal} ${String(on)} ${groupId === undefined ? "all" : this.groupCalled(groupId).name}`)
    if (groupId !== undefined) this.choose(groupId, { [signal]: on === true })
  }

  async setTimer(groupId: string, timer: number): Promise<void> {
    this.timerSet(groupId, this.name, timer)
  }

  async typing(groupId: string, active: boolean): Promise<void> {
    this.calls.push(`typing ${this.groupCalled(groupId).name} ${String(active)}`)
  }
}
