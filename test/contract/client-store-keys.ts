/** What every client store promises about settings, keys, contacts and leases, and about transactions as such. */
import { expect, test } from "vitest"
import { QpqError } from "../../core/domain/errors.ts"
import { userName } from "../../core/domain/user-name.ts"
import type { ClientStore, ClientTx, HybridKeyRow } from "../../core/store/client-store.ts"
import {
  contact,
  direct,
  group,
  GROUP,
  keyPackage,
  line,
  PAULA,
  staged,
  waiting,
  succession,
} from "../fakes/client-stores.ts"
import { filled } from "../fakes/fake-services.ts"
import { codeOf } from "../fakes/refusal.ts"

const hybrid = (value: number, notAfter: number): HybridKeyRow => ({
  keyId: filled(4, value),
  record: filled(100, value),
  privateKey: filled(64, value),
  notAfter,
})

/** One row of every kind. */
function fill(tx: ClientTx): void {
  tx.set("name", filled(4, 1))
  tx.saveGroup(group(), undefined)
  tx.putSecretNode(GROUP, { epoch: 3n, leaf: 1, record: filled(76, 1) })
  tx.putEpochKey({ groupId: GROUP, epoch: 3n, keyTag: filled(8, 1), key: filled(32, 1), heirs: filled(128, 1) })
  tx.saveSuccession(succession())
  tx.saveDirect(direct())
  tx.stageCommit(staged())
  tx.addTimeline(line())
  tx.queue(waiting(1))
  tx.buffer({ position: 1n, row: filled(9, 1), since: 1 })
  tx.addKeyPackage(keyPackage(1))
  tx.addHybridKey(hybrid(1, 5))
  tx.saveContact(contact("peter", { offered: PAULA }))
  tx.saveFormerKey(PAULA, userName("peter"))
  tx.block({ name: userName("peter"), accountKey: PAULA, since: 5 })
  tx.lease("refresh", filled(16, 1), 0, 10)
  tx.mark({ position: 1n, owner: filled(16, 1), heartbeat: 1, attempts: 0 })
}

/** All that can be read. */
const readings = (store: ClientStore): unknown => [
  store.setting("name"),
  store.groups(),
  store.secretNodes(GROUP),
  store.epochKeysByTag(filled(8, 1)),
  store.epochKeys(),
  store.successions(),
  store.directs(),
  store.stagedCommits(),
  store.blocks(),
  store.timeline({ limit: 9 }),
  store.outbox(9),
  store.buffered(),
  store.keyPackages(),
  store.hybridKeys(),
  store.contacts(),
  store.formerName(PAULA),
  store.processing(1n),
]

