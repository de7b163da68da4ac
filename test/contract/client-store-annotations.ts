/** What every client store promises about what is said of lines: edits, deletions, reactions. */
import { expect, test } from "vitest"
import { accountKey, messageId } from "../../core/domain/ids.ts"
import type { Annotation, ClientStore, TimelineRow } from "../../core/store/client-store.ts"
import { group, GROUP, line, OTHER_GROUP } from "../fakes/client-stores.ts"
import { filled } from "../fakes/fake-services.ts"

const AUTHOR = accountKey(filled(32, 41))
const ANOTHER = accountKey(filled(32, 42))
const ID = messageId(filled(16, 43))
const THERE = { groupId: GROUP, senderKey: AUTHOR, messageId: ID }

const said = (kind: Annotation["kind"], sentAt: number, body = "", by = AUTHOR): Annotation => ({
  ...THERE,
  kind,
  by,
  id: messageId(filled(16, sentAt)),
  sentAt,
  body,
})

const text = (change: Partial<Omit<TimelineRow, "place">> = {}): Omit<TimelineRow, "place"> =>
  line({ ...THERE, kind: "text", body: "frist", ...change })

export function annotationPromises(opened: () => ClientStore): void {
  const filledStore = (): ClientStore => {
    const store = opened()
    store.write((tx) => {
      tx.saveGroup(group(), undefined)
      tx.saveGroup(group({ id: OTHER_GROUP }), undefined)
    })
    return store
  }
  const bodyIn = (store: ClientStore, groupId = GROUP): string | undefined =>
    store.timelineRow({ ...THERE, groupId })?.body

  test("a line reads as its newest edit, whichever comes first", () => {
    const edits = [said("edit", 10, "first"), said("edit", 30, "third"), said("edit", 20, "second")]
    for (const steps of [edits, edits.toReversed()]) {
      const store = filledStore()
      store.write((tx) => tx.addTimeline(text()))
      for (const edit of steps) store.write((tx) => tx.annotate(edit))
      expect(bodyIn(store)).toBe("third")
      expect(store.annotations(THERE)).toEqual([said("edit", 30, "third")])
    }
  })

  test("an edit waits for its line", () => {
    const store = filledStore()
    expect(store.write((tx) => tx.annotate(said("edit", 10, "first")))).toBe(true)
    expect(store.strayAnnotations(GROUP, AUTHOR)).toBe(1)
    store.write((tx) => tx.addTimeline(text()))
    expect(bodyIn(store)).toBe("first")
    expect(store.strayAnnotations(GROUP, AUTHOR)).toBe(0)
  })

  test("nothing is left of what was deleted, whatever is said of it later", () => {
    for (const isThereFirst of [true, false]) {
      const store = filledStore()
      if (isThereFirst) store.write((tx) => tx.addTimeline(text()))
      store.write((tx) => tx.annotate(said("edit", 10, "first")))
      store.write((tx) => tx.annotate(said("delete", 20)))
      store.write((tx) => tx.annotate(said("edit", 30, "third")))
      if (!isThereFirst) store.write((tx) => tx.addTimeline(text()))
      expect(bodyIn(store)).toBe("")
      expect(store.annotations(THERE).map(({ kind, body }) => ({ kind, body }))).toEqual([
        { kind: "delete", body: "" },
        { kind: "edit", body: "" },
      ])
    }
  })

  test("of two of one time the higher id counts; the same one again changes nothing", () => {
    const store = filledStore()
    const [low, high] = [said("reaction", 10, "+"), { ...said("reaction", 10, "-"), id: messageId(filled(16, 99)) }]
    expect(store.write((tx) => tx.annotate(high))).toBe(true)
    expect(store.write((tx) => tx.annotate(high))).toBe(false)
    expect(store.write((tx) => tx.annotate(low))).toBe(false)
    expect(store.annotations(THERE)).toEqual([high])
  })

  test("each person has one reaction, and what a group has another has not", () => {
    const store = filledStore()
    store.write((tx) => {
      tx.addTimeline(text())
      tx.annotate(said("reaction", 10, "+"))
      tx.annotate(said("reaction", 20, "-"))
      tx.annotate(said("reaction", 15, "!", ANOTHER))
    })
    expect(store.annotations(THERE).map(({ body }) => body)).toEqual(["!", "-"])
    expect(store.annotationsBy(GROUP, ANOTHER)).toEqual([said("reaction", 15, "!", ANOTHER)])
    expect(store.annotations({ ...THERE, groupId: OTHER_GROUP })).toEqual([])
    expect(bodyIn(store)).toBe("frist")
  })

  test("only texts are edited, and what a text answers is kept", () => {
    const store = filledStore()
    const replyTo = { author: ANOTHER, id: messageId(filled(16, 44)) }
    store.write((tx) => {
      tx.addTimeline(text({ kind: "change", body: "{}" }))
      tx.annotate(said("edit", 10, "first"))
      tx.addTimeline(text({ messageId: messageId(filled(16, 45)), replyTo }))
    })
    expect(bodyIn(store)).toBe("{}")
    expect(store.timeline({ groupId: GROUP, limit: 9 }).map((row) => row.replyTo)).toEqual([undefined, replyTo])
  })

  test("goes where the lines go, and the newest counts there too", () => {
    const store = filledStore()
    const elsewhere = { groupId: OTHER_GROUP }
    store.write((tx) => {
      tx.addTimeline(text())
      tx.annotate(said("edit", 20, "second"))
      tx.annotate(said("reaction", 10, "+", ANOTHER))
      tx.addTimeline(text(elsewhere))
      tx.annotate({ ...said("edit", 10, "first"), ...elsewhere })
      tx.annotate({ ...said("reaction", 30, "!", ANOTHER), ...elsewhere })
      tx.moveHistory(GROUP, OTHER_GROUP)
    })
    expect(store.annotations(THERE)).toEqual([])
    expect(bodyIn(store, OTHER_GROUP)).toBe("second")
    const there = store.annotations({ ...THERE, ...elsewhere })
    expect(there.map(({ kind, body }) => `${kind} ${body}`)).toEqual(["edit second", "reaction !"])
  })

  test("a line that is dropped takes along what was said about it, and nothing else", () => {
    const store = filledStore()
    const other = { messageId: messageId(filled(16, 46)) }
    store.write((tx) => {
      for (const change of [{}, other]) {
        tx.addTimeline(text(change))
        tx.annotate({ ...said("reaction", 10, "+"), ...change })
      }
      tx.dropLine(THERE)
    })
    expect(store.timelineRow(THERE)).toBeUndefined()
    expect(store.annotations(THERE)).toEqual([])
    expect(store.timelineRow({ ...THERE, ...other })?.body).toBe("frist")
    expect(store.annotations({ ...THERE, ...other })).toHaveLength(1)
  })

  test("lines are found by where their ids lie", () => {
    const store = filledStore()
    const ids = [10, 20, 20, 30].map((first, at) =>
      messageId(Uint8Array.from({ length: 16 }, (_, i) => (i ? at : first))),
    )
    store.write((tx) => {
      for (const id of ids) tx.addTimeline(text({ messageId: id }))
      tx.addTimeline(text({ groupId: OTHER_GROUP, messageId: ids[1]! }))
    })
    const between = (low: number, high: number, limit: number): readonly (number | undefined)[] =>
      store
        .linesBetween(GROUP, messageId(filled(16, low)), messageId(filled(16, high)), limit)
        .map((row) => row.messageId[0])
    expect(between(0, 255, 9)).toEqual([10, 20, 20, 30])
    expect(between(11, 29, 9)).toEqual([20, 20])
    expect(between(0, 255, 1)).toEqual([10])
    expect(between(40, 50, 9)).toEqual([])
  })
}
