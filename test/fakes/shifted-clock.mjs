// A process whose wall clock is off by as many milliseconds as a file says at the time: node --import. Monotonic time stays right.
import { readFileSync } from "node:fs"

const LOOK_EVERY_MS = 20
const path = process.env.CLOCK_FILE
const RightDate = Date
let [shiftMs, lookedAt] = [0, -Infinity]

function now() {
  const at = performance.now()
  if (path && at - lookedAt > LOOK_EVERY_MS) {
    lookedAt = at
    shiftMs = Number(readFileSync(path, "utf8"))
  }
  return RightDate.now() + shiftMs
}

globalThis.Date = new Proxy(RightDate, {
  construct: (target, words, as) => Reflect.construct(target, words.length === 0 ? [now()] : words, as),
  get: (target, name, receiver) => (name === "now" ? now : Reflect.get(target, name, receiver)),
})
