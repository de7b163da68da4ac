/** Ten honest people talk alone and beside an attack, in turn (QUALITY.md T7, T11, T12). Run: npm run abuse */
import { join } from "node:path"
import { formatServerAddress } from "../../core/domain/server-address.ts"
import { realWorld } from "../../core/domain/world.ts"
import { ServerProcess } from "../fakes/server-process.ts"
import { startAttack } from "./abuse-child.ts"
import { HonestPeople } from "./abuse-honest.ts"
import type { Talk } from "./abuse-honest.ts"
import { effortOf, halfOpen, highestRss, numbersOf, refusals, rssOf } from "./abuse-watch.ts"
import { programme } from "./programme.ts"
import type { Programme } from "./programme.ts"
import { quantile } from "./statistics.ts"

const ATTACKS = [
  ["initials", "handshakes", "garbage", "replays"],
  ["connections", "drips", "volleys", "slowReaders", "halfStreams", "halfFrames", "strangersFrames", "fuzzedFrames"],
  ["requests", "logins", "registrations", "keyPackages", "mailbox", "uploads"],
].flat()
const GOALS = { rate: 0.9, p99: 3, rssMib: 100, halfOpenMs: 10_000 }
/** Below this the clock of a busy machine is what is measured. */
const P99_MS_MIN = 20
const SETTLE_MS = 1000
/** All defaults but one: a gigabyte of one account's files would only take time. */
const SERVER_FLAGS = ["--file-quota", "64", "--log-level", "warn"]

/** `attack`: names with commas between, all when empty. `times`: goals for time are so much wider on a busy machine. */
const flags = { attack: "", seconds: 12, pairs: 5, "every-ms": 400, scale: 1, times: 1, seed: 0 }
type Run = Programme<typeof flags>

interface Scene {
  readonly server: ServerProcess
  readonly people: HonestPeople
  /** So that no text is said twice. */
  readonly round: number
}

/** What one attack did to the honest people and to the server. */
interface Outcome {
  readonly name: string
  readonly talk: Talk
  readonly rssMib: number
  /** How long it took until no handshake was half open. */
  readonly halfOpenMs: number
  readonly figures: string
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
  const scene = { server, people }
  const alone: Talk[] = []
  const measured = async (name: string): Promise<Outcome> => {
    // Before each, since what the machine does besides changes within minutes.
    alone.push(await people.talk(`before ${alone.length}`, seconds * 1000, everyMs, run.signal))
    return under(run, name, { ...scene, round: alone.length })
  }
  const first: Outcome[] = []
  for (const name of wanted) first.push(await measured(name))
  const outcomes: Outcome[][] = []
  for (const outcome of first) {
    const isSlow = slowerThan(outcome, together(alone)) >= GOALS.p99 * run.flags.times
    const more = isSlow ? [await measured(outcome.name), await measured(outcome.name)] : []
    outcomes.push([outcome, ...more])
  }
  const base = together(alone)
  run.figure("alone", talkText(base))
  for (const rounds of outcomes) judge(run, rounds, base)
  if ((await server.get("/readyz")).status !== 200) run.miss("the server is not ready any more")
})

async function under(run: Run, name: string, { server, people, round }: Scene): Promise<Outcome> {
  const { seconds, "every-ms": everyMs, scale, seed } = run.flags
  const before = await numbersOf(server)
  const rssBefore = rssOf(server.pid)
  const over = new AbortController()
  const highest = highestRss(server.pid, over.signal)
  const attack = await startAttack({ name, address: formatServerAddress(server.address), scale, seed })
  run.onEnd(() => attack.end())
  await realWorld.clock.sleep(SETTLE_MS)
  const effort = await effortOf(server)
  const talk = await people.talk(`${name} ${round}`, seconds * 1000, everyMs, run.signal)
  const { cores, loopMsMax } = await effort()
  over.abort()
  const rssMib = Math.max(0, (await highest) - rssBefore)
  const told = await attack.end()
  const halfOpenMs = await halfOpenGone(server)
  const figures = [
    `RSS ${rssBefore.toFixed(0)} +${rssMib.toFixed(0)} MiB`,
    `CPU ${cores.toFixed(2)}`,
    `loops at worst ${loopMsMax.toFixed(0)} ms (server), ${talk.loopMsMax.toFixed(0)} ms (honest people)`,
  ].join(", ")
  run.say(`${name}: ${talkText(talk)}, ${figures}`)
  const what = refusals(before, await numbersOf(server))
  return { name, talk, rssMib, halfOpenMs, figures: `${figures}; refused: ${what}; attacker: ${told}` }
}