export function transactionPromises(opened: () => ClientStore): void {
  test("a change that throws leaves nothing behind, of whatever kind, not even a number that was given", () => {
    const store = opened()
    const before = readings(store)
    const failing = (): void =>
      store.write((tx) => {
        fill(tx)
        throw new QpqError("E036")
      })
    expect(codeOf(failing)).toBe("E036")
    expect(readings(store)).toEqual(before)
    store.write(fill)
    expect(store.timeline({ limit: 9 })[0]?.place).toBe(1)
    expect(store.outbox(9)[0]?.place).toBe(1)
  })

  test("a change that throws leaves what was there", () => {
    const store = opened()
    store.write(fill)
    const before = readings(store)
    const failing = (): void =>
      store.write((tx) => {
        tx.unset("name")
        tx.dropGroup(GROUP)
        tx.unqueue(1)
        tx.unbuffer(1n)
        tx.dropKeyPackage(filled(32, 1))
        tx.dropHybridKey(filled(100, 1))
        tx.saveContact(contact("peter", { verified: true }))
        tx.release("refresh", filled(16, 1))
        tx.unmark(1n)
        tx.saveGroup(group(), 17)
      })
    expect(codeOf(failing)).toBe("E064")
    expect(readings(store)).toEqual(before)
    expect(store.write((tx) => tx.lease("refresh", filled(16, 2), 5, 15))).toBe(false)
  })

  test("a transaction reads its own changes, and gives back what it returns", () => {
    const store = opened()
    const seen = store.write((tx) => {
      fill(tx)
      return [tx.groups().length, tx.timeline({ limit: 9 }).length, tx.setting("name")?.length, tx.unread(GROUP)]
    })
    expect(seen).toEqual([1, 1, 4, 1])
  })

  test("anything thrown that is not ours comes out as an internal fault with its cause", () => {
    const store = opened()
    const fault = new TypeError("odd")
    try {
      store.write(() => {
        throw fault
      })
      expect.unreachable()
    } catch (thrown) {
      expect(thrown).toMatchObject({ code: "E099", cause: fault })
    }
  })

  test("a transaction that would await is refused and undone", () => {
    const store = opened()
    const waits = (): unknown => store.write(async (tx) => tx.set("name", filled(4, 1)))
    expect(codeOf(waits)).toBe("E099")
    expect(store.setting("name")).toBeUndefined()
  })

  test("bytes given to the store or taken from it are copies", () => {
    const store = opened()
    const given = filled(4, 1)
    store.write((tx) => tx.set("name", given))
    given.fill(0)
    expect(store.setting("name")).toEqual(filled(4, 1))
    store.write(fill)
    const before = JSON.stringify(readings(store), plainly)
    scribble(readings(store))
    expect(JSON.stringify(readings(store), plainly)).toBe(before)
  })
}

