/** Who else than a person's own devices answers their invitations, or reads for them: nobody. */
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { listOf, noteList } from "../../core/client/device-lists.ts"
import { holder } from "../../core/client/identity.ts"
import { encodeDeviceList, signDeviceList } from "../../core/crypto/device-list.ts"
import type { AppContent } from "../../core/domain/app-message.ts"
import { equal, unhex } from "../../core/domain/bytes.ts"
import { messageId } from "../../core/domain/ids.ts"
import { realWorld } from "../../core/domain/world.ts"
import { encodeAppMessage } from "../../core/wire/app-message.ts"
import { whispers } from "../fakes/hostile-member.ts"
import type { House } from "../fakes/house.ts"
import type { Person } from "../fakes/person.ts"
import { settled, syncAll } from "../fakes/team.ts"

let here: House
let alice: Person
let bob: Person
let tablet: Person
let groupId: string

/** Alice invites Bob, who has two devices; both have the invitation. */
beforeEach(async () => {
  ;({ here, alice, bob } = await settled("alice", "bob"))
  tablet = await here.device("bob")
  await syncAll(bob, tablet)
  groupId = (await alice.session.createGroup("team", "hybrid")).groupId
  await alice.session.invite(groupId, ["bob"])
  await syncAll(bob, tablet)
})
afterEach(() => here.close())

const said = (content: AppContent): Uint8Array =>
  encodeAppMessage({ id: messageId(realWorld.random.bytes(16)), sentAt: realWorld.clock.now(), content })

const status = (person: Person): string | undefined => person.group(groupId).status

describe("an invitation stays one", () => {
  test.each<AppContent>([{ kind: "accepted" }, { kind: "leave" }, { kind: "text", text: "in bob's name" }])(
    "when another member says $kind",
    async (content) => {
      await whispers(alice, groupId, said(content), bob, tablet)
      await syncAll(bob, tablet)
      expect([bob, tablet].map((person) => person.group(groupId))).toMatchObject([
        { status: "hidden", leftAt: undefined },
        { status: "hidden", leftAt: undefined },
      ])
    },
  )

  test.each<AppContent>([{ kind: "accepted" }, { kind: "leave" }])(
    "when a device of one's own that the newest list does not name says $kind",
    async (content) => {
      revokesTablet()
      await whispers(tablet, groupId, said(content), bob)
      await bob.sync()
      expect(bob.group(groupId)).toMatchObject({ status: "hidden", leftAt: undefined })
    },
  )

  test("when the word for it comes into another group, or into none", async () => {
    const other = (await alice.session.createGroup("other", "hybrid")).groupId
    await alice.session.invite(other, ["bob"])
    await syncAll(bob, tablet)
    await tablet.session.accept(other)
    await syncAll(tablet, bob)
    expect([status(bob), status(tablet)]).toEqual(["hidden", "hidden"])
    expect(bob.group(other).status).toBe("active")
    await whispers(tablet, other, said({ kind: "accepted" }), bob, alice)
    await syncAll(bob, alice)
    expect([alice.troubles, bob.troubles]).toEqual([[], []])
    expect(await alice.texts()).toEqual([])
  })
})

test("nothing is read by what another member, or a device that is not listed, says was read here", async () => {
  await bob.session.accept(groupId)
  await syncAll(bob, tablet, alice)
  await alice.session.send(groupId, "unread")
  await syncAll(alice, bob, tablet)
  const [line] = await bob.session.timeline({ groupId, limit: 1 })
  const of = [{ author: alice.me.accountKey, id: messageId(unhex(line?.id ?? "")) }]
  const unread = async (): Promise<number | undefined> => (await bob.session.groups())[0]?.unread
  await whispers(alice, groupId, said({ kind: "receipt", state: "read", of }), bob)
  await bob.sync()
  expect(await unread()).toBe(1)
  await whispers(tablet, groupId, said({ kind: "receipt", state: "delivered", of }), bob)
  await whispers(tablet, groupId, said({ kind: "receipt", state: "read", of: [] }), bob)
  const unknown = [{ author: alice.me.accountKey, id: messageId(realWorld.random.bytes(16)) }]
  await whispers(tablet, groupId, said({ kind: "receipt", state: "read", of: unknown }), bob)
  await bob.sync()
  expect(await unread()).toBe(1)
  revokesTablet()
  await whispers(tablet, groupId, said({ kind: "receipt", state: "read", of }), bob)
  await bob.sync()
  expect(await unread()).toBe(1)
})

/** Bob's phone knows a newer list, without the tablet, of which the groups have not heard yet. */
function revokesTablet(): void {
  const { store, me } = bob
  const list = listOf(store, me.accountKey)
  if (!list) throw new Error("no list in the test")
  const devices = list.devices.filter((key) => !equal(key, tablet.me.deviceKey))
  const encoded = encodeDeviceList({ ...list, counter: list.counter + 1n, devices })
  const signature = signDeviceList(holder(me).accountSeed, encoded)
  store.write((tx) => noteList(tx, { list: encoded, signature }))
}