/** Of an attack that was slow in its first round, the middle one of three counts: the machine itself stands still at times. */
function judge(run: Run, rounds: readonly Outcome[], base: Talk): void {
  const { times } = run.flags
  for (const outcome of rounds) judgeRound(run, outcome, base)
  const middle = quantile(
    rounds.map((outcome) => slowerThan(outcome, base)),
    0.5,
  )
  const name = rounds[0]?.name ?? ""
  if (middle >= GOALS.p99 * times) run.miss(`${name}: p99 is ${middle.toFixed(1)} times that without it`)
}

function judgeRound(run: Run, outcome: Outcome, base: Talk): void {
  const { name, talk, rssMib, halfOpenMs, figures } = outcome
  const { times } = run.flags
  const rate = talk.perSecond / base.perSecond
  const percent = `${(100 * rate).toFixed(0)} % of the rate`
  const slower = `p99 x${slowerThan(outcome, base).toFixed(1)}`
  run.figure(name, `${percent}, ${slower}; ${talkText(talk)}, ${figures}`)
  if (rate < GOALS.rate / times) run.miss(`${name}: ${percent}`)
  if (rssMib >= GOALS.rssMib) run.miss(`${name}: the server grew by ${rssMib.toFixed(0)} MiB`)
  if (talk.lost + talk.doubled > 0) run.miss(`${name}: ${talk.lost} lost, ${talk.doubled} doubled`)
  if (halfOpenMs >= GOALS.halfOpenMs)
    run.miss(`${name}: half-open handshakes are not gone after ${GOALS.halfOpenMs} ms`)
}

function slowerThan({ talk }: Outcome, base: Talk): number {
  return p99Of(talk) / Math.max(p99Of(base), P99_MS_MIN)
}

/** Phases of one kind as one. */
function together(talks: readonly Talk[]): Talk {
  const sum = (of: (talk: Talk) => number): number => talks.reduce((all, talk) => all + of(talk), 0)
  return {
    sent: sum(({ sent }) => sent),
    perSecond: sum(({ perSecond }) => perSecond) / talks.length,
    times: talks.flatMap(({ times }) => times),
    setAside: sum(({ setAside }) => setAside),
    lost: sum(({ lost }) => lost),
    doubled: sum(({ doubled }) => doubled),
    loopMsMax: Math.max(...talks.map(({ loopMsMax }) => loopMsMax)),
  }
}

function p99Of({ times }: Talk): number {
  return quantile(times, 0.99)
}

function talkText(talk: Talk): string {
  const { perSecond, times, setAside, lost, doubled, sent } = talk
  const took = `p50 ${quantile(times, 0.5).toFixed(1)}, p99 ${p99Of(talk).toFixed(1)} ms`
  return `${perSecond.toFixed(1)}/s, ${took}, ${lost} of ${sent} lost, ${doubled} doubled${setAside > 0 ? `, ${setAside} set aside` : ""}`
}

/** How long it takes until no handshake is half open, in milliseconds. */
async function halfOpenGone(server: ServerProcess): Promise<number> {
  const since = performance.now()
  const elapsed = (): number => performance.now() - since
  while (halfOpen(await numbersOf(server)) > 0 && elapsed() < GOALS.halfOpenMs) await realWorld.clock.sleep(100)
  return elapsed()
}
