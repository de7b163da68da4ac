/** Files in conversations: they arrive whole or not at all, go on where they broke off, and are sent once. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import type { ClientEvent, LineName, TimelineView, TransferView } from "../../core/client/client-api.ts"
import type { BlobUpload } from "../../core/contract/node-service.ts"
import { QpqError } from "../../core/domain/errors.ts"
import type { House } from "../fakes/house.ts"
import { fresh } from "../fakes/node-device.ts"
import type { Person } from "../fakes/person.ts"
import { codeOfAsync, flipped } from "../fakes/refusal.ts"
import { inTeam, syncAll } from "../fakes/team.ts"
import { until } from "../fakes/until.ts"

const SYNC_MS = 15_000
const bytes = fresh(2_500_000)
let here: House
let alice: Person
let bob: Person
let groupId: string
let folder: string

beforeEach(async () => {
  ;({ here, alice, bob, groupId } = await inTeam("alice", "bob"))
  folder = mkdtempSync(join(tmpdir(), "qpq-attachments-"))
})
afterEach(async () => {
  await here.close()
  rmSync(folder, { recursive: true })
})

const source = (name = "plan.pdf", content: Uint8Array = bytes): string => {
  const path = join(folder, `from-${name}`)
  writeFileSync(path, content)
  return path
}
const spooled = ({ filesFolder }: Person): readonly string[] =>
  existsSync(filesFolder) ? readdirSync(filesFolder) : []
const newest = async ({ session }: Person): Promise<TimelineView> => {
  const row = (await session.timeline({ groupId, limit: 1 })).at(-1)
  if (!row) throw new Error("no line")
  return row
}
const named = ({ groupId: id, senderKey: sender, id: line }: TimelineView): LineName => ({
  groupId: id,
  sender,
  id: line,
})

/** From alice to bob. @returns its line, as bob calls it. */
async function sent(path = source()): Promise<LineName> {
  await alice.session.sendFile(groupId, path)
  await syncAll(alice, bob)
  return named(await newest(bob))
}
const save = (line: LineName, into = folder): Promise<string> =>
  bob.session.saveFile(line, { path: into, overwrite: false })
const isWhole = (path: string): boolean => Buffer.compare(readFileSync(path), bytes) === 0

function transfersOf({ session }: Person): TransferView[] {
  const seen: TransferView[] = []
  const listen = async (events: AsyncIterable<ClientEvent>): Promise<void> => {
    for await (const event of events) if (event.kind === "transfer") seen.push(event.transfer)
  }
  void listen(session.events(new AbortController().signal))
  return seen
}

test("a file arrives with its name, size and type; saved, it is the same, for its owner alone, and nothing else is left", async () => {
  const [up, down] = [transfersOf(alice), transfersOf(bob)]
  const line = await sent()
  const attachment = { name: "from-plan.pdf", size: bytes.length, mediaType: "application/pdf" }
  expect(await newest(bob)).toMatchObject({ kind: "text", text: "from-plan.pdf", attachment, delivery: "received" })
  expect(await newest(alice)).toMatchObject({ attachment, delivery: "stored" })
  const path = await save(line, join(folder, "saved.pdf"))
  expect([isWhole(path), statSync(path).mode & 0o777]).toEqual([true, 0o600])
  expect([spooled(alice), spooled(bob), readdirSync(folder).sort()]).toEqual([[], [], ["from-plan.pdf", "saved.pdf"]])
  await until("both ends are told", () => [up, down].every((seen) => seen.at(-1)?.state === "done"))
  expect([up[0], down[0]]).toMatchObject([
    { direction: "up", state: "running" },
    { direction: "down", state: "running", id: line.id },
  ])
})

test("files of no byte and of sizes around a segment come back as they were", async () => {
  for (const size of [0, 1, 4096, 4097, 65_535, 65_536, 65_537]) {
    const content = fresh(size)
    const path = await save(await sent(source(`${size}.bin`, content)))
    expect(Buffer.compare(readFileSync(path), content)).toBe(0)
  }
})

