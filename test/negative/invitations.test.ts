/** Nobody fills the list of invitations for all others. */
import { expect, test } from "vitest"
import { house } from "../fakes/house.ts"

test("one account's invitations take a quarter of the list; another's come through, and what is declined makes room", async () => {
  const here = await house()
  const [alice, bob, mallory] = [await here.settle("alice"), await here.settle("bob"), await here.settle("mallory")]
  const invites = async (person: typeof alice, name: string): Promise<void> => {
    const { groupId } = await person.session.createGroup(name, "hybrid")
    await person.session.invite(groupId, ["bob"])
  }
  for (let count = 1; count <= 26; count++) await invites(mallory, `trap ${count}`)
  await invites(alice, "team")
  await bob.sync()
  expect(bob.troubles).toEqual(["E035"])
  const waiting = async () => (await bob.session.groups()).map(({ name }) => name)
  expect(await waiting()).toHaveLength(26)
  expect(await waiting()).toContain("team")
  expect(await waiting()).not.toContain("trap 26")

  const [first] = (await bob.session.groups()).filter(({ name }) => name === "trap 1")
  await bob.session.leave(first?.groupId ?? "")
  await bob.sync()
  await invites(mallory, "trap 27")
  await bob.sync()
  expect(await waiting()).toContain("trap 27")
  expect(bob.troubles).toEqual(["E035"])
  await here.close()
}, 30_000)
