/** Durable enqueue of 1 KiB over QUIC, 64 in flight, against the thin thread it grew from and a plain SQLite loop. Run: npm run bench enqueue */
import Database from "better-sqlite3"
import { execFile, spawnSync } from "node:child_process"
import { randomBytes } from "node:crypto"
import { cpSync, existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { promisify } from "node:util"
import { dialer } from "../../core/client/dial.ts"
import { ProfileGate } from "../../core/client/gate.ts"
import { storedIdentity } from "../../core/client/identity.ts"
import type { NodeConnection } from "../../core/client/link.ts"
import { storedAuth } from "../../core/client/tokens.ts"
import { messageId, NO_CHANNEL } from "../../core/domain/ids.ts"
import type { DeviceKey } from "../../core/domain/ids.ts"
import { packageRoot } from "../../core/domain/package-root.ts"
import { parseServerAddress } from "../../core/domain/server-address.ts"
import { realWorld } from "../../core/domain/world.ts"
import { makeCertificate } from "../../core/transport/certificate.ts"
import { QuicDialer } from "../../core/transport/quic-dialer.ts"
import { benchServer } from "./bench-server.ts"

const IN_FLIGHT = 64
const ROUNDS = 3
const RECIPIENTS = 8
/** A quarter of a mailbox may be one sender's; rounds stay below and are acknowledged in between. */
const ENQUEUES_PER_ROUND = RECIPIENTS * 2000
const PLAIN_ROWS = 300
const PAYLOAD = randomBytes(1024)
const PROTOTYPES = resolve(process.env["PROTOTYPES"] ?? join(packageRoot(), "../shared/prototypes"))

const folder = mkdtempSync(join(tmpdir(), "qpq-bench-"))
try {
  const ours: number[] = []
  const theirs: number[] = []
  const plain: number[] = []
  const echo: number[] = []
  await withServer(async (enqueueAll) => {
    await enqueueAll()
    for (let round = 0; round < ROUNDS; round++) {
      ours.push(await enqueueAll())
      plain.push(plainLoop())
      const rates = await prototype()
      if (rates === undefined) continue
      theirs.push(rates.stored)
      echo.push(rates.echo)
    }
  })
  report({ ours: median(ours), theirs: median(theirs), plain: median(plain), echo: median(echo) })
} finally {
  rmSync(folder, { recursive: true, force: true })
}

async function withServer(measure: (enqueueAll: () => Promise<number>) => Promise<void>): Promise<void> {
  const server = await benchServer(folder)
  const people = []
  for (let at = 0; at <= RECIPIENTS; at++) people.push(await person(`user${at}`, server.address))
  const [sender, ...recipients] = people
  if (!sender) throw new Error("nobody")
  try {
    await measure(async () => {
      const rate = await enqueueTo(
        sender.connection,
        recipients.map((recipient) => recipient.deviceKey),
      )
      for (const recipient of recipients) await drain(recipient)
      return rate
    })
  } finally {
    for (const { connection } of people) connection.close()
    await server.stop()
  }
}

interface Person {
  readonly deviceKey: DeviceKey
  readonly connection: NodeConnection
}

async function person(name: string, address: string): Promise<Person> {
  const gate = new ProfileGate({ home: join(folder, name), world: realWorld, unsafeTestingTinyStretching: true })
  await gate.unlock("bench")
  await gate.register({ name, password: "bench", server: address })
  const { store } = gate
  const { deviceKey } = storedIdentity(store)
  const auth = storedAuth(store, deviceKey)
  const dial = dialer({ world: realWorld, dialer: new QuicDialer(realWorld), address: parseServerAddress(address) })
  const connection = await dial(() => auth, new AbortController().signal)
  await gate.close()
  return { deviceKey, connection }
}

async function enqueueTo({ service }: NodeConnection, recipients: readonly DeviceKey[]): Promise<number> {
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < ENQUEUES_PER_ROUND) {
      const recipientKey = recipients[next++ % recipients.length]
      if (!recipientKey) return
      const id = messageId(new Uint8Array(randomBytes(16)))
      await service.enqueue({ recipientKey, channelId: NO_CHANNEL, messageId: id, payload: PAYLOAD, ttlSecs: 0 })
    }
  }
  const startedAt = performance.now()
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker))
  return ENQUEUES_PER_ROUND / ((performance.now() - startedAt) / 1000)
}