export function keyPromises(opened: () => ClientStore): void {
  test("a setting is set, replaced and unset", () => {
    const store = opened()
    expect(store.setting("cursor")).toBeUndefined()
    store.write((tx) => tx.set("cursor", filled(0, 0)))
    expect(store.setting("cursor")).toEqual(filled(0, 0))
    store.write((tx) => tx.set("cursor", filled(3, 2)))
    expect(store.setting("cursor")).toEqual(filled(3, 2))
    store.write((tx) => tx.unset("cursor"))
    expect(store.setting("cursor")).toBeUndefined()
  })

  test("KeyPackages stand in the order they end; a used one says so until it is dropped", () => {
    const store = opened()
    const last = keyPackage(9, { notAfter: 1, lastResort: true, suite: "baseline" })
    store.write((tx) => {
      for (const row of [keyPackage(2), last, keyPackage(1)]) tx.addKeyPackage(row)
      tx.useKeyPackage(last.ref)
      tx.useKeyPackage(filled(32, 77))
    })
    expect(store.keyPackages()).toEqual([{ ...last, used: true }, keyPackage(1), keyPackage(2)])
    store.write((tx) => tx.dropKeyPackage(last.ref))
    expect(store.keyPackages()).toHaveLength(2)
  })

  test("the hybrid key that lasts longest comes first; two may share an id", () => {
    const store = opened()
    const twin = { ...hybrid(3, 30), keyId: filled(4, 1) }
    store.write((tx) => {
      for (const row of [hybrid(1, 10), twin, hybrid(2, 20)]) tx.addHybridKey(row)
    })
    expect(store.hybridKeys()).toEqual([twin, hybrid(2, 20), hybrid(1, 10)])
    store.write((tx) => tx.dropHybridKey(twin.record))
    expect(store.hybridKeys()).toEqual([hybrid(2, 20), hybrid(1, 10)])
  })

  test("a contact is found by name and by key, and replaced by name", () => {
    const store = opened()
    const paula = contact("paula", { accountKey: PAULA, verified: true })
    store.write((tx) => {
      for (const one of [contact("peter"), paula, contact("anna")]) tx.saveContact(one)
    })
    expect(store.contact(userName("paula"))).toEqual(paula)
    expect(store.contactByKey(PAULA)).toEqual(paula)
    expect(store.contactByKey(contact("peter").accountKey)?.name).toBe("anna")
    expect(store.contact(userName("nobody"))).toBeUndefined()
    store.write((tx) => tx.saveContact(contact("peter", { verified: true })))
    expect(store.contacts().map(({ name, verified }) => [name, verified])).toEqual([
      ["anna", false],
      ["paula", true],
      ["peter", true],
    ])
  })

  test("a key that is offered or refused for a name leads to the person, and is not the name's", () => {
    const store = opened()
    const offered = contact("peter", { offered: PAULA, verified: true, mismatched: true })
    store.write((tx) => tx.saveContact(offered))
    expect([store.contact(userName("peter")), store.contactClaiming(PAULA)]).toEqual([offered, offered])
    expect([store.contactByKey(PAULA), store.contactClaiming(offered.accountKey)]).toEqual([undefined, undefined])
    const refusing = contact("peter", { refused: PAULA })
    store.write((tx) => tx.saveContact(refusing))
    expect([store.contacts(), store.contactClaiming(PAULA)]).toEqual([[refusing], refusing])
    store.write((tx) => tx.saveContact(contact("anna", { offered: PAULA })))
    expect(store.contactClaiming(PAULA)?.name).toBe("anna")
    store.write((tx) => tx.saveContact(contact("anna")))
    store.write((tx) => tx.saveContact(contact("peter")))
    expect(store.contactClaiming(PAULA)).toBeUndefined()
  })

  test("a former key keeps the name that it had last", () => {
    const store = opened()
    expect(store.formerName(PAULA)).toBeUndefined()
    for (const name of ["peter", "paula"]) store.write((tx) => tx.saveFormerKey(PAULA, userName(name)))
    expect([store.formerName(PAULA), store.formerName(contact("peter").accountKey)]).toEqual(["paula", undefined])
    expect([store.contacts(), store.contactByKey(PAULA)]).toEqual([[], undefined])
  })

  test("a block is one of its name, and goes once", () => {
    const store = opened()
    const [paula, peter] = [userName("paula"), userName("peter")]
    store.write((tx) => {
      tx.block({ name: peter, accountKey: PAULA, since: 5 })
      tx.block({ name: paula, accountKey: PAULA, since: 6 })
      tx.block({ name: peter, accountKey: contact("peter").accountKey, since: 7 })
    })
    expect(store.blocks()).toEqual([
      { name: paula, accountKey: PAULA, since: 6 },
      { name: peter, accountKey: contact("peter").accountKey, since: 7 },
    ])
    expect([paula, paula].map((name) => store.write((tx) => tx.unblock(name)))).toEqual([true, false])
    expect(store.blocks()).toHaveLength(1)
  })

  test("a lease is its owner's until it ends or is released; only the owner prolongs or releases it", () => {
    const store = opened()
    const [mine, yours] = [filled(16, 1), filled(16, 2)]
    const take = (owner: Uint8Array, now: number, untilMs: number): boolean =>
      store.write((tx) => tx.lease("refresh", owner, now, untilMs))
    expect(take(mine, 100, 200)).toBe(true)
    expect(take(yours, 150, 900)).toBe(false)
    expect(take(mine, 150, 300)).toBe(true)
    expect(take(yours, 299, 900)).toBe(false)
    store.write((tx) => tx.release("refresh", yours))
    expect(take(yours, 299, 900)).toBe(false)
    expect(take(yours, 300, 900)).toBe(true)
    expect(take(mine, 300, 900)).toBe(false)
    store.write((tx) => tx.release("refresh", yours))
    expect(take(mine, 300, 900)).toBe(true)
    expect(store.leaseHolder("another")).toBeUndefined()
    expect(store.write((tx) => tx.lease("another", yours, 300, 900))).toBe(true)
    expect(store.leaseHolder("another")).toEqual(yours)
  })
}

function scribble(value: unknown): void {
  if (value instanceof Uint8Array) value.fill(0xee)
  else if (typeof value === "object" && value !== null) Object.values(value).forEach(scribble)
}

const plainly = (_: string, value: unknown): unknown => (typeof value === "bigint" ? value.toString() : value)
