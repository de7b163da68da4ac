/** A member who gives its changes one id for all: each of them shows at the others all the same. */
import { expect, test } from "vitest"
import { messageId } from "../../core/domain/ids.ts"
import { random } from "../fakes/hostile-mail.ts"
import { house } from "../fakes/house.ts"
import { team } from "../fakes/team.ts"

test("changes under the id of an earlier one are lines of their own", async () => {
  const here = await house()
  const mallory = await here.settle("mallory")
  const [bob, carol] = [await here.settle("bob"), await here.settle("carol")]
  const groupId = await team(mallory, bob, carol)
  const same = messageId(random(16))
  mallory.tampering.commit = async (ask, request) => ask({ ...request, messageId: same })
  await mallory.session.update(groupId)
  await mallory.session.update(groupId)
  await mallory.session.remove(groupId, "carol")
  for (const person of [bob, carol]) await person.sync()
  const lines = async ({ session }: typeof bob) =>
    (await session.timeline({ groupId, limit: 100 })).flatMap(({ change }) => (change ? [change] : []))
  expect((await lines(bob)).map(({ updated, removed }) => [updated, removed])).toEqual([
    [["mallory"], []],
    [["mallory"], []],
    [[], ["carol"]],
  ])
  expect((await lines(carol)).at(-1)).toMatchObject({ removed: ["carol"] })
  await here.close()
})