test("what the server gives instead is found by its hash: no file is left, and the right one can be had later", async () => {
  const line = await sent()
  bob.tampering.downloadBlob = async (ask, request) => {
    const { chunk, size } = await ask(request)
    return { chunk: request.offset > 0 ? flipped(chunk, 7) : chunk, size }
  }
  expect(await codeOfAsync(() => save(line))).toBe("E084")
  bob.tampering.downloadBlob = async (ask, request) => ({ ...(await ask(request)), size: 70_000 })
  expect(await codeOfAsync(() => save(line))).toBe("E084")
  bob.tampering.downloadBlob = async (ask, request) => {
    const piece = await ask(request)
    return request.offset > 0 ? { ...piece, chunk: new Uint8Array(0) } : piece
  }
  expect(await codeOfAsync(() => save(line))).toBe("E084")
  expect([spooled(bob), readdirSync(folder)]).toEqual([[], ["from-plan.pdf"]])
  bob.tampering.downloadBlob = undefined
  expect(isWhole(await save(line))).toBe(true)
})

test("a file that is not there any more is E083", async () => {
  const line = await sent()
  bob.tampering.downloadBlob = () => Promise.reject(new QpqError("E083"))
  expect(await codeOfAsync(() => save(line))).toBe("E083")
  expect(readdirSync(folder)).toEqual(["from-plan.pdf"])
})

test("a download that breaks off goes on where it was, in the same attempt or in a later process", async () => {
  const line = await sent()
  const asked: number[] = []
  const cuts = new Set([1, 2, 3, 4])
  bob.tampering.downloadBlob = async (ask, request) => {
    asked.push(request.offset)
    if (cuts.delete(asked.length - 1)) throw new QpqError("E054")
    return ask(request)
  }
  expect(await codeOfAsync(() => save(line))).toBe("E054")
  await bob.reopen()
  expect(isWhole(await save(line))).toBe(true)
  expect(asked.filter((offset) => offset === 0)).toHaveLength(1)
})

test("a download that is stopped leaves nothing at its place, and goes on when it is asked for again", async () => {
  const line = await sent()
  let pieces = 0
  bob.tampering.downloadBlob = async (ask, request) => {
    pieces++
    if (pieces === 2) await bob.session.stopSaving(line)
    return ask(request)
  }
  expect(await codeOfAsync(() => save(line))).toBe("E076")
  expect(readdirSync(folder)).toEqual(["from-plan.pdf"])
  const before = pieces
  expect(isWhole(await save(line))).toBe(true)
  expect(pieces - before).toBeLessThan(3)
})

test("an upload that breaks off goes on where the server has it, also in a new process; the message goes once", async () => {
  const offsets: number[] = []
  const cutAt = new Set([1, 2])
  alice.tampering.uploadBlob = async (ask, upload) => {
    if (upload.chunk.length === 0) return ask(upload)
    offsets.push(upload.offset)
    if (cutAt.delete(offsets.length - 1)) throw new QpqError("E054")
    return ask(upload)
  }
  await alice.session.sendFile(groupId, source())
  expect(await codeOfAsync(() => alice.session.uploadFiles(SYNC_MS))).toBe("E054")
  expect([await alice.session.queued(), (await newest(alice)).delivery]).toEqual([1, "queued"])
  expect(spooled(alice)).toEqual([expect.stringMatching(/\.up$/)])
  await alice.reopen()
  expect(await codeOfAsync(() => alice.session.uploadFiles(SYNC_MS))).toBe("E054")
  await alice.reopen()
  await syncAll(alice, bob)
  expect(offsets).toEqual([0, 1_048_576, 1_048_576, 1_048_576, 2_097_152])
  expect([await alice.session.queued(), spooled(alice)]).toEqual([0, []])
  expect((await bob.texts()).filter((text) => text === "from-plan.pdf")).toHaveLength(1)
  expect(isWhole(await save(named(await newest(bob))))).toBe(true)
})

test("of two processes of a profile one alone uploads a file", async () => {
  const uploads: BlobUpload[] = []
  let goOn: () => void = () => undefined
  const held = new Promise<void>((resolve) => (goOn = resolve))
  alice.tampering.uploadBlob = async (ask, upload) => {
    uploads.push(upload)
    await held
    return ask(upload)
  }
  await alice.session.sendFile(groupId, source())
  const first = alice.session.uploadFiles(SYNC_MS)
  await until("the first is at it", () => uploads.length > 0)
  const second = alice.another({
    uploadBlob: (ask, upload) => {
      uploads.push(upload)
      return ask(upload)
    },
  })
  await second.uploadFiles(SYNC_MS)
  expect(uploads).toHaveLength(1)
  goOn()
  await first
  await second.close()
  await syncAll(alice, bob)
  expect((await bob.texts()).filter((text) => text === "from-plan.pdf")).toHaveLength(1)
})

