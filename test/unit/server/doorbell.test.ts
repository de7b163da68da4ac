/** Who is woken, and that nobody is kept for ever. */
import { expect, test } from "vitest"
import { doorbell } from "../../../server/node/doorbell.ts"
import type { Doorbell } from "../../../server/node/doorbell.ts"
import { freshKey } from "../../fakes/node-stores.ts"
import { turn } from "../../fakes/world.ts"

const WAITERS_PER_DEVICE_MAX = 16

function listener(bell: Doorbell, device = freshKey()) {
  const heard = bell.listen(device)
  const state = { rung: false }
  void heard.rung.then(() => (state.rung = true))
  return { device, stop: () => heard.stop(), isRung: () => state.rung }
}

test("only the rung device's listeners wake, all of them, once", async () => {
  const bell = doorbell()
  const [one, other] = [listener(bell), listener(bell)]
  const twin = listener(bell, one.device)
  bell.ring([one.device, freshKey(), one.device])
  await turn()
  expect([one.isRung(), twin.isRung(), other.isRung(), bell.waiting]).toEqual([true, true, false, 1])
})

test("a listener that stopped is not counted and not rung", async () => {
  const bell = doorbell()
  const { device, stop, isRung } = listener(bell)
  stop()
  stop()
  bell.ring([device])
  await turn()
  expect([isRung(), bell.waiting]).toEqual([false, 0])
})

test("a device has only so many listeners; the oldest gives way", async () => {
  const bell = doorbell()
  const first = listener(bell)
  const others = Array.from({ length: WAITERS_PER_DEVICE_MAX }, () => listener(bell, first.device))
  await turn()
  expect([first.isRung(), others.some((one) => one.isRung()), bell.waiting]).toEqual([true, false, 16])
  for (let at = 0; at < 100; at++) listener(bell, first.device)
  expect(bell.waiting).toBe(WAITERS_PER_DEVICE_MAX)
})

test("who is told of mail, and who is sent home", async () => {
  const bell = doorbell()
  const [one, other] = [freshKey(), freshKey()]
  const heard = [bell.listen(one).rung, bell.listen(other).rung]
  bell.dismiss(one)
  bell.ring([one, other])
  expect(await Promise.all(heard)).toEqual(["dismissed", "mail"])
})

test("the drain wakes everybody", async () => {
  const bell = doorbell()
  const all = [listener(bell), listener(bell), listener(bell)]
  bell.dismissAll()
  await turn()
  expect([all.every((one) => one.isRung()), bell.waiting]).toEqual([true, 0])
})
