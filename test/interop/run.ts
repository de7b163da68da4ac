/** Our endpoint against Debian's libcapnp, both ways. `npm run test:interop`; needs g++, capnproto, libcapnp-dev. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import net from "node:net"
import { tmpdir } from "node:os"
import path from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { QpqError, isErrorCode } from "../../core/domain/errors.ts"
import type { FetchRequest, Letter } from "../../core/contract/node-service.ts"
import { NO_CHANNEL } from "../../core/domain/ids.ts"
import { realWorld } from "../../core/domain/world.ts"
import { attach } from "../../core/rpc/attach.ts"
import { remoteNode, type RemoteNode } from "../../core/rpc/remote-node.ts"
import { serveNode } from "../../core/rpc/serve-node.ts"
import { AUTH, DEVICE, fakeServices, FETCHED, filled, MESSAGE } from "../fakes/fake-services.ts"
import { socketStream } from "../fakes/socket-stream.ts"

const here = import.meta.dirname
const root = path.join(here, "../..")
let passed = 0
let failed = 0

function report(name: string, ok: boolean, why = ""): void {
  if (ok) passed++
  else failed++
  console.log(`${ok ? "ok  " : "FAIL"} ${name}${ok ? "" : `: ${why}`}`)
}

function missing(): string | undefined {
  for (const tool of ["capnp", "g++"]) if (spawnSync(tool, ["--version"]).status !== 0) return tool
  const header = spawnSync("g++", ["-std=c++17", "-fsyntax-only", "-xc++", "-"], {
    input: "#include <capnp/rpc-twoparty.h>",
  })
  return header.status === 0 ? undefined : "libcapnp-dev"
}

function compile(folder: string): void {
  execFileSync("capnp", ["compile", `-oc++:${folder}`, "--src-prefix=schemas", "schemas/node.capnp"], { cwd: root })
  for (const name of ["client", "server"]) {
    const sources = [path.join(here, `${name}.cpp`), path.join(folder, "node.capnp.c++")]
    const libraries = ["-lcapnp-rpc", "-lcapnp", "-lkj-async", "-lkj"]
    execFileSync("g++", ["-std=c++17", "-O1", `-I${folder}`, ...sources, "-o", path.join(folder, name), ...libraries])
  }
}

/** Refuses by the letter's ttl; a waiting fetch ends with its time or its signal. */
function scripted(): ReturnType<typeof fakeServices> & { readonly cancelled: () => number } {
  let cancelled = 0
  const services = fakeServices({
    enqueue: (letter: Letter) => {
      const code = `E0${letter.ttlSecs}`
      if (letter.ttlSecs === 99) throw new TypeError("not for the peer")
      if (isErrorCode(code)) throw new QpqError(code)
      return { seq: BigInt(letter.payload.length), duplicate: false, head: 2n ** 63n }
    },
    fetchWait: async (_: FetchRequest, timeoutMs: number, signal: AbortSignal) => {
      try {
        await sleep(timeoutMs, undefined, { signal })
      } catch (aborted) {
        cancelled++
        throw aborted
      }
      return FETCHED
    },
  })
  return { ...services, cancelled: () => cancelled }
}

async function theirClient(folder: string): Promise<void> {
  const services = scripted()
  const listener = net.createServer((socket) => {
    const served = serveNode({
      account: services.account,
      authenticate: async () => services.node,
      clock: realWorld.clock,
    })
    attach(socketStream(socket), { world: realWorld, served })
  })
  const address = path.join(folder, "ours.sock")
  await new Promise<void>((resolve) => listener.listen(address, resolve))
  const client = spawn(path.join(folder, "client"), [`unix:${address}`], { stdio: ["ignore", "pipe", "inherit"] })
  let said = ""
  client.stdout.on("data", (text: Buffer) => (said += text.toString()))
  const [status] = (await once(client, "close")) as [number | null]
  for (const line of said.trim().split("\n")) {
    report(`C++ client: ${line.replace(/^(ok|fail) /, "")}`, line.startsWith("ok "), line)
  }
  report("C++ client ended well", status === 0, `status ${status ?? "signal"}`)
  report(
    "C++ client: its cancelled fetchWait was aborted",
    services.cancelled() === 1,
    `${services.cancelled()} aborted`,
  )
  listener.close()
}

