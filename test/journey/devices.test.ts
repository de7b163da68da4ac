/** Which devices an account has, as a real server shows them and as it would like to. */
import { afterEach, beforeEach, expect, test } from "vitest"
import { hex } from "../../core/domain/bytes.ts"
import type { House } from "../fakes/house.ts"
import type { Person } from "../fakes/person.ts"
import { codeOfAsync } from "../fakes/refusal.ts"
import { inTeam } from "../fakes/team.ts"

let here: House
let alice: Person
let bob: Person

beforeEach(async () => {
  ;({ here, alice, bob } = await inTeam("alice", "bob"))
})
afterEach(async () => here.close())

test("one's own device is listed as this one, another's as theirs", async () => {
  const [own, ...more] = await alice.session.devices()
  expect(more).toEqual([])
  expect(own).toMatchObject({ user: "alice", id: hex(alice.me.deviceKey), status: "active", current: true })
  expect(own?.listedAt).toBeGreaterThan(0)
  expect(await alice.session.devices("bob")).toMatchObject([{ user: "bob", id: hex(bob.me.deviceKey), current: false }])
  expect(await codeOfAsync(() => alice.session.devices("nobody"))).toBe("E015")
  expect(await codeOfAsync(() => alice.session.devices("No Name"))).not.toBe("accepted")
})
