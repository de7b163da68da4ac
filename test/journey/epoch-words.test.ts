/** Six words by which people compare a group aloud. */
import { expect, test } from "vitest"
import { house } from "../fakes/house.ts"
import { codeOfAsync } from "../fakes/refusal.ts"

test("epoch words are six, the same for all in the epoch, others in the next, and only of groups that there are", async () => {
  const here = await house()
  const [alice, bob] = [await here.settle("alice"), await here.settle("bob")]
  const { groupId: team } = await alice.session.createGroup("team", "hybrid")
  await alice.session.invite(team, ["bob"])
  await bob.sync()
  const first = await alice.session.epochWords(team)
  expect(await bob.session.epochWords(team)).toEqual(first)
  expect([first.group, first.epoch, first.words.length]).toEqual(["team", 1, 6])
  await alice.session.update(team)
  const next = await alice.session.epochWords(team)
  expect([next.epoch, next.words.join()]).not.toEqual([first.epoch, first.words.join()])
  await bob.sync()
  expect(await bob.session.epochWords(team)).toEqual(next)
  expect(await codeOfAsync(() => alice.session.epochWords("00".repeat(32)))).toBe("E033")
  await here.close()
})
