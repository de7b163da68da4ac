/** What every server store promises of KeyPackages and hybrid keys. */
import { expect, test } from "vitest"
import { KEY_PACKAGES_PER_DEVICE_MAX } from "../../core/domain/limits.ts"
import { TAKES_PER_CALLER_MAX, TAKES_PER_TARGET_MAX } from "../../server/store/node-store.ts"
import type { KeyPackageTake, NodeStore, StoredKeyPackage } from "../../server/store/node-store.ts"
import { fresh } from "../fakes/node-device.ts"
import { freshKey, NOW, plain, resident } from "../fakes/node-stores.ts"
import type { Resident } from "../fakes/node-stores.ts"
import { codeOfAsync } from "../fakes/refusal.ts"

const HOUR_MS = 3_600_000

export function keyCases(store: () => NodeStore): void {
  const publish = ({ deviceKey }: Resident, packages: readonly StoredKeyPackage[], replace = false, now = NOW) =>
    store().changeKeyPackages({ deviceKey, packages, replace, now })
  const take = ({ deviceKey }: Resident, change: Partial<KeyPackageTake> = {}) =>
    store().takeKeyPackage({ deviceKey, suite: "hybrid", caller: 0, now: NOW, ...change })

  test("each KeyPackage is given once, the oldest first, then the last-resort one again and again", async () => {
    const person = await resident(store())
    const [last, first, second] = [packageOf({ lastResort: true }), packageOf(), packageOf()]
    const supply = { baselineCount: 0, hybridCount: 2, baselineLastResort: false, hybridLastResort: true }
    expect(await publish(person, [last, first, second])).toEqual(supply)
    expect(await publish(person, [])).toEqual(supply)
    const given = [await take(person), await take(person), await take(person), await take(person)]
    expect(given.map(plain)).toEqual(
      [first, second, last, last].map(({ keyPackage, lastResort }) => plain({ keyPackage, lastResort })),
    )
    expect(await publish(person, [])).toEqual({ ...supply, hybridCount: 0 })
  })

  test("two takes of one moment never get the same KeyPackage", async () => {
    const person = await resident(store())
    await publish(person, [packageOf(), packageOf()])
    const taken = await Promise.all([take(person), take(person), take(person)])
    expect(new Set(taken.slice(0, 2).map((one) => plain(one?.keyPackage))).size).toBe(2)
    expect(taken[2]).toBe(undefined)
  })

  test("suites are apart, and who has none gives none", async () => {
    const person = await resident(store())
    const baseline = packageOf({ suite: "baseline" })
    await publish(person, [baseline])
    expect(await take(person)).toBe(undefined)
    expect(plain(await take(person, { suite: "baseline" }))).toMatchObject({ keyPackage: plain(baseline.keyPackage) })
    expect(await take({ ...person, deviceKey: freshKey() })).toBe(undefined)
  })

  test("an expired KeyPackage is neither given nor counted", async () => {
    const person = await resident(store())
    await publish(person, [packageOf({ notAfter: NOW + 1 }), packageOf({ notAfter: NOW + 1, lastResort: true })])
    expect(await take(person, { now: NOW + 1 })).toBe(undefined)
    expect(await publish(person, [], false, NOW + 1)).toMatchObject({ hybridCount: 0, hybridLastResort: false })
  })

  test("a caller gets only so many an hour, then the last-resort one; others still get theirs", async () => {
    const person = await resident(store())
    const last = packageOf({ lastResort: true })
    await publish(person, [last, ...several(TAKES_PER_CALLER_MAX + 2)])
    for (let at = 0; at < TAKES_PER_CALLER_MAX; at++)
      expect((await take(person, { caller: 5001 }))?.lastResort).toBe(false)
    expect(plain(await take(person, { caller: 5001 }))).toEqual(
      plain({ keyPackage: last.keyPackage, lastResort: true }),
    )
    expect((await take(person, { caller: 5002 }))?.lastResort).toBe(false)
    expect((await take(person, { caller: 5001, now: NOW + HOUR_MS }))?.lastResort).toBe(false)
  })

  test("all callers together get only so many of a device an hour", async () => {
    const person = await resident(store())
    await publish(person, several(TAKES_PER_TARGET_MAX + 1))
    for (let at = 0; at < TAKES_PER_TARGET_MAX; at++) expect(await take(person, { caller: 5000 + at })).toBeDefined()
    expect(await take(person, { caller: 9000 })).toBe(undefined)
    expect(await take(person, { caller: 9000, now: NOW + HOUR_MS })).toBeDefined()
  })

  test("devices of one account get as many of each other as there are, and use up nobody's share", async () => {
    const person = await resident(store())
    await publish(person, several(TAKES_PER_TARGET_MAX + 2))
    for (let at = 0; at <= TAKES_PER_TARGET_MAX; at++)
      expect((await take(person, { caller: person.id }))?.lastResort).toBe(false)
    expect(await take(person, { caller: 5001 })).toBeDefined()
    expect(await take(person, { caller: person.id })).toBe(undefined)
  })

  test("replace withdraws the others, of both suites", async () => {
    const person = await resident(store())
    await publish(person, [packageOf({ lastResort: true }), packageOf({ suite: "baseline" }), packageOf()])
    const only = packageOf()
    expect(await publish(person, [only], true)).toEqual({
      baselineCount: 0,
      hybridCount: 1,
      baselineLastResort: false,
      hybridLastResort: false,
    })
    expect(plain(await take(person))).toMatchObject({ keyPackage: plain(only.keyPackage) })
    expect(await take(person)).toBe(undefined)
  })

  test("a new last-resort KeyPackage takes the place of the old one", async () => {
    const person = await resident(store())
    const [old, next] = [packageOf({ lastResort: true }), packageOf({ lastResort: true })]
    await publish(person, [old])
    await publish(person, [next])
    expect(plain(await take(person))).toMatchObject({ keyPackage: plain(next.keyPackage) })
  })

  test("a device has at most so many; one more is refused and changes nothing", async () => {
    const person = await resident(store())
    await publish(person, several(KEY_PACKAGES_PER_DEVICE_MAX))
    expect(await codeOfAsync(() => publish(person, [packageOf()]))).toBe("E027")
    expect(await codeOfAsync(() => publish(person, several(KEY_PACKAGES_PER_DEVICE_MAX + 1), true))).toBe("E027")
    expect(await publish(person, [])).toMatchObject({ hybridCount: KEY_PACKAGES_PER_DEVICE_MAX })
    expect(await publish(person, [packageOf()], true)).toMatchObject({ hybridCount: 1 })
  })

  test("what is published is told of each suite, and nothing of it is consumed", async () => {
    const person = await resident(store())
    const published = (now = NOW) => store().publishedKeyPackages(person.deviceKey, now)
    expect(await published()).toEqual({ baseline: { kind: "none" }, hybrid: { kind: "none" } })
    const later = NOW + 30 * 24 * HOUR_MS
    await publish(person, [
      packageOf({ notAfter: NOW + HOUR_MS }),
      packageOf({ notAfter: NOW + 5 * HOUR_MS }),
      packageOf({ lastResort: true, notAfter: later }),
      packageOf({ suite: "baseline", lastResort: true, notAfter: later }),
    ])
    const all = {
      baseline: { kind: "lastResort", until: later },
      hybrid: { kind: "single", until: NOW + 5 * HOUR_MS },
    }
    expect(await published()).toEqual(all)
    expect(await published()).toEqual(all)
    expect(await published(NOW + 5 * HOUR_MS)).toEqual({ ...all, hybrid: { kind: "lastResort", until: later } })
    expect(await store().publishedKeyPackages(freshKey(), NOW)).toEqual({
      baseline: { kind: "none" },
      hybrid: { kind: "none" },
    })
    expect((await take(person))?.lastResort).toBe(false)
  })

  test("an unknown device publishes nothing", async () => {
    const stranger = { ...(await resident(store())), deviceKey: freshKey() }
    expect(await codeOfAsync(() => publish(stranger, [packageOf()]))).toBe("E040")
  })

  test("hybrid keys come in the order asked, empty for who has none; the newest counts", async () => {
    const [person, other] = [await resident(store()), await resident(store())]
    const key = { deviceKey: person.deviceKey, record: fresh(1229), signature: fresh(64) }
    await store().putHybridKey({ ...key, record: fresh(1229) })
    await store().putHybridKey(key)
    const stranger = freshKey()
    await store().putHybridKey({ ...key, deviceKey: stranger })
    const none = { record: "", signature: "" }
    expect(plain(await store().hybridKeys([other.deviceKey, person.deviceKey, stranger]))).toEqual([
      { deviceKey: plain(other.deviceKey), ...none },
      plain(key),
      { deviceKey: plain(stranger), ...none },
    ])
  })
}

const packageOf = (change: Partial<StoredKeyPackage> = {}): StoredKeyPackage => ({
  suite: "hybrid",
  lastResort: false,
  keyPackage: fresh(40),
  notAfter: NOW + 24 * HOUR_MS,
  ...change,
})

const several = (count: number): StoredKeyPackage[] => Array.from({ length: count }, () => packageOf())
