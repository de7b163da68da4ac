/** People who speak in the same moment read their conversation in one order, whatever comes first: answers or mail. */
import { afterEach, beforeEach, expect, test } from "vitest"
import type { ClientEvent } from "../../core/client/client-api.ts"
import { QpqError } from "../../core/domain/errors.ts"
import { SeededRandom } from "../fakes/world.ts"
import type { House } from "../fakes/house.ts"
import type { Person } from "../fakes/person.ts"
import { settled, syncAll, talking, team } from "../fakes/team.ts"

let here: House
let alice: Person
let bob: Person
let carol: Person
let groupId: string

beforeEach(async () => {
  ;({ here, alice, bob, carol } = await settled("alice", "bob", "carol"))
  groupId = await team(alice, bob, carol)
  await syncAll(alice, bob, carol)
})
afterEach(async () => here.close())

async function says(person: Person, text: string, id = groupId): Promise<void> {
  await person.session.send(id, text)
  await person.sync()
}

/** The next message of this person's: `before` happens when the mailbox was read, `after` when the server has it. */
function meanwhile(
  person: Person,
  { before, after }: { before?: () => Promise<void>; after?: () => Promise<void> },
): void {
  person.tampering.enqueueMany = async (ask, fanOut) => {
    person.tampering.enqueueMany = undefined
    await before?.()
    const answer = await ask(fanOut)
    await after?.()
    return answer
  }
}

/** Texts and changes, as they stand. */
async function lines(person: Person): Promise<readonly string[]> {
  const rows = await person.session.timeline({ limit: 1000 })
  return rows.map(({ kind, text, epoch }) => (kind === "text" ? text : `${kind} ${epoch}`))
}

async function expectOrder(order: readonly string[], ...people: readonly Person[]): Promise<void> {
  await syncAll(...people)
  for (const person of people) expect([person.me.name, await person.texts()]).toEqual([person.me.name, order])
}

test("what the server had before stands before, though it is read after the answer", async () => {
  const events: ClientEvent[] = []
  void (async () => {
    for await (const event of alice.session.events(new AbortController().signal)) events.push(event)
  })()
  meanwhile(alice, {
    before: async () => {
      await says(bob, "bob 1")
      await says(carol, "carol 1")
    },
  })
  await says(alice, "alice 1")
  await says(bob, "bob 2")
  await expectOrder(["bob 1", "carol 1", "alice 1", "bob 2"], alice, bob, carol)
  const told = events.flatMap((event) => (event.kind === "timeline" ? [event.row] : []))
  const last = new Map(told.map((row) => [row.text, row.place]))
  const rows = await alice.session.timeline({ groupId, limit: 100 })
  for (const { kind, text, place } of rows) if (kind === "text") expect([text, last.get(text)]).toEqual([text, place])
  expect(alice.troubles).toEqual([])
})

test("several that are on the way at once stand where the server has them", async () => {
  let calls = 0
  alice.tampering.enqueueMany = async (ask, fanOut) => {
    if (++calls % 3 === 0) await says(bob, `bob ${calls}`)
    return ask(fanOut)
  }
  for (let at = 1; at <= 12; at++) await alice.session.send(groupId, `alice ${at}`)
  await alice.sync()
  await syncAll(bob)
  await expectOrder(await bob.texts(), alice, bob, carol)
  expect(await alice.texts()).toHaveLength(16)
})

test("mail that another program of the profile reads before the answer stands behind, unless the server had it before", async () => {
  await using second = disposable(alice.another({}))
  await alice.session.send(groupId, "alice 1")
  meanwhile(alice, {
    before: () => says(bob, "bob 1"),
    after: async () => {
      await says(carol, "carol 1")
      await second.session.sync(10_000)
    },
  })
  await alice.sync()
  await expectOrder(["bob 1", "alice 1", "carol 1"], alice, bob, carol)
})

test("an answer that is lost is given again, also behind mail that came meanwhile", async () => {
  await says(bob, "bob 0")
  await alice.sync()
  alice.tampering.enqueueMany = async (ask, fanOut) => {
    await ask(fanOut)
    throw new QpqError("E054")
  }
  await alice.session.send(groupId, "alice 1")
  await alice.session.send(groupId, "alice 2")
  await alice.sync().catch(() => undefined)
  await says(bob, "bob 1")
  await says(carol, "carol 1")
  alice.tampering.enqueueMany = async () => {
    throw new QpqError("E054")
  }
  await alice.sync().catch(() => undefined)
  await says(bob, "bob 2")
  alice.tampering.enqueueMany = undefined
  await alice.reopen()
  await expectOrder(["bob 0", "alice 1", "alice 2", "bob 1", "carol 1", "bob 2"], alice, bob, carol)
})

