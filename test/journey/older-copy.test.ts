/** A profile that is brought back from a copy never goes on from the old keys: its groups let it in again. */
import { expect, test } from "vitest"
import { memoryStore } from "../../core/store/memory-store.ts"
import { copyOf, memoryTables } from "../../core/store/memory-tables.ts"
import { house } from "../fakes/house.ts"
import { Person } from "../fakes/person.ts"
import { team } from "../fakes/team.ts"
import { until } from "../fakes/until.ts"

test("an older copy of a profile is let in again before it says a word, and nobody is told of a forgery", async () => {
  const here = await house()
  const tables = memoryTables()
  const [alice, bob] = [await here.settle("alice"), await here.settle("bob", memoryStore(tables))]
  const groupId = await team(alice, bob)

  const copy = copyOf(tables)
  await alice.session.send(groupId, "read before the copy came back")
  await alice.sync()
  await bob.sync()
  await bob.session.send(groupId, "said with a key that the copy still has")
  await bob.sync()
  await bob.session.close()

  const again = new Person(memoryStore(copy), { dialer: here.network.dialer(), address: here.address })
  await alice.session.follow()
  await again.session.send(groupId, "said by the copy")
  await again.session.follow()
  await until("the copy is let in again and its text arrives", () => {
    const rows = alice.store.timeline({ limit: 100 })
    return rows.some(({ body }) => body === "said by the copy")
  })

  expect(again.troubles).toEqual(["E045", "E048"])
  expect(alice.troubles).toEqual([])
  expect(again.authenticator(groupId)).toBe(alice.authenticator(groupId))
  await again.close()
  await here.close()
})

test("a copy from before the first mail is found out as well", async () => {
  const here = await house()
  const tables = memoryTables()
  const [alice, bob] = [await here.settle("alice", memoryStore(tables)), await here.settle("bob")]
  const groupId = await team(alice, bob)
  await alice.sync()

  const copy = copyOf(tables)
  await bob.session.send(groupId, "the first mail of all")
  await bob.sync()
  await alice.sync()
  await alice.session.send(groupId, "said with a key that the copy still has")
  await alice.sync()
  await alice.session.close()

  const again = new Person(memoryStore(copy), { dialer: here.network.dialer(), address: here.address })
  await again.sync()
  expect(again.troubles).toEqual(["E045", "E048"])
  await again.close()
  await here.close()
})
