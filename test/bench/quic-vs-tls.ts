/** Our QUIC driver against node:tls: frames answered one by one on one stream, servers in a process of their own. Run: npm run bench quic-vs-tls */
import { fork } from "node:child_process"
import { once } from "node:events"
import { connect as connectTls, createServer } from "node:tls"
import { fileURLToPath } from "node:url"
import { copyOf } from "../../core/domain/bytes.ts"
import { realWorld } from "../../core/domain/world.ts"
import { makeCertificate } from "../../core/transport/certificate.ts"
import type { ByteStream, Connection } from "../../core/transport/transport.ts"
import { QuicDialer } from "../../core/transport/quic-dialer.ts"
import { listenQuic } from "../../core/transport/quic-listener.ts"

const HOST = "127.0.0.1"
const HANDSHAKES = 40
const ROUND_TRIPS = 400
/** A call that carries no message, and one that does: over QUIC the second costs a packet each way. */
const SMALL = { bytes: 64, count: 100_000 }
const LARGE = { bytes: 1024, count: 20_000 }
const TRANSFER_BYTES = 5_242_880
const TRANSFERS = 5
const ROUNDS = 3

interface Ports {
  readonly quic: number
  readonly tls: number
  readonly pinHex: string
  readonly certificatePem: string
}

/** What both have in common, so that one measurement serves for both. */
interface Duplex {
  write(bytes: Uint8Array): unknown
  onData(handler: (bytes: Uint8Array) => void): void
  close(): void
}

type Measure = "handshakeMs" | "roundTripMs" | "small32" | "small256" | "large32" | "large256" | "transferMs"
type Figures = Record<Measure, number>

/** Ratio of QUIC to TLS: at least for rates, at most for times. */
const GOALS: Readonly<Record<Measure, { readonly ratio: number; readonly isRate: boolean }>> = {
  handshakeMs: { ratio: 2, isRate: false },
  roundTripMs: { ratio: 5, isRate: false },
  small32: { ratio: 0.4, isRate: true },
  small256: { ratio: 0.4, isRate: true },
  large32: { ratio: 0.4, isRate: true },
  large256: { ratio: 0.4, isRate: true },
  transferMs: { ratio: 15, isRate: false },
}

if (process.send) await serve()
else await compare()

async function serve(): Promise<void> {
  const certificate = await makeCertificate(realWorld, [])
  const onConnection = (connection: Connection): void =>
    connection.onStream((stream) =>
      kept(
        stream,
        frames((frame) => stream.write(frame)),
      ),
    )
  const limits = { connectionsPerAddressMax: 1000 }
  const quic = await listenQuic(realWorld, { host: HOST, port: 0, certificate, limits, onConnection })
  const tls = createServer(
    { key: certificate.keyPem, cert: certificate.certificatePem, minVersion: "TLSv1.3" },
    (socket) => {
      socket.setNoDelay(true)
      socket.on("error", () => socket.destroy())
      socket.on(
        "data",
        frames((frame) => socket.write(frame)),
      )
    },
  )
  tls.listen(0, HOST)
  await once(tls, "listening")
  const address = tls.address()
  const ports: Ports = {
    quic: quic.address.port,
    tls: typeof address === "object" && address ? address.port : 0,
    pinHex: Buffer.from(quic.pin).toString("hex"),
    certificatePem: certificate.certificatePem,
  }
  process.send?.(ports)
  process.once("disconnect", () => process.exit(0))
}

async function compare(): Promise<void> {
  const child = fork(fileURLToPath(import.meta.url))
  const [ports] = (await once(child, "message")) as [Ports]
  const dials = { quic: async () => dialQuic(ports), tls: async () => dialTls(ports) }
  const rounds: { quic: Figures; tls: Figures }[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const quic = await measure(dials.quic)
    rounds.push({ quic, tls: await measure(dials.tls) })
  }
  child.disconnect()
  report(rounds)
}

async function dialQuic(ports: Ports): Promise<Duplex> {
  const connection = await new QuicDialer(realWorld).connect({
    host: HOST,
    port: ports.quic,
    trust: { kind: "pins", pins: [Buffer.from(ports.pinHex, "hex")] },
    timeoutMs: 5000,
  })
  const stream = connection.openStream()
  return {
    write: (bytes) => stream.write(bytes),
    onData: (handler) => kept(stream, handler),
    close: () => connection.close(0, ""),
  }
}

