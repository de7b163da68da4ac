/** Full disks, of the server and of a client, in the middle of a conversation (QUALITY.md T9). Run: npm run disk-full */
import { join } from "node:path"
import { ERRORS } from "../../core/domain/errors.ts"
import { ServerProcess } from "../fakes/server-process.ts"
import { numbersOf } from "./abuse-watch.ts"
import type { Numbers } from "./abuse-watch.ts"
import { BuiltServer } from "./built-server.ts"
import { Crowd } from "./crowd.ts"
import type { DriverReport } from "./driven.ts"
import { programme } from "./programme.ts"
import type { Programme } from "./programme.ts"
import { ownMounts, SmallDisk } from "./small-disk.ts"

const LIVENESS = { keepAliveMs: 3000, idleMs: 8000 }
const NAMES = ["alice", "bob", "carol"]
/** Away before the disk is full; comes for the mail meanwhile. */
const LATE = "bob"
/** Her profile is on a small disk of its own. */
const CRAMPED = "carol"
const TALK_MS = 150
const SOON_MS_MAX = 30_000
const POLL_MS = 100
const SERVER_MIB = 24
const CLIENT_MIB = 12
const FULL = "SQLITE_FULL"

const flags = { rounds: 3, "full-s": 15, seed: 0 }
type Run = Programme<typeof flags>

interface Scene {
  readonly run: Run
  readonly server: BuiltServer
  readonly crowd: Crowd
  readonly groupId: string
  readonly disk: SmallDisk
}

ownMounts()
await programme({ name: "disk-full", flags, minutesMax: 20 }, async (run) => {
  const disk = SmallDisk.mount(join(run.folder, "server"), SERVER_MIB)
  run.onEnd(() => disk.unmount())
  const cramped = SmallDisk.mount(join(run.folder, CRAMPED), CLIENT_MIB)
  run.onEnd(() => cramped.unmount())
  run.figure("full disks", `tmpfs of ${SERVER_MIB} MiB for the server, of ${CLIENT_MIB} MiB for a client`)
  const audit = join(disk.path, "audit.log")
  const server = new BuiltServer(disk.path, ["--supervise", "no", "--audit-log", audit])
  run.onEnd(() => server.kill())
  await server.start()
  const crowd = await Crowd.gather(run, { server, names: NAMES, liveness: LIVENESS })
  const groupId = await crowd.group(NAMES)
  for (const person of crowd.people) person.talk(groupId, TALK_MS)
  const scene = { run, server, crowd, groupId, disk }
  for (let round = 1; round <= run.flags.rounds; round++) await serverFull(scene, round)
  await startFull(scene)
  await clientFull(scene, cramped)
  const verdict = await crowd.settle(groupId)
  if (verdict.delivered === 0) run.miss("nobody said anything")
})

/** Reads and acknowledgements go on, writes are refused and wait, nobody dies; with room again all comes back by itself. */
async function serverFull({ run, server, crowd, groupId, disk }: Scene, round: number): Promise<void> {
  const { pid } = server
  const late = crowd.person(LATE)
  await late.stop()
  await crowd.sent(SOON_MS_MAX)
  await crowd.sleep(run.flags["full-s"] * 100)
  disk.fill()
  await until(crowd, "the server says that it is not ready", async () => {
    disk.fill()
    return (await server.get("/readyz")).status === 503
  })
  const ready = await server.get("/readyz")
  if (!ready.body.includes(FULL)) run.miss(`/readyz does not say why: ${ready.body}`)
  const before = await numbersOf(server)
  const queuedBefore = crowd.ledger.count("queued")
  if (mailRows(before) === 0) run.miss(`round ${round}: no mail waits for who is away`)
  await late.start()
  await crowd.sleep(run.flags["full-s"] * 1000)
  const after = await numbersOf(server)
  const grown = (name: string): number => (after[name] ?? 0) - (before[name] ?? 0)
  const read = grown('qpq_calls_total{method="fetch",outcome="ok"}')
  const polled = grown('qpq_calls_total{method="fetchWait",outcome="ok"}')
  const acked = grown('qpq_calls_total{method="ack",outcome="ok"}')
  const refused = grown('qpq_calls_total{method="enqueueMany",outcome="E063"}')
  const waiting = crowd.ledger.count("queued")
  const figures = `${refused} deposits refused, ${read} fetched, ${polled} long polls, ${acked} acknowledgements answered`
  run.figure(
    `round ${round}`,
    `${figures}; ${waiting} texts wait, ${mailRows(before)} rows before, ${mailRows(after)} after`,
  )
  for (const fault of unreadable(before, after)) run.miss(`round ${round}: ${fault}`)
  if (refused === 0) run.miss(`round ${round}: nothing was refused`)
  if (waiting <= queuedBefore) run.miss(`round ${round}: what is said does not wait`)
  const health = await server.get("/healthz")
  if (health.status !== 200) run.miss(`round ${round}: /healthz says ${health.status} ${health.body}`)
  if (mailRows(after) > 0) run.miss(`round ${round}: ${mailRows(after)} rows were not read and removed`)
  for (const name of [CRAMPED, "alice"])
    if ((await crowd.person(name).call("queued")) === 0) run.miss(`round ${round}: ${name} is not shown what waits`)
  disk.empty()
  late.talk(groupId, TALK_MS)
  await comesBack({ run, server, crowd }, `round ${round}`)
  if (server.pid !== pid || !server.isUp) run.miss(`round ${round}: the server's process did not live on`)
}

