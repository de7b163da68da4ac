/** What is sent again and does not last for ever: messages that disappear, and files (docs/decisions/0039). */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import type { LineName, TimelineView } from "../../core/client/client-api.ts"
import { QpqError } from "../../core/domain/errors.ts"
import { RETENTION_MS } from "../../core/domain/limits.ts"
import type { AheadWorld } from "../fakes/ahead-world.ts"
import type { House } from "../fakes/house.ts"
import type { Person } from "../fakes/person.ts"
import { codeOfAsync } from "../fakes/refusal.ts"
import { failForADay, FULL, lastFailed, refuse } from "../fakes/refusing.ts"
import { inTeam, syncAll } from "../fakes/team.ts"

const HOUR = 3600

let here: House
let world: AheadWorld
let alice: Person
let bob: Person
let carol: Person
let groupId: string

beforeEach(async () => {
  ;({ here, world, alice, bob, carol, groupId } = await inTeam("alice", "bob", "carol"))
})
afterEach(async () => here.close())

const lines = ({ session }: Person): Promise<readonly TimelineView[]> => session.timeline({ limit: 100 })
const codeOfResend = (line: LineName): Promise<string> => codeOfAsync(() => alice.session.resend(line))

async function failed(text: string): Promise<LineName> {
  await alice.session.send(groupId, text)
  return failForADay(alice, [carol], { world, groupId })
}

test("what disappears is sent again as long as its time runs here, and its time goes on", async () => {
  await alice.session.setTimer(groupId, 2 * HOUR)
  await syncAll(alice, bob, carol)
  const line = await failed("the code is 4711")
  world.pass(HOUR * 1000)
  await alice.session.resend(line)
  await syncAll(alice, carol)
  expect(await carol.texts()).toEqual(["the code is 4711"])
  world.pass(HOUR * 1000)
  expect(await alice.texts()).toEqual([])
})

test("what has disappeared is not sent again, also when that happens while it waits", async () => {
  await alice.session.setTimer(groupId, HOUR)
  await syncAll(alice, bob, carol)
  const gone = await failed("the old code")
  world.pass(HOUR * 1000)
  expect(await codeOfResend(gone)).toBe("E079")
  const waits = await failed("the new code")
  await alice.session.resend(waits)
  world.pass(HOUR * 1000)
  await alice.sync()
  expect([await alice.texts(), await alice.session.queued()]).toEqual([[], 0])
  await carol.sync()
  expect(await carol.texts()).toEqual([])
})

test("a file that the server has is told of again; one that is nowhere any more has to be sent anew", async () => {
  const folder = mkdtempSync(join(tmpdir(), "qpq-again-"))
  const path = join(folder, "plan.txt")
  writeFileSync(path, "the plan")
  await alice.session.sendFile(groupId, path)
  refuse(alice, FULL, [carol])
  await alice.sync()
  const line = await failForADay(alice, [carol], { world, groupId })
  await alice.session.resend(line)
  await syncAll(alice, bob, carol)
  const got = (await lines(carol)).find(({ attachment }) => attachment)
  const into = await carol.session.saveFile({ ...line, id: got?.id ?? "" }, { path: folder, overwrite: false })
  expect(into).toMatch(/plan/)
  for (const person of [bob, carol]) expect(await person.texts()).toEqual(["plan.txt"])
  alice.tampering.uploadBlob = () => Promise.reject(new QpqError("E028"))
  await alice.session.sendFile(groupId, path)
  await alice.sync()
  alice.tampering.uploadBlob = undefined
  expect(await codeOfResend(await lastFailed(alice, groupId))).toBe("E088")
  expect(await alice.session.queued()).toBe(0)
  rmSync(folder, { recursive: true })
})

test("a file that the server has dropped by now has to be sent anew", async () => {
  const folder = mkdtempSync(join(tmpdir(), "qpq-again-"))
  const path = join(folder, "plan.txt")
  writeFileSync(path, "the plan")
  await alice.session.sendFile(groupId, path)
  const line = await failForADay(alice, [carol], { world, groupId })
  world.pass(RETENTION_MS)
  expect(await codeOfResend(line)).toBe("E088")
  rmSync(folder, { recursive: true })
})
