/** When a supervisor replaces a process, when it gives up, and when it only waits: with children that do as they are told. */
import type { ChildProcess } from "node:child_process"
import { EventEmitter } from "node:events"
import { describe, expect, test } from "vitest"
import type { HostPort } from "../../../server/config-values.ts"
import { serverLog } from "../../../server/ops/log.ts"
import { Supervisor } from "../../../server/ops/supervisor.ts"
import type { Before } from "../../../server/ops/supervisor.ts"
import { fakeWorld, turn } from "../../fakes/world.ts"

const LISTEN: HostPort = { host: "127.0.0.1", port: 7000 }
const HEALTH: HostPort = { host: "127.0.0.1", port: 9700 }

class FakeChild extends EventEmitter {
  readonly signals: string[] = []

  kill(name: string): boolean {
    this.signals.push(name)
    if (name === "SIGKILL") this.emit("exit", null, name)
    return true
  }

  ready(): void {
    this.emit("message", { kind: "ready", listen: LISTEN, health: HEALTH })
  }

  beat(): void {
    this.emit("message", { kind: "beat" })
  }

  ends(status: number): void {
    this.emit("exit", status, null)
  }
}

function watched() {
  const { clock } = fakeWorld()
  const advance = (ms: number): Promise<void> => clock.advance(ms)
  const children: FakeChild[] = []
  const befores: Before[] = []
  const start = (before: Before): ChildProcess => {
    const child = new FakeChild()
    children.push(child)
    befores.push(before)
    return child as unknown as ChildProcess
  }
  const log = serverLog("silent")
  const supervisor = new Supervisor({ start, clock, log, signals: { SIGKILL: 9, SIGTERM: 15 } })
  const ended: number[] = []
  void supervisor.run().then((status) => ended.push(status))
  const newest = (): FakeChild => children.at(-1)!
  /** So many seconds, with a beat in each. */
  const goesOn = async (seconds: number): Promise<void> => {
    for (let second = 0; second < seconds; second++) {
      newest().beat()
      await advance(1000)
    }
  }
  return { advance, children, befores, supervisor, ended, newest, goesOn }
}

describe("a process", () => {
  test("that beats is left alone", async () => {
    const { children, newest, goesOn } = watched()
    newest().ready()
    await goesOn(600)
    expect([children.length, newest().signals]).toEqual([1, []])
  })

  test("that is silent for five seconds is replaced at once, at the same addresses", async () => {
    const { children, befores, advance, newest, goesOn } = watched()
    newest().ready()
    await goesOn(10)
    await advance(4000)
    expect(children).toHaveLength(1)
    await advance(1600)
    expect(children[0]?.signals).toEqual(["SIGKILL"])
    expect(befores).toEqual([undefined, { listen: LISTEN, health: HEALTH }])
  })

  test("that takes long to start is waited for, but not for ever", async () => {
    const { advance, newest, ended } = watched()
    await advance(599_000)
    expect(newest().signals).toEqual([])
    await advance(2000)
    expect(newest().signals).toEqual(["SIGKILL"])
    await turn()
    expect(ended).toEqual([137])
  })

  test("that dies is replaced; one that dies again and again ever later, at most ten seconds", async () => {
    const { children, advance, newest } = watched()
    const waits: number[] = []
    for (let death = 0; death < 9; death++) {
      newest().ready()
      newest().ends(70)
      const before = children.length
      await turn()
      for (let ms = 0; ; ms += 250) {
        if (children.length > before) {
          waits.push(ms)
          break
        }
        await advance(250)
      }
    }
    expect(waits).toEqual([0, 500, 1000, 2000, 4000, 8000, 10_000, 10_000, 10_000])
  })

  test("that has run well for a minute before it dies is replaced at once again", async () => {
    const { children, newest, goesOn } = watched()
    for (let death = 1; death < 5; death++) {
      newest().ready()
      await goesOn(61)
      newest().ends(70)
      await turn()
      expect(children).toHaveLength(death + 1)
    }
  })
})

describe("the supervisor ends", () => {
  test("with the status of a server that could not start", async () => {
    const { newest, ended, children } = watched()
    newest().ends(78)
    await turn()
    expect([ended, children.length]).toEqual([[78], 1])
  })

  test("when it was told to, and the server has drained; both hear of it", async () => {
    const { newest, ended, supervisor, children } = watched()
    newest().ready()
    supervisor.signal("SIGTERM")
    expect(newest().signals).toEqual(["SIGTERM"])
    await turn()
    expect(ended).toEqual([])
    newest().ends(0)
    await turn()
    expect([ended, children.length]).toEqual([[0], 1])
  })

  test("not for SIGHUP, which is the server's", async () => {
    const { newest, ended, supervisor, children } = watched()
    newest().ready()
    supervisor.signal("SIGHUP")
    newest().ends(70)
    await turn()
    expect([ended, children.length, children[0]?.signals]).toEqual([[], 2, ["SIGHUP"]])
  })
})
