/** What members say of files that is not so: names of other folders, other keys, sizes that cannot be. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import type { LineName } from "../../core/client/client-api.ts"
import type { AttachedFile } from "../../core/domain/attached-file.ts"
import { blobShape } from "../../core/crypto/blob-seal.ts"
import { sha256 } from "../../core/crypto/hash.ts"
import { blobId, messageId } from "../../core/domain/ids.ts"
import { encodeAppMessage } from "../../core/wire/app-message.ts"
import type { House } from "../fakes/house.ts"
import { fresh } from "../fakes/node-device.ts"
import type { Person } from "../fakes/person.ts"
import { codeOfAsync } from "../fakes/refusal.ts"
import { inTeam, syncAll } from "../fakes/team.ts"

let here: House
let mallory: Person
let bob: Person
let groupId: string
let folder: string

beforeEach(async () => {
  ;({ here, alice: mallory, bob, groupId } = await inTeam("alice", "bob"))
  folder = mkdtempSync(join(tmpdir(), "qpq-hostile-files-"))
})
afterEach(async () => {
  await here.close()
  rmSync(folder, { recursive: true })
})

/** A message that no honest client sends. @returns its line, as bob calls it. */
async function says(change: Partial<AttachedFile>): Promise<LineName> {
  const { sealedBytes } = blobShape(10)
  const [id, sealed] = [blobId(fresh(16)), fresh(sealedBytes)]
  await (
    await mallory.node()
  ).uploadBlob({ blobId: id, offset: 0, chunk: sealed, size: sealedBytes, hash: sha256(sealed) })
  const file = { blobId: id, key: fresh(32), hash: sha256(sealed), size: 10, name: "a.txt", mediaType: "text/plain" }
  const own = messageId(fresh(16))
  const content = encodeAppMessage({ id: own, sentAt: 1, content: { kind: "attachment", ...file, ...change } })
  mallory.store.write((tx) => {
    tx.queue({ groupId: mallory.group(groupId).id, messageId: own, content, since: Date.now() })
  })
  await syncAll(mallory, bob)
  const row = (await bob.session.timeline({ groupId, limit: 1 }))[0]
  if (!row) throw new Error("no line")
  return { groupId, sender: row.senderKey, id: row.id }
}

const save = (line: LineName): Promise<string> => bob.session.saveFile(line, { path: folder, overwrite: false })

test("a name of another folder is shown and saved as a plain one", async () => {
  await says({ name: "../../.ssh/authorized_keys" })
  const [row] = await bob.session.timeline({ groupId, limit: 1 })
  expect(row).toMatchObject({ text: "authorized_keys", attachment: { name: "authorized_keys" } })
})

test("a file that its key does not open is E084, and none of it is saved", async () => {
  expect(await codeOfAsync(async () => save(await says({})))).toBe("E084")
  expect(readdirSync(folder)).toEqual([])
  expect(readdirSync(bob.filesFolder)).toEqual([])
})

test("a size that is not the file's is E084, one that cannot be is E028, before anything is downloaded", async () => {
  let asked = 0
  bob.tampering.downloadBlob = (ask, request) => {
    asked++
    return ask(request)
  }
  expect(await codeOfAsync(async () => save(await says({ size: 10_000 })))).toBe("E084")
  expect(asked).toBe(1)
  expect(await codeOfAsync(async () => save(await says({ size: Number.MAX_SAFE_INTEGER })))).toBe("E028")
  expect(asked).toBe(1)
  expect(readdirSync(folder)).toEqual([])
})
