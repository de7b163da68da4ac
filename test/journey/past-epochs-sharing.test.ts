/** A past epoch with two programs on a profile: what was said in it before a commit of one's own is read, whoever reads. */
import { afterEach, beforeEach, expect, test } from "vitest"
import type { ClientSession } from "../../core/client/session.ts"
import type { Between } from "../fakes/between.ts"
import type { House } from "../fakes/house.ts"
import type { Person } from "../fakes/person.ts"
import { inTeam } from "../fakes/team.ts"
import { until } from "../fakes/until.ts"

let here: House
let alice: Person
let bob: Person
let groupId: string
let second: ClientSession
/** What stands between the second program and the server. */
let between: Between

beforeEach(async () => {
  ;({ here, alice, bob, groupId } = await inTeam("alice", "bob"))
  await bob.sync()
  between = {}
  second = bob.another(between)
  await second.sync(10_000)
})
afterEach(async () => {
  await second.close()
  await here.close()
})

/** By the first program; what Alice says comes before, and when that one had read to the end. */
async function updatesBehind(text: string): Promise<void> {
  bob.tampering.commit = async (ask, request) => {
    await alice.session.send(groupId, text)
    await alice.sync()
    return ask(request)
  }
  await bob.session.update(groupId)
  bob.tampering.commit = undefined
}

async function expectHeard(text: string): Promise<void> {
  await bob.sync()
  expect(await bob.texts()).toEqual([text])
  expect(bob.store.buffered()).toEqual([])
  expect(bob.troubles).toEqual([])
}

test("one that had read to the end before the other's commit ends no epoch by it", async () => {
  const { epoch } = bob.group(groupId)
  const isChanged = (): boolean => bob.group(groupId).epoch > epoch
  let [isRead, isDone] = [false, false]
  between.fetch = async (ask, request) => {
    const answer = await ask(request)
    isRead = true
    await until("the other's commit is there", isChanged)
    return answer
  }
  bob.tampering.fetch = async (ask, request) => {
    if (isChanged()) await until("the second is done", () => isDone)
    return ask(request)
  }
  const reading = second.sync(10_000).finally(() => (isDone = true))
  await until("the mailbox is read", () => isRead)
  await updatesBehind("in time")
  await reading
  await expectHeard("in time")
})

test("one that waits for mail at which the other works ends no epoch meanwhile", async () => {
  let [isOpening, questions] = [false, 0]
  between.fetch = async (ask, request) => {
    questions++
    return ask(request)
  }
  between.fetchWait = async (ask, ...rest) => {
    questions++
    const answer = await ask(...rest)
    await until("the other opens it", () => isOpening)
    return answer
  }
  await second.follow()
  await until("it waits", () => questions > 1)
  const open = bob.engine.open.bind(bob.engine)
  bob.engine.open = async (group, request) => {
    isOpening = true
    const before = questions
    await until("the second has looked at it, and asks again", () => questions > before)
    return open(group, request)
  }
  await updatesBehind("in time")
  await bob.sync()
  expect(isOpening).toBe(true)
  await expectHeard("in time")
})
