/** What the profile's encrypted file promises beyond the store in it: nothing in clear, and left as it is when refused. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { ProfileGate } from "../../core/client/gate.ts"
import { utf8 } from "../../core/domain/bytes.ts"
import { migrationsFolder, packageVersion } from "../../core/domain/package-root.ts"
import { realWorld } from "../../core/domain/world.ts"
import { openDatabase } from "../../core/sqlite/open.ts"
import { group, GROUP, line, newPath, openFile } from "../fakes/client-stores.ts"
import { filled } from "../fakes/fake-services.ts"
import { codeOf, codeOfAsync, flipped } from "../fakes/refusal.ts"

const KEY = filled(32, 7)

/** A closed file with a group and a line in it. */
function writtenFile(): string {
  const path = newPath()
  const store = openFile(path, KEY)
  store.write((tx) => {
    tx.saveGroup(group({ name: "canary-name" }), undefined)
    tx.addTimeline(line({ body: "canary-body" }))
  })
  store.close()
  return path
}

describe("the database file", () => {
  test("shows neither SQLite's header nor anything that was written", () => {
    const path = writtenFile()
    for (const name of [path, `${path}-wal`]) {
      const bytes = existing(name)
      for (const word of ["SQLite format 3", "canary", "timeline"]) expect(bytes.includes(word)).toBe(false)
    }
    const again = openFile(path, KEY)
    expect(again.timeline({ limit: 1 })[0]?.body).toBe("canary-body")
    again.close()
  })

  test("is refused with a wrong key, or none, and left as it is", () => {
    const path = writtenFile()
    const before = readFileSync(path)
    expect(codeOf(() => openFile(path, filled(32, 8)))).toBe("E061")
    expect(codeOf(() => openDatabase({ path, migrations: migrationsFolder("client") }))).toBe("E061")
    expect(readFileSync(path).equals(before)).toBe(true)
  })

  test.each([0, 20, 2000])("is refused when byte %i is damaged, and left as it is", (at) => {
    const path = writtenFile()
    const damaged = Buffer.from(flipped(readFileSync(path), at))
    writeFileSync(path, damaged)
    expect(["E060", "E061"]).toContain(codeOf(() => openFile(path, KEY)))
    expect(readFileSync(path).equals(damaged)).toBe(true)
  })

  test("says E060 when a page is damaged that is read only later", () => {
    const path = writtenFile()
    const bytes = readFileSync(path)
    for (let page = 4096; page < bytes.length; page += 4096) bytes[page + 50] = (bytes[page + 50] ?? 0) ^ 1
    writeFileSync(path, bytes)
    const read = (): unknown => {
      const store = openFile(path, KEY)
      try {
        return store.group(GROUP)
      } finally {
        store.close()
      }
    }
    expect(["E060", "E061"]).toContain(codeOf(read))
    expect(readFileSync(path).equals(bytes)).toBe(true)
  })

  test("of a newer program is refused and left as it is", () => {
    const path = writtenFile()
    const db = openDatabase({ path, migrations: migrationsFolder("client"), key: KEY })
    db.prepare("INSERT INTO migrations (name) VALUES ('9999_future.sql')").run()
    db.close()
    const before = readFileSync(path)
    expect(codeOf(() => openFile(path, KEY))).toBe("E062")
    expect(() => openFile(path, KEY)).toThrow(`a newer program than ${packageVersion()} made 9999_future.sql`)
    expect(readFileSync(path).equals(before)).toBe(true)
  })

  test("is shared by two that have it open: each sees what the other wrote, and only one takes a step", () => {
    const path = writtenFile()
    const [one, other] = [openFile(path, KEY), openFile(path, KEY)]
    one.write((tx) => tx.stepGroup(GROUP, 1))
    expect(other.group(GROUP)?.version).toBe(2)
    expect(codeOf(() => other.write((tx) => tx.stepGroup(GROUP, 1)))).toBe("E064")
    other.write((tx) => tx.stepGroup(GROUP, 2))
    expect(one.group(GROUP)?.version).toBe(3)
    one.close()
    other.close()
  })

  test("has another version for each when the other has written, and the same when nobody has or it did itself", () => {
    const path = writtenFile()
    const [one, other] = [openFile(path, KEY), openFile(path, KEY)]
    const versions = (): readonly (number | undefined)[] => [one.dataVersion(), other.dataVersion()]
    const before = versions()
    other.write((tx) => tx.stepGroup(GROUP, 1))
    other.group(GROUP)
    const after = versions()
    expect(after[0]).not.toBe(before[0])
    expect(after[1]).toBe(before[1])
    expect(versions()).toEqual(after)
    one.close()
    other.close()
  })
})

describe("the gate of a profile", () => {
  let home: string
  const gates: ProfileGate[] = []
  const gate = (): ProfileGate => {
    const made = new ProfileGate({ home, world: realWorld })
    gates.push(made)
    return made
  }
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "qpq-gate-"))
  })
  afterEach(async () => {
    await Promise.all(gates.splice(0).map((one) => one.close()))
    rmSync(home, { recursive: true, force: true })
  })
  const made = async (): Promise<void> => {
    const first = gate()
    expect(await first.profile()).toMatchObject({ state: "new" })
    expect(await first.unlock("right")).toMatchObject({ state: "unlocked" })
    first.store.write((tx) => tx.set("canary", utf8("here")))
    await first.close()
  }
  const files = (): Record<string, string> =>
    Object.fromEntries(readdirSync(home).map((name) => [name, readFileSync(join(home, name)).toString("hex")]))

  test("opens with the passphrase it was made with, and with no other; the files stay as they are", async () => {
    await made()
    const before = files()
    expect(await gate().profile()).toMatchObject({ state: "locked" })
    expect(await codeOfAsync(() => gate().unlock("wrong"))).toBe("E061")
    expect(files()).toEqual(before)
    const right = gate()
    await right.unlock("right")
    expect(right.store.setting("canary")).toEqual(utf8("here"))
  })

  test.each([
    ["cut short", (bytes: Uint8Array) => bytes.subarray(0, 60), "E060"],
    ["empty", () => filled(0, 0), "E060"],
    ["of another kind", (bytes: Uint8Array) => flipped(bytes, 0), "E060"],
    ["damaged inside", (bytes: Uint8Array) => flipped(bytes, bytes.length - 1), "E061"],
    ["asking for another cost", (bytes: Uint8Array) => flipped(bytes, 9), "E060"],
  ] as const)("refuses a key file that is %s and changes nothing", async (_, damage, code) => {
    await made()
    const path = join(home, "profile.key")
    writeFileSync(path, damage(readFileSync(path)))
    const before = files()
    expect(await codeOfAsync(() => gate().unlock("right"))).toBe(code)
    expect(files()).toEqual(before)
  })

  test("refuses a database without its key file instead of making a new one", async () => {
    await made()
    rmSync(join(home, "profile.key"))
    const before = files()
    expect(await codeOfAsync(() => gate().unlock("right"))).toBe("E060")
    expect(files()).toEqual(before)
  })

  test("makes one profile when two make it at once", async () => {
    const [one, other] = [gate(), gate()]
    await Promise.all([one.unlock("same"), other.unlock("same")])
    one.store.write((tx) => tx.set("canary", utf8("here")))
    expect(other.store.setting("canary")).toEqual(utf8("here"))
  })
})

function existing(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch {
    return Buffer.alloc(0)
  }
}
