/** The door of an open profile: who gets the key, who gets nothing, and what is left when the app is gone. */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync } from "node:fs"
import { createServer, connect } from "node:net"
import type { Server } from "node:net"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { realWorld } from "../../../core/domain/world.ts"
import { openKeyDoor } from "../../../core/client/key-door.ts"
import type { KeyDoor } from "../../../core/client/key-door.ts"
import { knock } from "../../../core/client/key-door-knock.ts"
import { doorsOf, newDoorPath } from "../../../core/client/key-door-place.ts"
import type { DoorPlaces } from "../../../core/client/key-door-place.ts"
import { filled } from "../../fakes/fake-services.ts"
import { until } from "../../fakes/until.ts"

const [KEY, TAG, OTHER_TAG] = [filled(32, 7), filled(32, 1), filled(32, 2)]
const { clock } = realWorld

let folder: string
let places: DoorPlaces
const ends: (() => void)[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "qpq-door-"))
  places = { home: made("home"), runtime: made("run"), temporary: made("tmp") }
})
afterEach(() => {
  for (const end of ends.splice(0)) end()
  rmSync(folder, { recursive: true, force: true })
})

function made(name: string): string {
  const path = join(folder, name)
  mkdirSync(path, { mode: 0o700 })
  return path
}

async function opened(): Promise<KeyDoor> {
  const door = await openKeyDoor({ places, world: realWorld, tag: () => TAG, key: KEY })
  if (!door) throw new Error("no place for a door")
  ends.push(door.close)
  return door
}

const asked = (tag = TAG, at = places): Promise<Uint8Array | undefined> =>
  knock({ places: at, tag, clock, signal: new AbortController().signal })

/** What the door says to these bytes until it hangs up. */
function saying(path: string, bytes: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(path)
    let heard = ""
    socket.on("data", (chunk) => (heard += chunk.toString("latin1")))
    socket.on("error", () => undefined)
    socket.on("close", () => {
      resolve(heard)
    })
    socket.write(bytes)
  })
}

/** Somebody who listens at a door's path, and is no app. */
async function listening(path: string, said?: Uint8Array): Promise<Server> {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const server = createServer((socket) => {
    socket.on("error", () => undefined)
    if (said) socket.end(said)
  })
  await new Promise<void>((resolve) => server.listen(path, resolve))
  chmodSync(path, 0o600)
  ends.push(() => server.close())
  return server
}

const pathFor = (name: string): string => newDoorPath(places, name) ?? ""

describe("the door of an open profile", () => {
  it("gives the key to who asks for this profile, as often as it is asked", async () => {
    const door = await opened()
    expect(await asked()).toEqual(KEY)
    expect(await asked()).toEqual(KEY)
    expect(statSync(door.path).mode & 0o777).toBe(0o600)
    expect(statSync(dirname(door.path)).mode & 0o777).toBe(0o700)
  })

  it("stands in the runtime folder, else in the profile, else where temporary files are", async () => {
    expect(dirname((await opened()).path)).toBe(join(folder, "run", "qpq"))
    places = { ...places, runtime: undefined }
    expect(dirname((await opened()).path)).toBe(join(folder, "home", "open"))
    places = { ...places, home: made(`home-${"x".repeat(100)}`) }
    expect(dirname((await opened()).path)).toMatch(/tmp\/qpq-\d+$/)
    expect(await asked()).toEqual(KEY)
  })

  it("is found in the profile by a command that has no runtime folder", async () => {
    places = { ...places, runtime: undefined }
    await opened()
    expect(await asked(TAG, { ...places, runtime: join(folder, "run") })).toEqual(KEY)
  })

  it("gives nothing for another profile, in another version, to too much and to too little", async () => {
    const { path } = await opened()
    expect(await asked(OTHER_TAG)).toBeUndefined()
    const tag = "01".repeat(32)
    expect(await saying(path, `qpq-key 1 ${tag}\n`)).toMatch(/^qpq-key 1 yes\n/)
    expect(await saying(path, `qpq-key 2 ${tag}\n`)).toBe("qpq-key 1 no\n")
    expect(await saying(path, `qpq-key 1 ${tag} and more\n`)).toBe("")
    expect(await saying(path, "x".repeat(1_000_000))).toBe("")
  })

  it("hangs up on who says nothing", async () => {
    const { path } = await opened()
    expect(await saying(path, "qpq-key 1 ")).toBe("")
  })

  it("is not the door of another profile folder", async () => {
    await opened()
    expect(await asked(TAG, { ...places, home: made("other") })).toBeUndefined()
  })

  it("is gone when it is closed, and the folder is empty", async () => {
    const door = await opened()
    door.close()
    expect(readdirSync(dirname(door.path))).toEqual([])
    expect(await asked()).toBeUndefined()
  })

  it("of a second app takes nothing from the first, and stays when that one ends", async () => {
    const first = await opened()
    const second = await opened()
    expect(doorsOf(places)).toHaveLength(2)
    first.close()
    expect(await asked()).toEqual(KEY)
    second.close()
    expect(await asked()).toBeUndefined()
  })
})

