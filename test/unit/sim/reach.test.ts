/** What the simulator takes for a true word about a text that nobody could get: revoked devices excuse it in their time, no more. */
import { expect, test } from "vitest"
import type { Rooms } from "../../sim/check-groups.ts"
import { reachedNobody, wasAlone } from "../../sim/reach.ts"
import type { OwnText } from "../../sim/reach.ts"
import { BEGINNING } from "../../sim/schedule.ts"

interface Told {
  /** Devices are named as their people, with a number behind the first. */
  readonly epochs: readonly { readonly since: number; readonly members: readonly string[] }[]
  readonly revoked?: Readonly<Record<string, number>>
  readonly saidAt: number
  readonly storedFor?: readonly string[]
  readonly isDirect?: boolean
}

const userOf = (device: string): string => device.replace(/\d/, "")

/** What ben says. */
function said({ epochs, revoked = {}, saidAt, storedFor = [], isDirect = false }: Told): readonly [Rooms, OwnText] {
  const scene = { userOf, truth: { revoked: new Map(Object.entries(revoked)) } }
  const past = { mailsOf: () => [{ rows: storedFor.map((device) => ({ device })) }] }
  const text = {
    who: { device: "ben", user: "ben" },
    row: { sentAt: BEGINNING + saidAt },
    conversation: { groups: [{ epochs, isDirect }] },
  }
  return [{ scene, past } as unknown as Rooms, text as unknown as OwnText]
}

const two = [{ since: 0, members: ["ben", "cleo"] }]

test("a text has failed where all devices of the others were revoked, also after it was said", () => {
  expect(reachedNobody(...said({ epochs: two, revoked: { cleo: 50 }, saidAt: 100 }))).toBe(true)
  expect(reachedNobody(...said({ epochs: two, revoked: { cleo: 150 }, saidAt: 100 }))).toBe(true)
})

test("it has not where one of the others is not revoked, was so only after the epoch, or was given it", () => {
  const three = [{ since: 0, members: ["ben", "cleo", "cleo2"] }]
  const over = [...two, { since: 100, members: ["ben", "dan"] }]
  expect(reachedNobody(...said({ epochs: two, saidAt: 100 }))).toBe(false)
  expect(reachedNobody(...said({ epochs: three, revoked: { cleo: 50 }, saidAt: 100 }))).toBe(false)
  expect(reachedNobody(...said({ epochs: over, revoked: { cleo: 150 }, saidAt: 50 }))).toBe(false)
  expect(reachedNobody(...said({ epochs: over, revoked: { cleo: 50 }, saidAt: 150 }))).toBe(false)
  const given = { epochs: two, revoked: { cleo: 150 }, saidAt: 100, storedFor: ["cleo"] }
  expect(reachedNobody(...said(given))).toBe(false)
})

test("a conversation of two has ended when the other's revoked device is out of it; a group has not", () => {
  const epochs = [...two, { since: 100, members: ["ben"] }]
  const told = { epochs, revoked: { cleo: 50 }, saidAt: 150 }
  expect(reachedNobody(...said({ ...told, isDirect: true }))).toBe(true)
  expect(reachedNobody(...said(told))).toBe(false)
})

test("a text has failed that nobody had when they were taken out of a group", () => {
  const epochs = [...two, { since: 100, members: ["ben"] }]
  expect(reachedNobody(...said({ epochs, saidAt: 50 }))).toBe(true)
  expect(reachedNobody(...said({ epochs, saidAt: 150 }))).toBe(false)
  expect(reachedNobody(...said({ epochs, saidAt: 50, storedFor: ["cleo"] }))).toBe(false)
})

test("a text is stored for nobody among revoked devices of one's own alone", () => {
  const own = [{ since: 0, members: ["ben", "ben2"] }]
  expect(wasAlone(...said({ epochs: own, revoked: { ben2: 50 }, saidAt: 100 }))).toBe(true)
  expect(wasAlone(...said({ epochs: own, saidAt: 100 }))).toBe(false)
  expect(wasAlone(...said({ epochs: two, revoked: { cleo: 50 }, saidAt: 100 }))).toBe(false)
  const before = [
    { since: 0, members: ["ben"] },
    { since: 50, members: ["ben", "cleo"] },
  ]
  expect(wasAlone(...said({ epochs: before, saidAt: 20 }))).toBe(true)
  expect(wasAlone(...said({ epochs: before, saidAt: 100 }))).toBe(false)
})
