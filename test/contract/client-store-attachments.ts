/** What every client store promises about files that lines carry, and about those that wait to be uploaded. */
import { expect, test } from "vitest"
import { blobId, messageId } from "../../core/domain/ids.ts"
import type { ClientStore } from "../../core/store/client-store.ts"
import { attached, group, GROUP, line, OTHER_GROUP, PAULA, PETER } from "../fakes/client-stores.ts"
import { filled } from "../fakes/fake-services.ts"

const ID = messageId(filled(16, 43))
const THERE = { groupId: GROUP, senderKey: PETER, messageId: ID }
const MOVED = { ...THERE, groupId: OTHER_GROUP }
const FILE = attached()
const said = { ...THERE, by: PETER, id: messageId(filled(16, 9)), sentAt: 9 }
const upload = (value: number) => ({
  blobId: blobId(filled(16, value)),
  groupId: GROUP,
  messageId: messageId(filled(16, value)),
  since: 100 - value,
})

export function attachmentPromises(opened: () => ClientStore): void {
  const storeWithFile = (): ClientStore => {
    const store = opened()
    store.write((tx) => {
      tx.saveGroup(group(), undefined)
      tx.saveGroup(group({ id: OTHER_GROUP }), undefined)
      tx.attach(THERE, FILE)
      tx.addTimeline(line({ ...THERE, body: FILE.name }))
    })
    return store
  }

  test("a file belongs to one line alone, and the first of a line stays", () => {
    const store = storeWithFile()
    store.write((tx) => {
      tx.attach(THERE, attached({ size: 1 }))
    })
    expect(store.attachment(THERE)).toEqual(FILE)
    for (const other of [{ ...THERE, senderKey: PAULA }, MOVED, { ...THERE, messageId: upload(1).messageId }]) {
      expect(store.attachment(other)).toBeUndefined()
    }
  })

  test("an edit does not change what a file is called", () => {
    const store = storeWithFile()
    store.write((tx) => tx.annotate({ ...said, kind: "edit", body: "another" }))
    expect(store.timelineRow(THERE)?.body).toBe(FILE.name)
  })

  test("nothing of a file is left when it is deleted, whichever comes first", () => {
    const store = storeWithFile()
    store.write((tx) => tx.annotate({ ...said, kind: "edit", body: "another" }))
    store.write((tx) => tx.annotate({ ...said, kind: "delete", body: "" }))
    expect([store.attachment(THERE), store.timelineRow(THERE)?.body]).toEqual([undefined, ""])
    const late = opened()
    late.write((tx) => {
      tx.saveGroup(group(), undefined)
      tx.annotate({ ...said, kind: "delete", body: "" })
      tx.attach(THERE, FILE)
      tx.addTimeline(line({ ...THERE, body: FILE.name }))
    })
    expect([late.attachment(THERE), late.timelineRow(THERE)?.body]).toEqual([undefined, ""])
    const dropped = storeWithFile()
    dropped.write((tx) => {
      tx.dropLine(THERE)
    })
    expect(dropped.attachment(THERE)).toBeUndefined()
  })

  test("a file goes with its line to another group; what that has already stays", () => {
    const store = storeWithFile()
    store.write((tx) => {
      tx.awaitUpload(upload(1))
      tx.moveHistory(GROUP, OTHER_GROUP)
    })
    expect([store.attachment(THERE), store.attachment(MOVED)]).toEqual([undefined, FILE])
    expect(store.uploads()).toEqual([{ ...upload(1), groupId: OTHER_GROUP }])
    const twice = storeWithFile()
    twice.write((tx) => {
      tx.addTimeline(line({ ...MOVED, body: "a text" }))
      tx.moveHistory(GROUP, OTHER_GROUP)
    })
    expect([twice.attachment(THERE), twice.attachment(MOVED)]).toEqual([undefined, undefined])
  })

  test("uploads wait in the order in which they came, until they are dropped, once", () => {
    const store = storeWithFile()
    store.write((tx) => {
      for (const value of [2, 1, 3]) tx.awaitUpload(upload(value))
    })
    expect(store.uploads()).toEqual([upload(2), upload(1), upload(3)])
    expect(store.write((tx) => [tx.dropUpload(upload(1).blobId), tx.dropUpload(upload(1).blobId)])).toEqual([
      true,
      false,
    ])
    expect(store.uploads()).toEqual([upload(2), upload(3)])
  })
}