describe("no door is made", () => {
  it.each([
    ["in folders that others can look into", 0o755],
    ["in folders that others can write into", 0o770],
  ])("%s", async (_, mode) => {
    for (const path of [join(folder, "run", "qpq"), join(folder, "home", "open")]) {
      mkdirSync(path)
      chmodSync(path, mode)
    }
    places = { ...places, temporary: "/nowhere" }
    expect(await openKeyDoor({ places, world: realWorld, tag: () => TAG, key: KEY })).toBeUndefined()
  })

  it("where its folder is a link, or the folder above it is open to all", () => {
    for (const path of [join(folder, "run", "qpq"), join(folder, "home", "open")])
      symlinkSync(made(`to-${path.length}`), path)
    chmodSync(join(folder, "tmp"), 0o777)
    expect(newDoorPath(places, "00")).toBeUndefined()
    chmodSync(join(folder, "tmp"), 0o1777)
    expect(newDoorPath(places, "00")).toMatch(/tmp/)
  })

  it("in a runtime folder that is not private or not named in full", () => {
    chmodSync(join(folder, "run"), 0o755)
    expect(newDoorPath(places, "00")).toMatch(/home\/open/)
    expect(newDoorPath({ ...places, runtime: "run" }, "00")).toMatch(/home\/open/)
  })
})

describe("a command does not ask", () => {
  it("a socket that others could have made or may use, nor what is no socket", async () => {
    const { path } = await opened()
    chmodSync(path, 0o666)
    expect(await asked()).toBeUndefined()
    chmodSync(path, 0o600)
    expect(await asked()).toEqual(KEY)
    chmodSync(dirname(path), 0o755)
    expect(await asked()).toBeUndefined()
    chmodSync(dirname(path), 0o700)
    symlinkSync(path, pathFor("link"))
    mkdirSync(pathFor("folder"))
    expect(doorsOf(places)).toEqual([path])
  })
})

describe("a command goes on without a key", () => {
  it("when nobody answers in time, beside one who does", async () => {
    const silent = pathFor("00000000")
    await listening(silent)
    expect(await asked()).toBeUndefined()
    await opened()
    expect(await asked()).toEqual(KEY)
    expect(existsSync(silent)).toBe(true)
  })

  it("when it is answered with nonsense, too little or too much", async () => {
    const yes = Buffer.concat([Buffer.from("qpq-key 1 yes\n"), KEY])
    const answers = [Buffer.from("no"), yes.subarray(0, 40), Buffer.concat([yes, KEY]), Buffer.alloc(46)]
    for (const [at, said] of answers.entries()) {
      const server = await listening(pathFor(`0000000${at}`), said)
      expect(await asked(), `answer ${at}`).toBeUndefined()
      server.close()
    }
  })

  it("when it is interrupted", async () => {
    await listening(pathFor("00000000"))
    const stop = new AbortController()
    const answer = knock({ places, tag: TAG, clock, signal: stop.signal })
    stop.abort()
    expect(await answer).toBeUndefined()
  })
})

/** A program that is killed while it listens. */
async function killed(path: string): Promise<void> {
  const { fork } = await import("node:child_process")
  const code = `require("node:net").createServer().listen(${JSON.stringify(path)}, () => process.send("up"))`
  const script = join(folder, "listener.cjs")
  const { writeFileSync } = await import("node:fs")
  writeFileSync(script, code)
  const child = fork(script)
  await new Promise((resolve) => child.once("message", resolve))
  child.kill("SIGKILL")
  await new Promise((resolve) => child.once("exit", resolve))
  chmodSync(path, 0o600)
}

describe("the socket of an app that was killed", () => {
  it("is taken away by the next command, which finds nobody", async () => {
    const path = pathFor("dead")
    await killed(path)
    expect(existsSync(path)).toBe(true)
    expect(await asked()).toBeUndefined()
    await until("the socket is gone", () => !existsSync(path))
  })

  it("is taken away by the next app, whose door opens", async () => {
    const path = pathFor("dead")
    await killed(path)
    await opened()
    expect(existsSync(path)).toBe(false)
    expect(await asked()).toEqual(KEY)
  })
})
