/** A device whose hybrid key has expired hears that a baseline group has gone on, and is let in again. */
import { expect, test } from "vitest"
import { equal } from "../../core/domain/bytes.ts"
import { house } from "../fakes/house.ts"
import { until } from "../fakes/until.ts"

test("a commit that cannot be sealed for a member reaches it as the mark of a lost one", async () => {
  const here = await house()
  const [alice, bob] = [await here.settle("alice"), await here.settle("bob")]
  const { groupId } = await alice.session.createGroup("team", "baseline")
  await alice.session.invite(groupId, ["bob"])
  await bob.sync()
  await bob.session.accept(groupId)
  // Keys that were valid a minute ago are not asked for again.
  await alice.reopen()
  const none = { record: new Uint8Array(0), signature: new Uint8Array(0) }
  alice.tampering.fetchHybridKeys = async (ask, devices) =>
    (await ask(devices)).map((key) => (equal(key.deviceKey, bob.me.deviceKey) ? { ...key, ...none } : key))
  await alice.session.update(groupId)
  await bob.sync()
  expect(bob.troubles).toEqual(["E048"])
  alice.tampering.fetchHybridKeys = undefined
  for (const { session } of [alice, bob]) await session.follow()
  await until("bob is let in again", () => bob.group(groupId).rejoin === undefined)
  await bob.session.send(groupId, "here again")
  await bob.sync()
  await alice.sync()
  expect(await alice.texts()).toEqual(["here again"])
  await here.close()
})
