import { beforeEach, expect, test } from "vitest"
import { OutputRoom } from "../../../core/rpc/output-room.ts"
import { Output } from "../../../core/rpc/output.ts"
import { turn } from "../../fakes/world.ts"

let takes: boolean
let output: Output
let room: OutputRoom
beforeEach(() => {
  takes = true
  const nothing = (): void => undefined
  const sink = { write: () => takes, end: nothing, reset: nothing, pause: nothing, resume: nothing }
  output = new Output(sink, () => room.wake())
  room = new OutputRoom(output)
})

/** Whether the wait is over after a turn of the event loop. */
async function isOver(wait: Promise<void>): Promise<boolean> {
  let over = false
  void wait.then(() => (over = true))
  await turn()
  return over
}

const large = (): Uint8Array[] => [new Uint8Array(100_000)]

test("there is room while the stream takes what it is given", async () => {
  expect(await isOver(room.wait(new AbortController().signal))).toBe(true)
  output.send(large())
  const waiting = room.wait(new AbortController().signal)
  await turn()
  expect(await isOver(waiting)).toBe(true)
})

test("who does not read has none until it reads again", async () => {
  takes = false
  output.send(large())
  await turn()
  const waiting = room.wait(new AbortController().signal)
  expect(await isOver(waiting)).toBe(false)
  takes = true
  output.drained()
  room.wake()
  expect(await isOver(waiting)).toBe(true)
})

test("a call that is over waits no longer", async () => {
  takes = false
  output.send(large())
  await turn()
  const controller = new AbortController()
  const waiting = room.wait(controller.signal)
  controller.abort()
  expect(await isOver(waiting)).toBe(true)
})