async function theirServer(folder: string): Promise<void> {
  const address = path.join(folder, "theirs.sock")
  const server: ChildProcess = spawn(path.join(folder, "server"), [`unix:${address}`], {
    stdio: ["pipe", "pipe", "inherit"],
  })
  if (server.stdout !== null) await once(server.stdout, "data")
  const socket = net.connect(address)
  await once(socket, "connect")
  const endpoint = attach(socketStream(socket), { world: realWorld })
  for (const [name, check] of Object.entries(OUR_CALLS)) {
    try {
      report(`C++ server: ${name}`, await check(remoteNode(endpoint, () => AUTH)), "wrong answer")
    } catch (thrown) {
      report(`C++ server: ${name}`, false, String(thrown))
    }
  }
  endpoint.close()
  server.stdin?.end()
  await once(server, "close")
}

const LETTER: Letter = {
  recipientKey: DEVICE,
  channelId: NO_CHANNEL,
  messageId: MESSAGE,
  payload: filled(10, 1),
  ttlSecs: 1,
}
const FETCH: FetchRequest = {
  recipientKey: DEVICE,
  channelId: NO_CHANNEL,
  allChannels: true,
  generation: 0n,
  limit: 256,
  after: 0n,
  ack: 0n,
  ackMode: "explicit",
}

const codeOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => "none",
    (thrown: unknown) => (thrown instanceof QpqError ? `${thrown.code} ${thrown.message}` : thrown),
  )

const OUR_CALLS: Readonly<Record<string, (node: RemoteNode) => Promise<boolean>>> = {
  "calls pipelined on the bootstrap": async (node) => {
    const [health, receipt] = await Promise.all([node.health(), node.enqueue(LETTER)])
    return health.software === "libcapnp" && receipt.seq === 10n && receipt.head === 77n
  },
  "exception with its code": async (node) =>
    (await codeOf(node.enqueue({ ...LETTER, ttlSecs: 41 }))) === "E041 mailbox full: of the recipient",
  "overload without a code": async (node) =>
    (await codeOf(node.enqueue({ ...LETTER, ttlSecs: 50 }))) === "E052 too many calls at once: busy",
  "foreign text is cleaned": async (node) =>
    (await codeOf(node.enqueue({ ...LETTER, ttlSecs: 99 }))) === "E099 internal fault: something  [31mred",
  "method it does not have": async (node) => String(await codeOf(node.logout())).startsWith("E026 "),
  "3 MB of rows": async (node) => (await node.fetch(FETCH)).envelopes.length === 200,
  "payload of 5 MB": async (node) =>
    (await node.enqueue({ ...LETTER, payload: filled(5_242_880, 1) })).seq === 5_242_880n,
  "ping passes a waiting fetchWait": async (node) => {
    let waited = false
    const waiting = node.fetchWait(FETCH, 300, new AbortController().signal).then(() => (waited = true))
    await node.ping()
    const passedBy = !waited
    return (await waiting) && passedBy
  },
  "cancelled fetchWait": async (node) => {
    const controller = new AbortController()
    const waiting = codeOf(node.fetchWait(FETCH, 30_000, controller.signal))
    const before = await node.ping()
    controller.abort(new QpqError("E076"))
    return (await waiting) === "E076 interrupted" && (await node.ping()) === before + 1
  },
  "250 calls at once": async (node) =>
    (await Promise.all(Array.from({ length: 250 }, () => node.health()))).every(({ status }) => status === "ok"),
}

const lacking = missing()
if (lacking !== undefined) {
  console.log(`interop skipped: ${lacking} is missing (apt-get install g++ capnproto libcapnp-dev)`)
  console.log("0 passed, 0 failed")
} else {
  const folder = mkdtempSync(path.join(tmpdir(), "qpq-interop-"))
  try {
    compile(folder)
    await theirClient(folder)
    await theirServer(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  console.log(`${passed} passed, ${failed} failed`)
  process.exitCode = failed === 0 ? 0 : 1
}
