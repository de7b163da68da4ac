/** A server that lies to its clients: what it withholds is noticed, what it changes is refused, nothing is shown twice. */
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { storedCursor } from "../../core/client/mail-cursor.ts"
import type { Envelope, FetchAnswer } from "../../core/contract/node-service.ts"
import { encodeCommitInfo, signCommit } from "../../core/crypto/account-statements.ts"
import { sha256 } from "../../core/crypto/hash.ts"
import { concat } from "../../core/domain/bytes.ts"
import type { Suite } from "../../core/domain/suite.ts"
import { isGiven, reads } from "../fakes/given-rows.ts"
import { goesOn } from "../fakes/going-on.ts"
import { post, random } from "../fakes/hostile-mail.ts"
import { house } from "../fakes/house.ts"
import type { House } from "../fakes/house.ts"
import type { Person } from "../fakes/person.ts"

let here: House
let alice: Person
let bob: Person
let carol: Person
let mallory: Person
let groupId: string

const team = async (name: string, suite: Suite = "hybrid"): Promise<string> => {
  const made = await alice.session.createGroup(name, suite)
  await alice.session.invite(made.groupId, ["bob"])
  await bob.sync()
  await bob.session.accept(made.groupId)
  return made.groupId
}

beforeAll(async () => {
  here = await house()
  ;[alice, bob] = [await here.settle("alice"), await here.settle("bob")]
  ;[carol, mallory] = [await here.settle("carol"), await here.settle("mallory")]
  groupId = await team("team")
})
afterAll(async () => here.close())

const say = async (...texts: readonly string[]): Promise<void> => {
  for (const text of texts) await alice.session.send(groupId, text)
  await alice.sync()
}

/** Bob reads once while the server changes its answers. */
async function reading(change: (answer: FetchAnswer) => FetchAnswer): Promise<readonly string[]> {
  bob.troubles.length = 0
  bob.tampering.fetch = async (ask, request) => change(await ask(request))
  await bob.sync()
  bob.tampering.fetch = undefined
  return [...bob.troubles]
}

const shown = async (...wanted: readonly string[]): Promise<readonly string[]> =>
  (await bob.texts()).filter((text) => wanted.includes(text))

const changed = (answer: FetchAnswer, change: (row: Envelope) => Envelope): FetchAnswer => ({
  ...answer,
  envelopes: answer.envelopes.map(change),
})

describe("rows", () => {
  test("in another order are read in theirs", async () => {
    await say("order 1", "order 2", "order 3")
    expect(await reading((answer) => ({ ...answer, envelopes: answer.envelopes.toReversed() }))).toEqual([])
    expect(await shown("order 1", "order 2", "order 3")).toEqual(["order 1", "order 2", "order 3"])
  })

  test("given again and again are shown once", async () => {
    await say("again 1", "again 2")
    let all: readonly Envelope[] = []
    const repeating = (answer: FetchAnswer): FetchAnswer => {
      all = [...all, ...answer.envelopes]
      return { ...answer, envelopes: [...all, ...all] }
    }
    expect(await reading(repeating)).toEqual([])
    await say("again 3")
    await bob.sync()
    expect(await shown("again 1", "again 2", "again 3")).toEqual(["again 1", "again 2", "again 3"])
  })

  test("given again in place of others are refused, not shown", async () => {
    await say("moved")
    await post(mallory, bob.me.deviceKey, random(9))
    const moving = (answer: FetchAnswer): FetchAnswer => {
      const [honest] = answer.envelopes
      return changed(answer, (row) => ({ ...row, payload: honest?.payload ?? row.payload }))
    }
    expect(await reading(moving)).toEqual(["E030"])
    expect(await shown("moved")).toEqual(["moved"])
  })

  test("held back are missed: the person is told", async () => {
    await say("held 1", "held 2", "held 3")
    const codes = await reading((answer) => ({
      ...answer,
      envelopes: answer.envelopes.filter((_, at) => at !== 1),
    }))
    expect(codes).toContain("E045")
    expect(await shown("held 1", "held 3")).toEqual(["held 1", "held 3"])
  })

  test("of another incarnation of the server start the numbers anew, and nothing is shown twice", async () => {
    await say("generation 1")
    await reading((answer) => ({ ...answer, generation: answer.generation ^ 1n }))
    expect(await shown("generation 1")).toEqual(["generation 1"])
    await say("generation 2")
    await bob.sync()
    expect(await shown("generation 1", "generation 2")).toEqual(["generation 1", "generation 2"])
  })

  test("of ever another incarnation are given up, not asked for without end", async () => {
    let generation = 1n
    const everOther = reading((answer) => ({ ...answer, generation: generation++ }))
    await expect(everOther).rejects.toMatchObject({ code: "E026" })
    bob.tampering.fetch = undefined
    await say("generation 3")
    await bob.sync()
    expect(await shown("generation 3")).toEqual(["generation 3"])
  })

  test("longer than any envelope are refused", async () => {
    await say("long 1")
    await post(mallory, bob.me.deviceKey, Uint8Array.of(1))
    const payload = concat(Uint8Array.of(1), new Uint8Array(5_242_880 + 8192))
    const longer = (answer: FetchAnswer): FetchAnswer =>
      changed(answer, (row) => (row.payload.length === 1 ? { ...row, payload } : row))
    expect(await reading(longer)).toEqual(["E031"])
    expect(await shown("long 1")).toEqual(["long 1"])
  })
})

