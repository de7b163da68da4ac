import { afterEach, beforeEach, expect, test } from "vitest"
import type { ClientSession } from "../../core/client/session.ts"
import { house } from "../fakes/house.ts"
import type { House } from "../fakes/house.ts"

let here: House
beforeEach(async () => {
  here = await house()
})
afterEach(async () => {
  await here.close()
})

const texts = async (session: ClientSession): Promise<string[]> =>
  (await session.timeline({ limit: 100 }))
    .filter((row) => row.kind === "text")
    .map((row) => `${row.sender}: ${row.text}`)

test.each(["hybrid", "baseline"] as const)(
  "three people talk in a %s group; each sees every message once, in order",
  async (suite) => {
    const [alice, bob, carol] = [await here.join("alice"), await here.join("bob"), await here.join("carol")]
    const { groupId } = await alice.createGroup("team", suite)
    const change = await alice.invite(groupId, ["bob", "carol"])
    expect(change).toMatchObject({ epoch: 1, added: ["bob", "carol"], by: "alice", group: "team" })
    for (const person of [bob, carol]) {
      await person.sync(5000)
      expect(await person.groups()).toMatchObject([
        { groupId, name: "team", status: "hidden", inviter: "alice", epoch: 1 },
      ])
      await person.accept(groupId)
    }
    await alice.send(groupId, "hello")
    await alice.sync(5000)
    await bob.sync(5000)
    await bob.send(groupId, "hi")
    await bob.sync(5000)
    await carol.sync(5000)
    await carol.send(groupId, "hey")
    for (const person of [carol, alice, bob, carol]) await person.sync(5000)
    const all = ["alice: hello", "bob: hi", "carol: hey"]
    expect(await texts(alice)).toEqual(all)
    expect(await texts(bob)).toEqual(all)
    expect(await texts(carol)).toEqual(all)
    expect((await carol.members(groupId)).map((member) => member.name)).toEqual(["alice", "bob", "carol"])
  },
)