test("a server that refuses the file for good has it shown as not sent; without room it waits, and is told of", async () => {
  alice.tampering.uploadBlob = () => Promise.reject(new QpqError("E085"))
  await alice.session.sendFile(groupId, source())
  expect(await codeOfAsync(() => alice.session.uploadFiles(SYNC_MS))).toBe("E085")
  await alice.session.sync(SYNC_MS)
  await until("it is told", () => alice.troubles.includes("E085"))
  expect((await newest(alice)).delivery).toBe("queued")
  for (const code of ["E028", "E029"] as const) {
    alice.tampering.uploadBlob = undefined
    await alice.session.sync(SYNC_MS)
    alice.tampering.uploadBlob = () => Promise.reject(new QpqError(code))
    await alice.session.sendFile(groupId, source())
    await alice.session.sync(SYNC_MS)
    await until("it is told", () => alice.troubles.includes(code))
    expect([(await newest(alice)).delivery, await alice.session.queued(), spooled(alice)]).toEqual(["failed", 0, []])
  }
})

test("whoever follows uploads by itself, also what was written while the line was down", async () => {
  await alice.session.follow()
  await alice.session.sendFile(groupId, source())
  await bob.session.follow()
  const seen = (): boolean => bob.store.timeline({ limit: 100 }).some(({ body }) => body === "from-plan.pdf")
  await until("it has come", seen)
  expect(isWhole(await save(named(await newest(bob))))).toBe(true)
})

test("a file can be reacted to, answered and deleted, and not edited; deleted, nothing of it is left", async () => {
  const line = await sent()
  await bob.session.react(line, "👍")
  await bob.session.send(groupId, "thanks", line)
  await syncAll(bob, alice)
  const [file, answer] = (await alice.session.timeline({ groupId, limit: 2 })).slice(-2)
  expect([file?.reactions[0]?.emoji, answer?.replyTo?.text]).toEqual(["👍", "from-plan.pdf"])
  expect(await codeOfAsync(() => alice.session.edit(line, "another name"))).toBe("E070")
  await alice.session.delete(line)
  await syncAll(alice, bob)
  const [deleted] = (await bob.session.timeline({ groupId, limit: 2 })).slice(-2)
  expect(deleted).toMatchObject({ deleted: true, text: "", attachment: undefined })
  expect(await codeOfAsync(() => save(line))).toBe("E079")
})

test("a file taken back before it was sent is never heard of", async () => {
  alice.tampering.uploadBlob = () => Promise.reject(new QpqError("E054"))
  await alice.session.sendFile(groupId, source())
  await alice.session.delete(named(await newest(alice)))
  alice.tampering.uploadBlob = undefined
  await syncAll(alice, bob)
  expect([await alice.session.queued(), spooled(alice)]).toEqual([0, []])
  for (const person of [alice, bob]) expect(await person.texts()).not.toContain("from-plan.pdf")
})

test("a folder, a missing file and a pipe are no files; nothing is left of the attempt", async () => {
  for (const path of [folder, join(folder, "none"), "/dev/null"]) {
    expect(await codeOfAsync(() => alice.session.sendFile(groupId, path))).toBe("E072")
  }
  expect([spooled(alice), await alice.session.queued()]).toEqual([[], 0])
})

test("a file that has its place is not overwritten unasked; in a folder the next free name is taken", async () => {
  const line = await sent()
  expect(await save(line)).toBe(join(folder, "from-plan (2).pdf"))
  expect(await save(line)).toBe(join(folder, "from-plan (3).pdf"))
  const path = source("mine", fresh(3))
  expect(await codeOfAsync(() => save(line, path))).toBe("E070")
  expect(statSync(path).size).toBe(3)
  await bob.session.saveFile(line, { path, overwrite: true })
  expect(isWhole(path)).toBe(true)
  expect(await codeOfAsync(() => save(line, join(folder, "no", "such", "folder")))).toBe("E063")
})