/** A server that finds its disk full ends and says why; with room it starts as ever. */
async function startFull({ run, server, crowd, disk }: Scene): Promise<void> {
  await server.stop()
  disk.fill()
  const { status, stderr } = await ServerProcess.refused(disk.path)
  run.figure("start on a full disk", `exit ${String(status)}: ${stderr.trim()}`)
  if (status !== ERRORS.E063.exit || !stderr.includes("E063"))
    run.miss("a start on a full disk is not refused with E063")
  disk.empty()
  await server.start()
  await comesBack({ run, server, crowd }, "start on a full disk")
}

/** Who has no room says nothing that was not written down, and loses nothing; with room it goes on. */
async function clientFull({ run, server, crowd }: Scene, disk: SmallDisk): Promise<void> {
  const carol = crowd.person(CRAMPED)
  const unsaid = new Map<string, number>()
  carol.onReport = (report: DriverReport) => {
    if (report.kind === "unsaid") unsaid.set(report.code, (unsaid.get(report.code) ?? 0) + 1)
  }
  await until(crowd, "carol's disk is full", async () => {
    disk.fill()
    return unsaid.size > 0
  })
  await crowd.sleep(run.flags["full-s"] * 1000)
  run.figure("a client's full disk", `refused to who speaks: ${JSON.stringify([...unsaid])}`)
  if ([...unsaid.keys()].some((code) => code !== "E063")) run.miss(`carol was told ${[...unsaid.keys()].join(", ")}`)
  if (!carol.isUp || carol.lives !== 1) run.miss("carol's process did not live on")
  disk.empty()
  const said = (): number => crowd.ledger.all.filter(({ sender }) => sender === CRAMPED).length
  const before = said()
  await until(crowd, "carol speaks again", () => Promise.resolve(said() > before))
  await comesBack({ run, server, crowd }, "a client's full disk")
}

/** By itself: nobody is started anew. */
async function comesBack({ run, server, crowd }: Omit<Scene, "groupId" | "disk">, when: string): Promise<void> {
  const since = performance.now()
  await until(crowd, "the server is ready again", async () => (await server.get("/readyz")).status === 200)
  const readyMs = performance.now() - since
  const waited = crowd.ledger.all.filter(({ told }) => told === "queued").map(({ id }) => id)
  const isStored = (id: string): boolean => crowd.ledger.all.some((one) => one.id === id && one.told === "stored")
  await until(crowd, "what waited is stored", () => Promise.resolve(waited.every(isStored)))
  const allMs = performance.now() - since
  run.figure(
    `${when}: room again`,
    `ready after ${readyMs.toFixed(0)} ms, ${waited.length} texts stored after ${allMs.toFixed(0)}`,
  )
}

/** Outcomes of reads and acknowledgements other than well. */
function unreadable(before: Numbers, after: Numbers): readonly string[] {
  return Object.entries(after)
    .filter(([name]) => /^qpq_calls_total\{method="(?:fetch|fetchWait|ack)",outcome="E/u.test(name))
    .filter(([name, count]) => count > (before[name] ?? 0))
    .map(([name, count]) => `${name} ${count - (before[name] ?? 0)}`)
}

function mailRows(numbers: Numbers): number {
  return numbers["qpq_mail_rows"] ?? NaN
}

async function until(crowd: Crowd, what: string, holds: () => Promise<boolean>): Promise<void> {
  const giveUpAt = performance.now() + SOON_MS_MAX
  while (!(await holds())) {
    if (performance.now() > giveUpAt) throw new Error(`in vain: ${what}`)
    await crowd.sleep(POLL_MS)
  }
}