async function dialTls(ports: Ports): Promise<Duplex> {
  const socket = connectTls({ host: HOST, port: ports.tls, ca: ports.certificatePem, servername: "localhost" })
  await once(socket, "secureConnect")
  socket.setNoDelay(true)
  return {
    write: (bytes) => socket.write(bytes),
    onData: (handler) => socket.removeAllListeners("data").on("data", handler),
    close: () => socket.destroy(),
  }
}

async function measure(dial: () => Promise<Duplex>): Promise<Figures> {
  const handshakes: number[] = []
  for (let count = 0; count < HANDSHAKES; count++) {
    const startedAt = performance.now()
    const one = await dial()
    handshakes.push(performance.now() - startedAt)
    one.close()
  }
  const duplex = await dial()
  await requestsPerSecond(duplex, 32, LARGE)
  const figures = {
    handshakeMs: median(handshakes),
    roundTripMs: 1000 / (await requestsPerSecond(duplex, 1, { ...LARGE, count: ROUND_TRIPS })),
    small32: await requestsPerSecond(duplex, 32, SMALL),
    small256: await requestsPerSecond(duplex, 256, SMALL),
    large32: await requestsPerSecond(duplex, 32, LARGE),
    large256: await requestsPerSecond(duplex, 256, LARGE),
    transferMs: await transferMs(duplex),
  }
  duplex.close()
  return figures
}

/** Calls `onFrame` for each whole frame, as a server of requests does: its length comes first, in four bytes. */
function frames(onFrame: (frame: Uint8Array) => unknown): (bytes: Uint8Array) => void {
  let parts: Uint8Array[] = []
  let partBytes = 0
  return (bytes) => {
    parts.push(bytes)
    partBytes += bytes.length
    const first = parts[0]
    if (first && first.length >= 4 && partBytes < Buffer.from(first.buffer, first.byteOffset, 4).readUInt32BE(0)) return
    const joined = Buffer.concat(parts)
    let at = 0
    while (joined.length - at >= 4) {
      const end = at + joined.readUInt32BE(at)
      if (end > joined.length) break
      onFrame(joined.subarray(at, end))
      at = end
    }
    parts = at === joined.length ? [] : [joined.subarray(at)]
    partBytes = joined.length - at
  }
}

/** As a TLS socket gives them: in memory of their own. */
function kept(stream: ByteStream, handler: (bytes: Uint8Array) => void): void {
  stream.onData((bytes) => handler(copyOf(bytes)))
}

/** A frame of `length` bytes in all. */
function frameOf(length: number): Uint8Array {
  const frame = Buffer.alloc(length)
  frame.writeUInt32BE(length, 0)
  return frame
}

/** Each answer that is complete lets the next request go. */
async function requestsPerSecond(duplex: Duplex, inFlight: number, { bytes, count }: typeof SMALL): Promise<number> {
  const request = frameOf(bytes)
  const startedAt = performance.now()
  await new Promise<void>((resolve) => {
    let sent = 0
    let answered = 0
    duplex.onData(
      frames(() => {
        if (sent++ < count) duplex.write(request)
        if (++answered === count) resolve()
      }),
    )
    for (; sent < inFlight; sent++) duplex.write(request)
  })
  return (count * 1000) / (performance.now() - startedAt)
}

async function transferMs(duplex: Duplex): Promise<number> {
  const body = frameOf(TRANSFER_BYTES)
  const times: number[] = []
  for (let count = 0; count < TRANSFERS; count++) {
    const startedAt = performance.now()
    await new Promise<void>((resolve) => {
      duplex.onData(frames(() => resolve()))
      duplex.write(body)
    })
    // There and back is two transfers.
    times.push((performance.now() - startedAt) / 2)
  }
  return median(times)
}

function report(rounds: readonly { quic: Figures; tls: Figures }[]): void {
  const rows = (Object.keys(GOALS) as Measure[]).map((measured) => {
    const quic = median(rounds.map((round) => round.quic[measured]))
    const tls = median(rounds.map((round) => round.tls[measured]))
    const { ratio: goal, isRate } = GOALS[measured]
    const ratio = quic / tls
    return {
      measured,
      quic,
      tls,
      ratio,
      goal: `${isRate ? ">=" : "<="} ${goal}`,
      met: isRate ? ratio >= goal : ratio <= goal,
    }
  })
  console.table(
    rows.map((row) => ({ ...row, quic: rounded(row.quic), tls: rounded(row.tls), ratio: rounded(row.ratio) })),
  )
  console.log(`small32: ${SMALL.bytes}-byte requests a second with 32 in flight; large: ${LARGE.bytes} bytes`)
  console.log(JSON.stringify({ rows, node: process.version }))
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

function rounded(value: number): number {
  return Number(value.toPrecision(3))
}
