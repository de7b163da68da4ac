/** Who is shown as writing, for how long, and how often it is said: by a clock that stands still until told. */
import { beforeEach, expect, test } from "vitest"
import type { ClientEvent } from "../../../core/client/client-api.ts"
import { eventStream } from "../../../core/client/event-stream.ts"
import type { Heard } from "../../../core/client/heard.ts"
import type { Rooms } from "../../../core/client/session-parts.ts"
import { Typing, TYPING_LATE_MS, TYPING_SHOWN_MS } from "../../../core/client/typing.ts"
import { hex } from "../../../core/domain/bytes.ts"
import { deviceKey } from "../../../core/domain/ids.ts"
import { memoryStore } from "../../../core/store/memory-store.ts"
import { contact, group, GROUP, PAULA, PETER } from "../../fakes/client-stores.ts"
import { filled } from "../../fakes/fake-services.ts"
import { FakeClock } from "../../fakes/world.ts"

let clock: FakeClock
let typing: Typing
let shown: (readonly string[])[]
const store = memoryStore()
store.write((tx) => {
  tx.saveGroup(group(), undefined)
  tx.saveContact(contact("peter"))
  tx.saveContact(contact("paula", { accountKey: PAULA }))
})

beforeEach(() => {
  clock = new FakeClock()
  shown = []
  const events = {
    ...eventStream<ClientEvent>({ queueLengthMax: 10, lagged: { kind: "lagged" } }),
    emit: (event: ClientEvent) => {
      expect(event).toMatchObject({ kind: "typing", groupId: hex(GROUP) })
      if (event.kind === "typing") shown.push(event.names)
    },
  }
  const me = { name: "alice", accountKey: filled(32, 99) }
  const rooms = { store, events, me, world: { clock } } as unknown as Rooms
  typing = new Typing({ rooms, signal: new AbortController().signal, here: () => undefined })
})

const heard = (more: Partial<Heard> = {}): Heard => ({
  groupId: GROUP,
  by: PETER,
  device: deviceKey(filled(32, 5)),
  sentAt: clock.now(),
  typing: true,
  ...more,
})

test("somebody is shown as long as they say so, and eight seconds after", async () => {
  typing.hear(heard())
  await clock.advance(4000)
  typing.hear(heard())
  await clock.advance(TYPING_SHOWN_MS - 1)
  expect(shown).toEqual([["peter"]])
  await clock.advance(1)
  expect(shown).toEqual([["peter"], []])
})

test("an alarm that rings a little early ends it too", async () => {
  const early = new FakeClock()
  const monotonic = early.monotonic.bind(early)
  clock.after = early.after.bind(early)
  typing.hear(heard())
  clock.monotonic = () => monotonic() - 0.5
  await early.advance(TYPING_SHOWN_MS)
  expect(shown).toEqual([["peter"], []])
})

test("what they say, or that they stopped, ends it at once", () => {
  typing.hear(heard())
  typing.hear(heard({ typing: false }))
  typing.hear(heard())
  typing.hear(heard({ by: PAULA }))
  typing.hear(heard({ typing: undefined }))
  expect(shown).toEqual([["peter"], [], ["peter"], ["peter", "paula"], ["paula"]])
})

test("a word that is late by the sender's clock, far ahead, or before what they said last, is nobody's", async () => {
  typing.hear(heard({ sentAt: clock.now() - TYPING_LATE_MS - 1 }))
  typing.hear(heard({ sentAt: clock.now() + TYPING_LATE_MS + 1 }))
  typing.hear(heard({ sentAt: Number.MAX_SAFE_INTEGER }))
  typing.hear(heard({ sentAt: 0 }))
  const before = clock.now()
  await clock.advance(1000)
  typing.hear(heard({ typing: undefined }))
  typing.hear(heard({ sentAt: before }))
  expect(shown).toEqual([])
})

test("a clock that was once far ahead does not silence its owner for good", async () => {
  typing.hear(heard({ typing: undefined, sentAt: Number.MAX_SAFE_INTEGER }))
  await clock.advance(1000)
  typing.hear(heard())
  expect(shown).toEqual([["peter"]])
})
