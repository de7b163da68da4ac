/** A core that cannot start: the person is told, and may try again; the app neither hangs nor tries for ever. */
import { existsSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { hostCore } from "../../core/client/host.ts"
import { realWorld } from "../../core/domain/world.ts"
import { AppTerminal } from "../fakes/app-terminal.ts"
import { FakeCoreThread, silent } from "../fakes/core-thread.ts"
import { FakeCore } from "../fakes/fake-core.ts"
import { ScreenRig } from "../fakes/screen-rig.ts"
import { dataFolder } from "../fakes/server-process.ts"
import { until } from "../fakes/until.ts"
import { fakeWorld } from "../fakes/world.ts"

const folder = dataFolder()
afterAll(() => {
  folder.remove()
})

const ASKED = ["Try again; if it fails", "E078", "[Try again: enter]", "[Quit: ctrl+q]"]

/** A thread that ends when it is asked the first question. */
function dying(): FakeCoreThread {
  const thread = new FakeCoreThread(() => {
    queueMicrotask(() => {
      thread.die()
    })
    return undefined
  })
  return thread
}

describe("a core that cannot start", () => {
  it("is given up after three threads that ended, with what the last one said; another try starts another core", async () => {
    const threads: FakeCoreThread[] = []
    const started: string[] = []
    const core = new FakeCore({ profile: "new" })
    const rig = new ScreenRig({
      core,
      startCore: async (onDeath) => {
        started.push("core")
        if (started.length === 3) return core
        const start = (): FakeCoreThread => {
          onDeath("Cannot find module \u001b[2Jx.node\nat a path")
          const thread = dying()
          threads.push(thread)
          return thread
        }
        return hostCore({ world: realWorld, start })
      },
    })
    await rig.shows("Client core did not start: it ended 3 times", "Cannot find", "x.node", ...ASKED)
    await rig.hides("at a path", "Starting")
    expect(started).toHaveLength(1)
    expect(threads.length).toBeLessThanOrEqual(4)
    rig.press("enter")
    expect(started).toHaveLength(2)
    await until("a third try", () => {
      rig.press("enter")
      return started.length === 3
    })
    await rig.shows("Where is your server?")
    await rig.close()
  })

  it("is given up when it keeps still", async () => {
    const world = fakeWorld()
    const thread = new FakeCoreThread(silent)
    const rig = new ScreenRig({
      core: new FakeCore(),
      world,
      startCore: async () => hostCore({ world, start: () => thread }),
    })
    await rig.shows("Starting")
    await world.advance(14_000)
    await rig.shows("Client core did not start: it gave no answer", ...ASKED)
    rig.screen.leave()
  })

  it("is told of when it cannot even be loaded, and quitting works", async () => {
    const rig = new ScreenRig({
      core: new FakeCore(),
      startCore: () => Promise.reject(new Error("Cannot find package 'x'")),
    })
    await rig.shows("Client core did not start: it could not be loaded: Cannot find", ...ASKED)
    rig.press("ctrl+q")
    await rig.screen.ended
  })

  it("is told of by the built app, and another try goes on when the cause is gone", async () => {
    const cause = join(folder.path, "cause")
    writeFileSync(cause, "")
    const source = `import { isMainThread } from "node:worker_threads"; import { existsSync } from "node:fs"
      if (!isMainThread && existsSync("${cause}")) throw new Error("provoked in the thread")`
    const nodeFlags = ["--import", `data:text/javascript,${encodeURIComponent(source)}`]
    await using app = new AppTerminal({ home: join(folder.path, "nobody"), nodeFlags })
    await app.shows("Client core did not start", "provoked in the thread", "E078")
    await app.press("enter", "[Try again: enter]")
    await app.shows("Starting")
    await app.shows("Client core did not start", "[Try again: enter]")
    rmSync(cause)
    await app.press("enter", "[Try again: enter]")
    await app.shows("Where is your server?")
    await app.press("ctrl+q", "[Quit: ctrl+q]")
    expect(await app.ended).toBe(0)
    expect(existsSync(cause)).toBe(false)
  })
})
