/** What waits to be sent goes several at a time, in order, and does not stand in the way of anything else. */
import { afterEach, beforeEach, expect, test } from "vitest"
import { QpqError } from "../../core/domain/errors.ts"
import type { Suite } from "../../core/domain/suite.ts"
import { house } from "../fakes/house.ts"
import type { House } from "../fakes/house.ts"
import type { Person } from "../fakes/person.ts"
import { codeOfAsync } from "../fakes/refusal.ts"

let here: House
let alice: Person
let bob: Person

beforeEach(async () => {
  here = await house()
  ;[alice, bob] = [await here.settle("alice"), await here.settle("bob")]
})
afterEach(async () => here.close())

async function together(name: string, suite: Suite = "hybrid"): Promise<string> {
  const { groupId } = await alice.session.createGroup(name, suite)
  await alice.session.invite(groupId, ["bob"])
  await bob.sync()
  await bob.session.accept(groupId)
  await bob.sync()
  await alice.sync()
  return groupId
}

/** Written while nothing can be sent. @returns the texts. */
async function write(groupId: string, count: number): Promise<readonly string[]> {
  const texts = Array.from({ length: count }, (_, at) => `${groupId.slice(0, 4)} ${at}`)
  for (const text of texts) await alice.session.send(groupId, text)
  return texts
}

/** No call of `method` goes on before so many are there, or as many as there will be. @returns how many were at most. */
function gatherCalls(person: Person, atOnce: number, all: number): { readonly most: () => number } {
  const open: (() => void)[] = []
  let [most, begun] = [0, 0]
  person.tampering.enqueueMany = async (ask, request) => {
    begun++
    await new Promise<void>((resolve) => {
      open.push(resolve)
      most = Math.max(most, open.length)
      if (open.length >= atOnce || begun === all) for (const go of open.splice(0)) go()
    })
    return ask(request)
  }
  return { most: () => most }
}

test.each(["hybrid", "baseline"] as const)("many are on the way at once and arrive in order: %s", async (suite) => {
  const groupId = await together("team", suite)
  const written = await write(groupId, 40)
  let keyQuestions = 0
  alice.tampering.fetchHybridKeys = (ask, devices) => {
    keyQuestions++
    return ask(devices)
  }
  const calls = gatherCalls(alice, 8, 40)
  await alice.sync()
  expect(calls.most()).toBe(8)
  expect(keyQuestions).toBeLessThanOrEqual(1)
  expect(await alice.session.queued()).toBe(0)
  await bob.sync()
  expect(await bob.texts()).toEqual(written)
})

test("the epoch ends while they are on the way: the rest is sealed anew, and all arrive once, in order", async () => {
  const groupId = await together("team")
  const written = await write(groupId, 30)
  let calls = 0
  alice.tampering.enqueueMany = async (ask, request) => {
    if (++calls === 5) await bob.session.update(groupId)
    return ask(request)
  }
  await alice.sync()
  expect(await alice.session.queued()).toBe(0)
  await bob.sync()
  expect([...(await bob.texts())].sort()).toEqual([...written].sort())
  expect(new Set(await bob.texts()).size).toBe(30)
  expect(alice.authenticator(groupId)).toBe(bob.authenticator(groupId))
  expect([...alice.troubles, ...bob.troubles]).toEqual([])
})

test("the line breaks among them: the failure is told, and the next attempt sends each once", async () => {
  const groupId = await together("team")
  const written = await write(groupId, 30)
  let calls = 0
  alice.tampering.enqueueMany = async (ask, request) => {
    const answer = await ask(request)
    if (++calls !== 5) return answer
    alice.tampering.enqueueMany = undefined
    alice.cut()
    throw new QpqError("E054")
  }
  expect(await codeOfAsync(() => alice.session.sync(5000))).toBe("E054")
  await alice.sync()
  await bob.sync()
  expect(await bob.texts()).toEqual(written)
})

test("what the server has, though its answer was lost, is nobody's who came in since; those behind it are sealed anew", async () => {
  const groupId = await together("team")
  const carol = await here.settle("carol")
  const [first = "", ...others] = await write(groupId, 3)
  alice.tampering.enqueueMany = async (ask, request) => {
    alice.tampering.enqueueMany = async () => {
      throw new QpqError("E054")
    }
    await ask(request)
    alice.cut()
    throw new QpqError("E054")
  }
  expect(await codeOfAsync(() => alice.session.sync(5000))).toBe("E054")
  await bob.session.invite(groupId, ["carol"])
  await carol.sync()
  await carol.session.accept(groupId)
  alice.tampering.enqueueMany = undefined
  await alice.sync()
  expect(await alice.session.queued()).toBe(0)
  for (const person of [bob, carol]) await person.sync()
  expect(await bob.texts()).toEqual([first, ...others])
  expect(await carol.texts()).toEqual(others)
})

test("a change of one group does not wait for all that was written in another", async () => {
  const [busy, quiet] = [await together("busy"), await together("quiet")]
  await alice.session.follow()
  await alice.session.send(quiet, "before the change")
  let open: () => void = () => undefined
  const gate = new Promise<void>((resolve) => (open = resolve))
  alice.tampering.enqueueMany = async (ask, request) => {
    await gate
    return ask(request)
  }
  const written = await write(busy, 400)
  const updating = alice.session.update(quiet)
  open()
  const updated = await updating
  expect(await alice.session.queued()).toBeGreaterThan(0)
  expect(BigInt(updated.epoch)).toBe(alice.group(quiet).epoch)
  await expect.poll(() => alice.session.queued(), { timeout: 20_000 }).toBe(0)
  await bob.sync()
  const heard = await bob.texts()
  expect(heard.filter((text) => written.includes(text))).toEqual(written)
  expect(heard).toContain("before the change")
})

test("what was said before a removal reaches the removed, what is said after does not", async () => {
  const groupId = await together("team")
  await alice.session.send(groupId, "farewell")
  await alice.session.remove(groupId, "bob")
  await alice.session.send(groupId, "alone now")
  await alice.sync()
  await bob.sync()
  expect(await bob.texts()).toEqual(["farewell"])
})

test("what is written while others are sent goes with them", async () => {
  const groupId = await together("team")
  await alice.session.follow()
  const texts = await Promise.all(
    Array.from({ length: 100 }, async (_, at) => {
      const text = `in a rush ${at}`
      await alice.session.send(groupId, text)
      return text
    }),
  )
  await expect.poll(() => alice.session.queued(), { timeout: 10_000 }).toBe(0)
  await bob.sync()
  expect(await bob.texts()).toEqual(texts)
})