test("a change stands behind what was said before it, and before what was said in its epoch", async () => {
  alice.tampering.commit = async (ask, request) => {
    alice.tampering.commit = undefined
    await says(bob, "bob 1")
    const answer = await ask(request)
    await says(carol, "carol 1")
    return answer
  }
  await alice.session.update(groupId)
  await syncAll(alice, bob, carol)
  const seen = await lines(bob)
  expect(seen.slice(-3)).toEqual(["bob 1", "change 2", "carol 1"])
  expect((await lines(alice)).slice(-3)).toEqual(seen.slice(-3))
  expect((await lines(carol)).slice(-3)).toEqual(seen.slice(-3))
})

test("a change whose answer was lost stands there too", async () => {
  alice.tampering.commit = async (ask, request) => {
    alice.tampering.commit = undefined
    await says(bob, "bob 1")
    await ask(request)
    throw new QpqError("E054")
  }
  await alice.session.update(groupId).catch(() => undefined)
  await says(carol, "carol 1")
  await syncAll(alice, bob)
  for (const person of [alice, bob]) expect((await lines(person)).slice(-3)).toEqual(["bob 1", "change 2", "carol 1"])
})

test("in a conversation of two it is the same", async () => {
  const { mine, theirs } = await talking(alice, bob)
  meanwhile(alice, { before: () => says(bob, "bob 1", theirs) })
  await says(alice, "alice 1", mine)
  meanwhile(bob, { before: () => says(alice, "alice 2", mine) })
  await says(bob, "bob 2", theirs)
  await expectOrder(["bob 1", "alice 1", "alice 2", "bob 2"], alice, bob)
})

test("numbers that a server cannot mean leave a message behind all that was read, and are no trouble", async () => {
  for (const [at, head] of [2n ** 64n - 1n, 2n ** 63n, 0n].entries()) {
    alice.tampering.enqueueMany = async (ask, fanOut) => ({ ...(await ask(fanOut)), head })
    await alice.session.send(groupId, `alice ${at}`)
    await says(bob, `bob ${at}`)
    await alice.sync()
  }
  alice.tampering.enqueueMany = undefined
  await says(bob, "bob 3")
  await alice.sync()
  expect(await alice.texts()).toEqual(["bob 0", "alice 0", "bob 1", "alice 1", "bob 2", "alice 2", "bob 3"])
  expect(alice.troubles).toEqual([])
})

test.each([1, 2, 3, 4, 5])(
  "three who speak all at once, over slow lines that break, read the same: %s",
  async (seed) => {
    const dice = new SeededRandom(seed)
    const people = [alice, bob, carol]
    // Whose mailbox never had anything does not learn the place of a first message whose answer is lost (0036).
    await says(bob, "bob begins")
    await alice.sync()
    for (let round = 0; round < 8; round++) {
      const talks = people.map(async (person) => {
        person.tampering.enqueueMany = slowLine(dice)
        for (let at = 0; at <= dice.below(3); at++)
          await person.session.send(groupId, `${person.me.name} ${round}.${at}`)
        await pause(dice)
        await person.sync().catch(() => undefined)
      })
      await Promise.all(talks)
    }
    for (const person of people) person.tampering.enqueueMany = undefined
    await syncAll(...people, ...people)
    await expectOrder(await carol.texts(), alice, bob, carol)
  },
)

const pause = (dice: SeededRandom) => new Promise<void>((resolve) => setTimeout(resolve, dice.below(12)))

/** What is sent comes in its order, and so do the answers, until the line breaks. */
function slowLine(dice: SeededRandom): NonNullable<Person["tampering"]["enqueueMany"]> {
  let [asking, answering]: Promise<unknown>[] = [Promise.resolve(), Promise.resolve()]
  let isBroken = false
  return async (ask, fanOut) => {
    const sent = asking?.then(() => pause(dice))
    asking = sent
    await sent
    const asked = ask(fanOut)
    const given = answering?.then(() => pause(dice)).then(() => asked)
    answering = given
    const answer = await given
    isBroken ||= dice.below(8) === 0
    if (isBroken || !answer) throw new QpqError("E054")
    return answer
  }
}

const disposable = (session: Person["session"]) => ({
  session,
  [Symbol.asyncDispose]: () => session.close(),
})