async function drain({ deviceKey: recipientKey, connection: { service } }: Person): Promise<void> {
  const cursor = { recipientKey, channelId: NO_CHANNEL, allChannels: true }
  const explicit = { ...cursor, limit: 1, after: 0n, ack: 0n, ackMode: "explicit" as const }
  const { head, generation } = await service.fetch({ ...explicit, generation: 0n })
  await service.ack({ ...cursor, generation, upTo: head })
}

/** One transaction and one fsync per row. */
function plainLoop(): number {
  const db = new Database(join(folder, `plain-${Math.random().toString(36).slice(2)}.db`))
  db.pragma("journal_mode = WAL")
  db.pragma("synchronous = FULL")
  db.exec("CREATE TABLE mail (id INTEGER PRIMARY KEY, payload BLOB NOT NULL)")
  const insert = db.prepare("INSERT INTO mail (payload) VALUES (?)")
  const startedAt = performance.now()
  for (let row = 0; row < PLAIN_ROWS; row++) insert.run(PAYLOAD)
  const rate = PLAIN_ROWS / ((performance.now() - startedAt) / 1000)
  db.close()
  return rate
}

/** The thin thread as it was first proved; undefined where its files are not at hand. */
async function prototype(): Promise<{ stored: number; echo: number } | undefined> {
  if (!existsSync(join(PROTOTYPES, "thread/client.ts"))) return undefined
  const copy = join(folder, "prototypes")
  if (!existsSync(copy)) await preparePrototype(copy)
  // Our own connections stay alive meanwhile: they keep their pings only while this thread turns.
  const client = ["--import", "tsx", "client.ts"]
  const { stdout } = await promisify(execFile)(process.execPath, client, { cwd: join(copy, "thread") })
  const rate = (mode: string): number => Number(new RegExp(`^${mode} conc 64 (\\d+)/s`, "m").exec(stdout)?.[1])
  return { stored: rate("store"), echo: rate("echo") }
}

async function preparePrototype(copy: string): Promise<void> {
  for (const room of ["thread", "rpc", "quic"]) cpSync(join(PROTOTYPES, room), join(copy, room), { recursive: true })
  symlinkSync(join(packageRoot(), "node_modules"), join(copy, "node_modules"))
  const rpc = join(copy, "rpc")
  const sh = (line: string): void => void spawnSync("sh", ["-c", line], { cwd: rpc, encoding: "utf8" })
  sh("npx capnp-es sample.capnp -ots:. </dev/null && mv sample.ts node.ts")
  sh("capnp compile -o- sample.capnp | node --import tsx gen-shapes.ts NodeService > shapes.node.ts")
  const { certificatePem, keyPem } = await makeCertificate(realWorld, [])
  writeFileSync(join(copy, "thread/cert.pem"), certificatePem)
  writeFileSync(join(copy, "thread/key.pem"), keyPem)
}

interface Rates {
  readonly ours: number
  readonly theirs: number
  readonly plain: number
  readonly echo: number
}

/** The echo is what the thin thread does with no store at all: no durable path over QUIC can be faster on this machine. */
function report(rates: Rates): void {
  const { ours, theirs, plain, echo } = rates
  const toPlain = ours / plain
  const toThread = ours / theirs
  console.log(`enqueue, 64 in flight: ${Math.round(ours)}/s`)
  console.log(`fsync per row: ${Math.round(plain)}/s, ratio ${toPlain.toFixed(2)} (goal >= 4)`)
  if (Number.isNaN(theirs)) console.log("thin thread: its files are not here, not measured")
  else {
    console.log(`thin thread: ${Math.round(theirs)}/s, ratio ${toThread.toFixed(2)} (goal >= 1.0)`)
    console.log(`thin thread, nothing stored: ${Math.round(echo)}/s, ${(echo / plain).toFixed(2)} of fsync per row`)
  }
  console.log(JSON.stringify({ ...rates, toPlain, toThread }))
  process.exitCode = toPlain >= 4 && (Number.isNaN(theirs) || toThread >= 1) ? 0 : 1
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}
