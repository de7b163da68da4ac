/** Ten honest people talk beside one attack after another (QUALITY.md T7, T11, T12). Run: npm run abuse */
import { join } from "node:path"
import { monitorEventLoopDelay } from "node:perf_hooks"
import { formatServerAddress } from "../../core/domain/server-address.ts"
import { realWorld } from "../../core/domain/world.ts"
import { ServerProcess } from "../fakes/server-process.ts"
import { startAttack } from "./abuse-child.ts"
import { HonestPeople } from "./abuse-honest.ts"
import type { Talk } from "./abuse-honest.ts"
import { effortOf, halfOpen, highestRss, numbersOf, refusals, rssOf } from "./abuse-watch.ts"
import { programme } from "./programme.ts"
import type { Programme } from "./programme.ts"

const ATTACKS = [
  ["initials", "handshakes", "garbage", "replays"],
  ["connections", "drips", "slowReaders", "halfStreams", "halfFrames", "strangersFrames", "fuzzedFrames"],
  ["requests", "logins", "registrations", "keyPackages", "mailbox", "uploads"],
].flat()
const GOALS = { rate: 0.9, p99: 3, rssMib: 100, halfOpenMs: 10_000 }
/** Below this the clock of a busy machine is what is measured. */
const P99_MS_MIN = 20
const SETTLE_MS = 1000
/** All defaults but one: a gigabyte of one account's files would only take time. */
const SERVER_FLAGS = ["--file-quota", "64", "--log-level", "warn"]

/** `attack`: names with commas between, all when empty. `times`: goals for time are so much wider on a busy machine. */
const flags = { attack: "", seconds: 8, pairs: 5, "every-ms": 400, scale: 1, times: 1, seed: 0 }
type Run = Programme<typeof flags>

interface Scene {
  readonly server: ServerProcess
  readonly people: HonestPeople
  readonly base: Talk
}

await programme({ name: "abuse", flags, minutesMax: 30 }, async (run) => {
  const { attack, pairs, seconds, "every-ms": everyMs } = run.flags
  const wanted = attack === "" ? ATTACKS : attack.split(",")
  for (const name of wanted) if (!ATTACKS.includes(name)) throw new Error(`--attack is some of ${ATTACKS.join(", ")}`)
  const server = await ServerProcess.start(join(run.folder, "server"), ...SERVER_FLAGS)
  run.onEnd(() => server.stop("SIGKILL"))
  const people = await HonestPeople.open(server.address, pairs)
  run.onEnd(() => people.close())
  await people.talk("first", SETTLE_MS, everyMs, run.signal)
  const base = await people.talk("alone", seconds * 1000, everyMs, run.signal)
  run.figure("alone", talkText(base))
  for (const name of wanted) await under(run, name, { server, people, base })
  if ((await server.get("/readyz")).status !== 200) run.miss("the server is not ready any more")
})

async function under(run: Run, name: string, { server, people, base }: Scene): Promise<void> {
  const { seconds, "every-ms": everyMs, times, scale, seed } = run.flags
  const before = await numbersOf(server)
  const rssBefore = rssOf(server.pid)
  const over = new AbortController()
  const highest = highestRss(server.pid, over.signal)
  const attack = await startAttack({ name, address: formatServerAddress(server.address), scale, seed })
  run.onEnd(() => attack.end())
  await realWorld.clock.sleep(SETTLE_MS)
  const [effort, ownLoop] = [await effortOf(server), ownLoopFrom()]
  const talk = await people.talk(name, seconds * 1000, everyMs, run.signal)
  const { cores, loopMsMax } = await effort()
  const ownMsMax = ownLoop()
  over.abort()
  const rss = Math.max(0, (await highest) - rssBefore)
  const told = await attack.end()
  const emptyMs = await halfOpenGone(server)
  const rate = talk.perSecond / base.perSecond
  const slower = talk.p99Ms / Math.max(base.p99Ms, P99_MS_MIN)
  const what = refusals(before, await numbersOf(server))
  const percent = `${(100 * rate).toFixed(0)} % of the rate`
  const figures = [
    percent,
    `p99 x${slower.toFixed(1)}`,
    `RSS ${rssBefore.toFixed(0)} +${rss.toFixed(0)} MiB`,
    `CPU ${cores.toFixed(2)}`,
    `loops at worst ${loopMsMax.toFixed(0)} ms (server), ${ownMsMax.toFixed(0)} ms (honest people)`,
  ]
  run.figure(name, `${figures.join(", ")}; ${talkText(talk)}; refused: ${what}; attacker: ${told}`)
  run.say(`${name}: ${figures.join(", ")}`)
  if (rate < GOALS.rate / times) run.miss(`${name}: ${percent}`)
  if (slower >= GOALS.p99 * times) run.miss(`${name}: p99 is ${slower.toFixed(1)} times that of before`)
  if (rss >= GOALS.rssMib) run.miss(`${name}: the server grew by ${rss.toFixed(0)} MiB`)
  if (talk.lost + talk.doubled > 0) run.miss(`${name}: ${talk.lost} lost, ${talk.doubled} doubled`)
  if (emptyMs >= GOALS.halfOpenMs) run.miss(`${name}: half-open handshakes are not gone after ${GOALS.halfOpenMs} ms`)
}

/** How long the event loop of this process, in which the honest people live, took at worst, in milliseconds. */
function ownLoopFrom(): () => number {
  const histogram = monitorEventLoopDelay({ resolution: 10 })
  histogram.enable()
  return () => {
    histogram.disable()
    return histogram.max / 1e6
  }
}

function talkText({ perSecond, p50Ms, p99Ms, lost, doubled, sent }: Talk): string {
  const times = `p50 ${p50Ms.toFixed(1)}, p99 ${p99Ms.toFixed(1)} ms`
  return `${perSecond.toFixed(1)}/s, ${times}, ${lost} of ${sent} lost, ${doubled} doubled`
}

/** How long it takes until no handshake is half open, in milliseconds. */
async function halfOpenGone(server: ServerProcess): Promise<number> {
  const since = performance.now()
  const elapsed = (): number => performance.now() - since
  while (halfOpen(await numbersOf(server)) > 0 && elapsed() < GOALS.halfOpenMs) await realWorld.clock.sleep(100)
  return elapsed()
}
