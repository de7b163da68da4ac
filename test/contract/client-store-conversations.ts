/** What every client store promises about what the person has chosen for a conversation, and what calls them there. */
import { expect, test } from "vitest"
import type { ClientStore } from "../../core/store/client-store.ts"
import type { Conversation } from "../../core/store/conversations.ts"
import { group, GROUP, idOf, line, OTHER_GROUP, PAULA } from "../fakes/client-stores.ts"
import { codeOf } from "../fakes/refusal.ts"

const chosen = (change: Partial<Conversation> = {}): Conversation => ({
  groupId: GROUP,
  notify: "mentions",
  draft: "begun",
  receipts: "default",
  typing: "on",
  ...change,
})

export function conversationPromises(opened: () => ClientStore): void {
  test("what was chosen needs its group, is replaced whole, and goes with the group", () => {
    const store = opened()
    expect(codeOf(() => store.write((tx) => tx.saveConversation(chosen())))).toBe("E063")
    expect(store.conversation(GROUP)).toBeUndefined()
    store.write((tx) => {
      tx.saveGroup(group(), undefined)
      tx.saveConversation(chosen())
    })
    expect(store.conversation(GROUP)).toEqual(chosen())
    store.write((tx) => tx.saveConversation(chosen({ notify: "nothing", draft: "" })))
    expect(store.conversation(GROUP)).toEqual(chosen({ notify: "nothing", draft: "" }))
    store.write((tx) => tx.dropGroup(GROUP))
    expect(store.conversation(GROUP)).toBeUndefined()
  })

  test("it moves with the history, unless something was chosen there, or nobody is there", () => {
    const store = opened()
    store.write((tx) => {
      tx.saveGroup(group(), undefined)
      tx.saveConversation(chosen())
      tx.moveHistory(GROUP, OTHER_GROUP)
    })
    expect(store.conversation(GROUP)).toEqual(chosen())
    store.write((tx) => {
      tx.saveGroup(group({ id: OTHER_GROUP }), undefined)
      tx.moveHistory(GROUP, OTHER_GROUP)
    })
    expect([store.conversation(GROUP), store.conversation(OTHER_GROUP)]).toEqual([
      undefined,
      chosen({ groupId: OTHER_GROUP }),
    ])
    store.write((tx) => {
      tx.saveConversation(chosen({ notify: "all" }))
      tx.moveHistory(OTHER_GROUP, GROUP)
    })
    expect(store.conversation(GROUP)).toEqual(chosen({ notify: "all" }))
    expect(store.conversation(OTHER_GROUP)).toBeUndefined()
  })

  test("of the unread messages, those that mention the person are counted apart", () => {
    const store = opened()
    store.write((tx) => {
      tx.saveGroup(group(), undefined)
      for (const at of [1, 2, 3, 4]) tx.addTimeline(line({ messageId: idOf(at), mention: at % 2 === 0 }))
      tx.addTimeline(line({ messageId: idOf(5), senderKey: PAULA, own: true, mention: true }))
    })
    expect([store.unread(GROUP), store.unreadMentions(GROUP)]).toEqual([4, 2])
    store.write((tx) => tx.markRead(GROUP, 2))
    expect([store.unread(GROUP), store.unreadMentions(GROUP)]).toEqual([2, 1])
    expect(store.unreadMentions(OTHER_GROUP)).toBe(0)
    expect(store.timeline({ groupId: GROUP, limit: 3 }).map(({ mention }) => mention)).toEqual([false, true, true])
  })
}