describe("commits and Welcomes", () => {
  test.each(["hybrid", "baseline"] as const)(
    "a message of a %s group before its commit waits for it",
    async (suite) => {
      const made = await team("early", suite)
      await alice.session.invite(made, ["carol"])
      await alice.session.send(made, `early ${suite}`)
      await alice.sync()
      const { position } = storedCursor(bob.store)
      let all: readonly Envelope[] = []
      await reading((answer) => {
        all = answer.envelopes.toReversed().map((row, at) => ({ ...row, position: position + BigInt(at + 1) }))
        return { ...answer, envelopes: all.slice(0, -1), more: false }
      })
      expect(await shown(`early ${suite}`)).toEqual([])
      expect(bob.store.buffered().length).toBeGreaterThan(0)
      expect(await reading((answer) => ({ ...answer, envelopes: all.slice(-1), more: false }))).toEqual([])
      expect(await shown(`early ${suite}`)).toEqual([`early ${suite}`])
      expect(bob.store.buffered()).toEqual([])
    },
  )

  /** What Bob is told of a commit whose row the server changed; he stays in his epoch, and goes on with the row as it was. */
  async function commitWith(change: (row: Envelope) => Envelope): Promise<readonly string[]> {
    const made = await team("attacked")
    await bob.sync()
    await alice.session.update(made)
    const before = [bob.group(made).epoch, bob.authenticator(made)]
    bob.troubles.length = 0
    const rows = await reads(bob, (shown) => shown.map(change))
    const codes = [...bob.troubles]
    expect(rows).toHaveLength(1)
    expect([bob.group(made).epoch, bob.authenticator(made)]).toEqual(before)
    expect(bob.group(made).rejoin).toBeUndefined()
    await isGiven(bob, mallory, rows)
    await goesOn(made, alice, bob)
    expect(bob.troubles).toEqual(codes)
    return codes
  }

  test("a commit row with another author's name is refused", async () => {
    const codes = await commitWith((row) => {
      const info = concat(mallory.me.deviceKey, row.commit!.commitInfo.subarray(32))
      return { ...row, commit: { ...row.commit!, commitInfo: info } }
    })
    expect(codes).toEqual(["E043"])
  })

  test("a commit row that another device signed in its own name is refused", async () => {
    const codes = await commitWith((row) => {
      const { groupTag, epoch: baseEpoch, commitInfo } = row.commit!
      const nextVerifier = commitInfo.slice(32, 64)
      const statement = { groupTag, baseEpoch, nextVerifier, payloadHash: sha256(row.payload) }
      const authorSig = signCommit(mallory.me.deviceSeed, statement)
      const info = encodeCommitInfo({ author: mallory.me.deviceKey, nextVerifier, authorSig })
      return { ...row, commit: { groupTag, epoch: baseEpoch, commitInfo: info } }
    })
    expect(codes).toEqual(["E043"])
  })

  test("a commit row whose author signed it for another epoch than its message's is refused", async () => {
    const codes = await commitWith((row) => {
      const { groupTag, epoch, commitInfo } = row.commit!
      const nextVerifier = commitInfo.slice(32, 64)
      const author = alice.me.deviceKey
      const statement = { groupTag, baseEpoch: epoch + 1n, nextVerifier, payloadHash: sha256(row.payload) }
      const authorSig = signCommit(alice.me.deviceSeed, statement)
      const info = encodeCommitInfo({ author, nextVerifier, authorSig })
      return { ...row, commit: { groupTag, epoch: epoch + 1n, commitInfo: info } }
    })
    expect(codes).toEqual(["E043"])
  })

  test("a commit row for another epoch's secret, or without its row, is refused", async () => {
    expect(
      await commitWith((row) => {
        const info = row.commit!.commitInfo.slice()
        info.set(random(32), 32)
        return { ...row, commit: { ...row.commit!, commitInfo: info } }
      }),
    ).toEqual(["E043"])
    const stripped = await commitWith((row) => twisted(row, "row"))
    expect(stripped).toEqual(["E043"])
  })

  test.each(["author", "tag", "epoch", "verifier", "row"] as const)(
    "a Welcome whose %s is not its commit's is refused",
    async (what) => {
      const { groupId: made } = await alice.session.createGroup("attacked", "hybrid")
      await alice.session.invite(made, ["bob"])
      const groups = bob.store.groups().length
      bob.troubles.length = 0
      const rows = await reads(bob, (shown) => shown.map((row) => (row.commit ? twisted(row, what) : row)))
      expect(bob.troubles).toEqual(["E035"])
      expect(bob.store.groups()).toHaveLength(groups)
      await isGiven(
        bob,
        mallory,
        rows.filter(({ commit }) => commit),
      )
      await bob.session.accept(made)
      await bob.sync()
      await goesOn(made, alice, bob)
      expect(bob.troubles).toEqual(["E035"])
    },
  )

  function twisted({ commit, ...row }: Envelope, what: "author" | "tag" | "epoch" | "verifier" | "row"): Envelope {
    if (!commit || what === "row") return row
    const info = commit.commitInfo.slice()
    if (what === "author") info.set(carol.me.deviceKey, 0)
    if (what === "verifier") info.set(random(32), 32)
    const groupTag = what === "tag" ? (random(16) as typeof commit.groupTag) : commit.groupTag
    return { ...row, commit: { groupTag, epoch: commit.epoch + (what === "epoch" ? 1n : 0n), commitInfo: info } }
  }
})
