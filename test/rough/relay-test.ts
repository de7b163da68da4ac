/** A bad network for long (QUALITY.md T8): loss, delay, disorder, doubles, other ports, small datagrams, holes. Run: npm run relay-test */
import { setTimeout as delay } from "node:timers/promises"
import { RelayedPair } from "../fakes/relayed-pair.ts"
import type { Faults } from "../fakes/udp-relay.ts"
import { programme } from "./programme.ts"
import type { Programme } from "./programme.ts"

const BACK_MS_MAX = 5000
const HEARD_MS_MAX = 300_000
const MOVE_EVERY_MS = 700

const NETWORKS: Readonly<Record<string, Faults>> = {
  loss1: { loss: 0.01 },
  loss5: { loss: 0.05 },
  loss20: { loss: 0.2 },
  delay: { delayMs: [0, 500] },
  slow: { delayMs: [500, 500] },
  reorder: { reorder: 0.3 },
  duplicate: { duplicate: 0.3 },
  all: { loss: 0.05, duplicate: 0.1, reorder: 0.2, delayMs: [20, 150], bytesMax: 1200 },
  mtu1200: { bytesMax: 1200 },
}
const CASES = [...Object.keys(NETWORKS), "ports", "hole"]

/** `case`: names with commas between; all when empty. */
const flags = { case: "", messages: 100, "hole-s": 60, holes: 3, seed: 0 }
type Run = Programme<typeof flags>

await programme({ name: "relay-test", flags, minutesMax: 30 }, async (run) => {
  const wanted = run.flags.case === "" ? CASES : run.flags.case.split(",")
  for (const name of wanted) {
    if (!CASES.includes(name)) throw new Error(`--case is some of ${CASES.join(", ")}`)
    const pair = await RelayedPair.open(run.flags.seed)
    const close = pair.close.bind(pair)
    run.onEnd(close)
    run.say(name)
    if (name === "hole") await holes(run, pair)
    else if (name === "ports") await ports(run, pair)
    else {
      pair.relay.faults = NETWORKS[name] ?? {}
      await heardAll(run, pair, name)
      pair.relay.faults = {}
    }
    await pair.close()
  }
})

/** Both say all, and hear all of the other's once and in order. */
async function heardAll(run: Run, pair: RelayedPair, label: string): Promise<void> {
  const { messages } = run.flags
  const since = performance.now()
  const hearings = await pair.talk(label, messages, HEARD_MS_MAX)
  const count = { lost: 0, doubled: 0, disorder: 0 }
  for (const { said, heard } of hearings) {
    count.lost += said.filter((text) => !heard.includes(text)).length
    count.doubled += heard.length - new Set(heard).size
    if (heard.join() !== said.join()) count.disorder++
  }
  const faults = `${count.lost} lost, ${count.doubled} doubled, ${count.disorder} out of order`
  if (count.lost + count.doubled + count.disorder > 0) run.miss(`${label}: ${faults}`)
  const { passed, dropped } = pair.relay
  const took = `${((performance.now() - since) / 1000).toFixed(1)} s`
  run.figure(label, `${2 * messages} messages in ${took}: ${faults}; ${passed} datagrams passed, ${dropped} dropped`)
}

/** The server sees other ports all the time. */
async function ports(run: Run, pair: RelayedPair): Promise<void> {
  const over = new AbortController()
  let moves = 0
  const moving = (async () => {
    while (!over.signal.aborted) {
      await delay(MOVE_EVERY_MS, undefined, { signal: over.signal }).catch(() => undefined)
      await pair.relay.moveClients()
      moves++
    }
  })()
  await heardAll(run, pair, "ports")
  over.abort()
  await moving
  run.figure("ports changed", `${moves} times`)
}

async function holes(run: Run, pair: RelayedPair): Promise<void> {
  const { holes: count, "hole-s": seconds } = run.flags
  for (let at = 1; at <= count; at++) {
    const backMs = await pair.hole(`hole ${at}`, seconds * 1000)
    const took = `${(backMs / 1000).toFixed(1)} s`
    run.say(`after hole ${at} of ${seconds} s: heard both ways after ${took}`)
    run.figure(`hole ${at} of ${seconds} s`, `heard both ways ${took} after its end (goal <= ${BACK_MS_MAX / 1000} s)`)
    if (backMs > BACK_MS_MAX) run.miss(`back only ${took} after the hole`)
  }
  await heardAll(run, pair, "after the holes")
}
