/** What every client store promises about finding lines: by what they say, by time, the first that was not read. */
import { expect, test } from "vitest"
import { groupId, messageId } from "../../core/domain/ids.ts"
import type { ClientStore, TimelineRow } from "../../core/store/client-store.ts"
import type { SearchPage } from "../../core/store/search-page.ts"
import { group, GROUP, line, OTHER_GROUP, PAULA, PETER } from "../fakes/client-stores.ts"
import { filled } from "../fakes/fake-services.ts"

/** Signs that mean something to FTS5, LIKE, GLOB or SQL. */
const HOSTILE = [
  `"`,
  `""`,
  `"*`,
  "*",
  "^frist",
  "frist AND",
  "AND OR NOT",
  "NEAR(frist first, 2)",
  "body: frist",
  "- frist + {body}: (frist",
  "'; DROP TABLE timeline; --",
  "%",
  "_",
  "\\",
  "[a-z]",
  "frist\0first",
  "\0",
  "\ud800",
  "\n\t ",
  "x".repeat(10_240),
  "frist ".repeat(2000),
  '"frist'.repeat(2000),
  "今".repeat(4000),
]

export function searchPromises(opened: () => ClientStore): void {
  const talk = (...texts: readonly string[]): ClientStore => {
    const store = opened()
    store.write((tx) => {
      tx.saveGroup(group(), undefined)
      tx.saveGroup(group({ id: OTHER_GROUP }), undefined)
      for (const [at, body] of texts.entries()) tx.addTimeline(said(at + 1, { body }))
    })
    return store
  }
  const said = (value: number, change: Partial<TimelineRow> = {}): Omit<TimelineRow, "place"> =>
    line({ messageId: messageId(filled(16, value)), ...change })
  const found = (store: ClientStore, query: string, page: Partial<SearchPage> = {}): readonly string[] =>
    store.search({ query, limit: 100, ...page }).map(({ body }) => body)

  test("no sign in what is looked for is a command, or an error", () => {
    const store = talk("frist", "100 %", "a_b", String.raw`C:\temp`, "今天")
    for (const query of HOSTILE) expect(() => found(store, query)).not.toThrow()
    expect(found(store, "NEAR(frist first, 2)")).toEqual([])
    expect(found(store, "body: frist")).toEqual([])
    expect(found(store, "frist OR nothing")).toEqual([])
    expect(found(store, "%")).toEqual(["100 %"])
    expect(found(store, "_")).toEqual(["a_b"])
    expect(found(store, "\\")).toEqual([String.raw`C:\temp`])
    expect(store.timeline({ limit: 9 })).toHaveLength(5)
  })

  test("finds nothing for nothing, in groups that are not there, and no more than asked for", () => {
    const store = talk("frist", "frist again")
    expect(found(store, "")).toEqual([])
    expect(found(store, "  ")).toEqual([])
    expect(found(store, "frist", { groupId: groupId(filled(32, 77)) })).toEqual([])
    expect(found(store, "frist", { limit: 0 })).toEqual([])
    expect(found(store, "frist", { limit: -1 })).toEqual([])
    expect(found(store, "frist", { limit: 1 })).toEqual(["frist again"])
  })

  test("all words must be there, in any order, whatever their capitals and accents; the last may be only begun", () => {
    const store = talk("The Café opens at noon", "cafe closed", "coffee at noon", "Über-cool naïve façade")
    expect(found(store, "CAFÉ")).toEqual(["cafe closed", "The Café opens at noon"])
    expect(found(store, "noon cafe")).toEqual(["The Café opens at noon"])
    expect(found(store, "noon ca")).toEqual(["The Café opens at noon"])
    expect(found(store, "ca noon")).toEqual([])
    expect(found(store, "uber naive FACADE")).toEqual(["Über-cool naïve façade"])
    expect(found(store, "offee")).toEqual([])
  })

  test("a phrase is found as it stands there, and its last word whole", () => {
    const store = talk("the deploy window moved", "window of the deploy", "deploy windows")
    expect(found(store, '"deploy window"')).toEqual(["the deploy window moved"])
    expect(found(store, '"deploy win')).toEqual(["deploy windows", "the deploy window moved"])
    expect(found(store, "deploy-window")).toEqual(["deploy windows", "the deploy window moved"])
    expect(found(store, 'the "deploy"')).toEqual(["window of the deploy", "the deploy window moved"])
  })

  test("texts without spaces are found by any part, and so is what stands beside them", () => {
    const store = talk(
      "我们明天开会",
      "今天deploy完成",
      "サーバーが落ちた",
      "회의는 내일입니다",
      "พรุ่งนี้ประชุม",
      "deployed",
    )
    expect(found(store, "明天")).toEqual(["我们明天开会"])
    expect(found(store, "会")).toEqual(["我们明天开会"])
    expect(found(store, "サーバー")).toEqual(["サーバーが落ちた"])
    expect(found(store, "회의 내일")).toEqual(["회의는 내일입니다"])
    expect(found(store, "ประชุม")).toEqual(["พรุ่งนี้ประชุม"])
    expect(found(store, "Deploy")).toEqual(["deployed", "今天deploy完成"])
    expect(found(store, "完成 deploy")).toEqual(["今天deploy完成"])
    expect(found(store, "天 明")).toEqual(["我们明天开会"])
  })

  test("signs are found where they stand", () => {
    const store = talk("done 🎉", "done🤔", "a -> b", "plain done")
    expect(found(store, "🎉")).toEqual(["done 🎉"])
    expect(found(store, "->")).toEqual(["a -> b"])
    expect(found(store, '"done" 🤔')).toEqual(["done🤔"])
    expect(found(store, '"done"')).toEqual(["plain done", "done🤔", "done 🎉"])
  })

  test("the newest comes first, page by page, of one group or of all that were accepted", () => {
    const store = talk("frist one", "frist two", "frist 三")
    const hidden = groupId(filled(32, 78))
    store.write((tx) => {
      tx.saveGroup(group({ id: hidden, status: "hidden" }), undefined)
      tx.addTimeline(said(8, { groupId: OTHER_GROUP, body: "frist elsewhere" }))
      tx.addTimeline(said(9, { groupId: hidden, body: "frist unaccepted" }))
      tx.addTimeline(said(10, { groupId: groupId(filled(32, 79)), body: "frist of no group" }))
    })
    expect(found(store, "frist")).toEqual(["frist elsewhere", "frist 三", "frist two", "frist one"])
    expect(found(store, "frist", { groupId: GROUP })).toEqual(["frist 三", "frist two", "frist one"])
    expect(found(store, "frist", { groupId: hidden })).toEqual([])
    expect(found(store, "frist", { before: 3 })).toEqual(["frist two", "frist one"])
    expect(found(store, "frist", { before: 4, limit: 2 })).toEqual(["frist 三", "frist two"])
  })

  test("only what people said is searched", () => {
    const store = talk("frist")
    store.write((tx) => {
      for (const [at, kind] of (["change", "notice", "unknown"] as const).entries())
        tx.addTimeline(said(at + 5, { kind, body: '{"frist":1}' }))
    })
    expect(found(store, "frist")).toEqual(["frist"])
  })

  test("whoever edits, deletes, drops, moves and leaves: what is found is what stands there", () => {
    const store = talk("alpha", "beta", "gamma", "delta")
    const about = (value: number) => ({ groupId: GROUP, senderKey: PETER, messageId: messageId(filled(16, value)) })
    const annotation = { by: PETER, id: messageId(filled(16, 90)), sentAt: 5 }
    store.write((tx) => {
      tx.annotate({ ...about(1), ...annotation, kind: "edit", body: "omega" })
      tx.annotate({ ...about(2), ...annotation, kind: "delete", body: "" })
      tx.dropLine(about(3))
    })
    expect(["alpha", "beta", "gamma", "delta", "omega"].map((word) => found(store, word))).toEqual([
      [],
      [],
      [],
      ["delta"],
      ["omega"],
    ])
    store.write((tx) => {
      tx.annotate({ ...about(4), ...annotation, kind: "edit", body: "三角洲 delta" })
      tx.moveHistory(GROUP, OTHER_GROUP)
    })
    expect(found(store, "omega", { groupId: GROUP })).toEqual([])
    expect(found(store, "omega", { groupId: OTHER_GROUP })).toEqual(["omega"])
    expect(found(store, "三角 del", { groupId: OTHER_GROUP })).toEqual(["三角洲 delta"])
    store.write((tx) => {
      tx.dropGroup(OTHER_GROUP)
    })
    expect(found(store, "omega")).toEqual([])
  })

  test("an own line is found in its new place, and a change that was taken back changes nothing", () => {
    const store = talk("frist", "later")
    const own = said(7, { body: "mine", own: true, senderKey: PAULA, delivery: "queued" })
    store.write((tx) => {
      tx.addTimeline(own)
      tx.addTimeline(said(8, { body: "last" }))
    })
    store.write((tx) => {
      tx.settleLine(own, { head: undefined, reached: 0n })
    })
    expect(store.search({ query: "mine", limit: 9 }).map(({ place }) => place)).toEqual([5])
    expect(() =>
      store.write((tx) => {
        tx.dropLine(own)
        tx.addTimeline(said(9, { body: "never" }))
        throw new Error("no")
      }),
    ).toThrow()
    expect(found(store, "mine")).toEqual(["mine"])
    expect(found(store, "never")).toEqual([])
  })

  test("a time leads to the first line that is shown with it or later", () => {
    const store = talk()
    const times = [
      { sentAt: 100, receivedAt: 110 },
      { sentAt: 300, receivedAt: 310 },
      // A clock that is ahead counts by when it came.
      { sentAt: 9000, receivedAt: 320 },
      { sentAt: 200, receivedAt: 330 },
      { sentAt: 400, receivedAt: 410 },
    ]
    store.write((tx) => {
      for (const [at, time] of times.entries()) tx.addTimeline(said(at + 1, time))
    })
    const at = (time: number): number | undefined => store.lineAt(GROUP, time)
    expect([0, 100, 101, 300, 301, 321, 400, 401].map(at)).toEqual([1, 1, 2, 2, 3, 5, 5, undefined])
    expect(store.lineAt(OTHER_GROUP, 0)).toBeUndefined()
  })

  test("the first unread line is the first message of others behind what was read", () => {
    const store = talk("one")
    store.write((tx) => {
      tx.addTimeline(said(5, { kind: "change", body: "{}" }))
      tx.addTimeline(said(6, { own: true, senderKey: PAULA }))
      tx.addTimeline(said(7))
    })
    expect(store.firstUnread(GROUP)).toBe(1)
    store.write((tx) => {
      tx.markRead(GROUP, 1)
    })
    expect(store.firstUnread(GROUP)).toBe(4)
    store.write((tx) => {
      tx.markRead(GROUP, 4)
    })
    expect(store.firstUnread(GROUP)).toBeUndefined()
    expect(store.firstUnread(OTHER_GROUP)).toBeUndefined()
    expect(store.firstUnread(groupId(filled(32, 77)))).toBeUndefined()
  })
}
