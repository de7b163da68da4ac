/** What every client store promises about the order in which it hears what is said of lines. */
import { expect, test } from "vitest"
import { messageId } from "../../core/domain/ids.ts"
import type { MessageId } from "../../core/domain/ids.ts"
import type { Annotation, ClientStore } from "../../core/store/client-store.ts"
import { group, GROUP, idOf, line, OTHER_GROUP, PAULA, PETER } from "../fakes/client-stores.ts"
import { filled } from "../fakes/fake-services.ts"

const ID = idOf(43)

const reaction = (sentAt: number, change: Partial<Annotation> = {}): Annotation => ({
  ...{ groupId: GROUP, senderKey: PETER, messageId: ID, kind: "reaction", by: PAULA },
  ...{ id: messageId(filled(16, sentAt)), sentAt, body: `at ${sentAt}` },
  ...change,
})

export function arrivalPromises(opened: () => ClientStore): void {
  const withLines = (...ids: readonly MessageId[]): ClientStore => {
    const store = opened()
    store.write((tx) => {
      tx.saveGroup(group(), undefined)
      tx.saveGroup(group({ id: OTHER_GROUP }), undefined)
      for (const id of ids) tx.addTimeline(line({ senderKey: PETER, messageId: id }))
    })
    return store
  }
  const say = (store: ClientStore, ...said: readonly Annotation[]): void => {
    store.write((tx) => {
      for (const one of said) tx.annotate(one)
    })
  }
  const heard = (store: ClientStore, after = 0, groupId = GROUP): readonly string[] =>
    store.arrivals({ groupId, after, limit: 9 }).map(({ arrival, body }) => `${arrival} ${body}`)

  test("what is said about lines is numbered as it comes, whatever time it tells", () => {
    const store = withLines(ID, idOf(44))
    say(store, reaction(30), reaction(10, { messageId: idOf(44) }), reaction(20, { by: PETER }))
    expect(heard(store)).toEqual(["1 at 30", "2 at 10", "3 at 20"])
    expect(heard(store, 1)).toEqual(["2 at 10", "3 at 20"])
    expect(heard(store, 3)).toEqual([])
    const [first] = store.arrivals({ groupId: GROUP, after: 0, limit: 1 })
    expect(first).toEqual({ ...reaction(30), arrival: 1 })
  })

  test("no more comes than was asked for, and nothing for a limit that is none or a place that was none", () => {
    const store = withLines(ID)
    say(store, reaction(10), reaction(20, { by: PETER }))
    const count = (after: number, limit: number): number => store.arrivals({ groupId: GROUP, after, limit }).length
    expect([count(0, 1), count(0, 0), count(0, -1), count(-5, 9), count(9, 9)]).toEqual([1, 0, 0, 2, 0])
  })

  test("what takes the place of another comes anew, and what is older does not come at all", () => {
    const store = withLines(ID)
    say(store, reaction(10), reaction(15, { by: PETER }), reaction(20), reaction(5), reaction(20))
    expect(heard(store)).toEqual(["2 at 15", "3 at 20"])
  })

  test("what is said before its line comes arrives with it, in the order of its time", () => {
    const store = withLines(idOf(44))
    say(store, reaction(20), reaction(10, { by: PETER }), reaction(30, { messageId: idOf(44) }))
    expect(heard(store)).toEqual(["1 at 30"])
    store.write((tx) => tx.addTimeline(line({ senderKey: PETER, messageId: ID })))
    expect(heard(store)).toEqual(["1 at 30", "2 at 10", "3 at 20"])
    store.write((tx) => tx.addTimeline(line({ senderKey: PETER, messageId: ID })))
    expect(heard(store)).toEqual(["1 at 30", "2 at 10", "3 at 20"])
  })

  test("no number is given twice, also after the line of the last one has gone", () => {
    const store = withLines(ID, idOf(44))
    say(store, reaction(10), reaction(20, { messageId: idOf(44) }))
    store.write((tx) => {
      tx.dropLine({ groupId: GROUP, senderKey: PETER, messageId: idOf(44) })
    })
    expect(heard(store)).toEqual(["1 at 10"])
    say(store, reaction(30))
    expect(heard(store)).toEqual(["3 at 30"])
  })

  test("a transaction that fails takes its numbers back", () => {
    const store = withLines(ID)
    const failing = (): void => {
      store.write((tx) => {
        tx.annotate(reaction(10))
        throw new Error("no")
      })
    }
    expect(failing).toThrow()
    say(store, reaction(20))
    expect(heard(store)).toEqual(["1 at 20"])
  })

  test("numbers go with the history, and what waited in the other group for a line arrives with that", () => {
    const store = withLines(ID, idOf(44))
    const there = { groupId: OTHER_GROUP }
    const edit = reaction(40, { ...there, kind: "edit", by: PETER, messageId: idOf(44), body: "edited there" })
    say(store, reaction(10), reaction(20, { by: PETER }), reaction(30, there), edit)
    expect(heard(store, 0, OTHER_GROUP)).toEqual([])
    store.write((tx) => {
      tx.moveHistory(GROUP, OTHER_GROUP)
    })
    expect(heard(store)).toEqual([])
    expect(heard(store, 0, OTHER_GROUP)).toEqual(["2 at 20", "3 at 30", "4 edited there"])
    const edited = { groupId: OTHER_GROUP, senderKey: PETER, messageId: idOf(44) }
    expect(store.timelineRow(edited)?.body).toBe("edited there")
  })

  test("what was heard there already keeps its number when older things move to it", () => {
    const store = withLines(ID)
    store.write((tx) => tx.addTimeline(line({ senderKey: PETER, messageId: ID, groupId: OTHER_GROUP })))
    say(store, reaction(20, { groupId: OTHER_GROUP }), reaction(10), reaction(5, { by: PETER }))
    store.write((tx) => {
      tx.moveHistory(GROUP, OTHER_GROUP)
    })
    expect(heard(store, 0, OTHER_GROUP)).toEqual(["1 at 20", "3 at 5"])
  })
}
