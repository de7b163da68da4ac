/** What comes before and beside the protocol: QUIC packets, retry tokens, certificates, keys of a terminal, the operator's socket. */
import { mkdtempSync, rmSync } from "node:fs"
import { connect } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import quiche from "@matrixai/quic/native/quiche.js"
import { X509Certificate } from "node:crypto"
import { concat } from "../../core/domain/bytes.ts"
import { isErrorCode, QpqError } from "../../core/domain/errors.ts"
import { realWorld } from "../../core/domain/world.ts"
import { makeCertificate } from "../../core/transport/certificate.ts"
import { initialClose } from "../../core/transport/initial-close.ts"
import {
  carriesZeroRtt,
  CONNECTION_ID_BYTES,
  parsePacketHeader,
  QUIC_VERSION,
} from "../../core/transport/packet-header.ts"
import type { LongHeader } from "../../core/transport/packet-header.ts"
import { readCertificate } from "../../core/transport/pin.ts"
import { RetryTokens } from "../../core/transport/retry-token.ts"
import { checkServer } from "../../core/transport/server-trust.ts"
import { openAdminDoor } from "../../server/ops/admin-door.ts"
import { adminPath } from "../../server/ops/admin-door.ts"
import { KeyDecoder } from "../../tui/screen/key-decoder.ts"
import { filled } from "../fakes/fake-services.ts"
import { memoryKind } from "../fakes/node-stores.ts"
import { fakeWorld } from "../fakes/world.ts"
import { textTarget } from "./target.ts"
import type { Target } from "./target.ts"

const SOCKET_SHARE = 0.08
const ESC = "\u001b"

/** An Initial as clients send it: version 1, ids, token, length, the rest noise. */
const initial = (token: Uint8Array): Uint8Array => {
  const [dcid, scid] = [filled(20, 1), filled(20, 2)]
  const head = concat(Uint8Array.of(0xc3, 0, 0, 0, 1, 20), dcid, Uint8Array.of(20), scid)
  return concat(head, Uint8Array.of(0x40, token.length), token, Uint8Array.of(0x44, 0x4c), filled(1100, 3))
}

/** The first packets of other kinds, joined behind an Initial, too. */
const PACKETS = [
  initial(filled(0, 0)),
  initial(filled(58, 4)),
  concat(Uint8Array.of(0xd3, 0, 0, 0, 1, 8), filled(8, 1), Uint8Array.of(0, 5), filled(40, 2)),
  concat(
    Uint8Array.of(0xe3, 0, 0, 0, 1, 20),
    filled(20, 1),
    Uint8Array.of(20),
    filled(20, 2),
    Uint8Array.of(0x40, 30),
    filled(60, 5),
  ),
  concat(Uint8Array.of(0xc3, 0x1a, 0x2a, 0x3a, 0x4a, 20), filled(20, 1), Uint8Array.of(20), filled(1200, 2)),
  concat(Uint8Array.of(0x43), filled(60, 6)),
]

/** What the listener does with a header before anything is kept for a client. */
function answered(header: LongHeader): unknown {
  const packet = Buffer.alloc(1350)
  const { dcid, scid, version } = header
  const fits = Math.max(dcid.length, scid.length) <= CONNECTION_ID_BYTES
  if (version !== QUIC_VERSION) return version !== 0 && fits ? quiche.negotiateVersion(scid, dcid, packet) : "dropped"
  return [
    initialClose({ dcid, scid }, 2, "too many"),
    quiche.retry(scid, dcid, filled(20, 7), filled(58, 8), QUIC_VERSION, packet),
  ]
}

const packetTarget: Target = {
  name: "QUIC packet header",
  corpus: PACKETS,
  decode(datagram) {
    const header = parsePacketHeader(datagram)
    if (!header) return undefined
    return [carriesZeroRtt(datagram), header.form === "long" ? answered(header) : header.dcid]
  },
  share: 2,
}

function tokenTarget(): Target {
  const tokens = new RetryTokens(fakeWorld())
  const subject = { address: "127.0.0.1", port: 7000, dcid: filled(20, 1) }
  const corpus = [tokens.issue(subject, filled(20, 2)), tokens.issue(subject, filled(8, 3))]
  return { name: "retry token", corpus, decode: (token) => tokens.check(token, subject) }
}

async function certificateTarget(): Promise<Target> {
  const { certificatePem } = await makeCertificate(realWorld, ["chat.example.org"])
  const der = new Uint8Array(new X509Certificate(certificatePem).raw)
  const trust = { kind: "pins" as const, pins: [filled(32, 1)] }
  return {
    name: "certificate of a server",
    corpus: [der],
    decode: (bytes) => [
      refusalOf(() => checkServer(readCertificate(bytes), trust, "chat.example.org")),
      checkServer(readCertificate(bytes), { kind: "ca" }, "chat.example.org"),
    ],
    codes: ["E057"],
    share: 0.3,
  }
}

/** E056: no certificate here has that pin. */
function refusalOf(step: () => unknown): string {
  try {
    step()
    return "trusted"
  } catch (thrown) {
    if (thrown instanceof QpqError && thrown.code === "E056") return thrown.code
    throw thrown
  }
}

const keysTarget: Target = {
  ...textTarget({
    name: "keys of a terminal",
    corpus: [
      `hello${ESC}[A${ESC}[1;5C${ESC}OP${ESC}[15~`,
      `${ESC}[200~pasted\ntext${ESC}[201~`,
      `${ESC}[<0;12;7M${ESC}[<0;12;7m${ESC}[I${ESC}[O`,
      `${ESC}]11;rgb:0000/0000/0000\u0007${ESC}P1$r0m${ESC}\\`,
      `${ESC}[97;5u${ESC}[27;6;9~é漢🎉\u0003\u001b`,
    ],
    words: [
      ESC,
      `${ESC}[`,
      `${ESC}[200~`,
      `${ESC}[201~`,
      `${ESC}[<`,
      "M",
      "~",
      ";",
      `${ESC}]`,
      "\u0007",
      "\u009b",
      "u",
      "1;",
    ],
    decode: () => "see below",
  }),
  /** In two chunks, then time passes, so that what waits is given up. */
  async decode(bytes) {
    const world = fakeWorld()
    let told = 0
    const decoder = new KeyDecoder(world.clock, { tell: () => told++, watch: () => told++, report: () => told++ })
    const cut = (bytes[0] ?? 0) % (bytes.length + 1)
    decoder.feed(bytes.subarray(0, cut))
    decoder.feed(bytes.subarray(cut))
    await world.advance(2000)
    decoder.close()
    return told
  },
}

/** The real socket: one line asks, the answer says how it ended. */
async function adminTarget(): Promise<Target> {
  const folder = mkdtempSync(join(tmpdir(), "qpq-fuzz-door-"))
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }))
  const silent = { info: () => undefined, warn: () => undefined, error: () => undefined }
  const rooms = {
    store: await memoryKind.open(),
    world: realWorld,
    certificate: {
      address: "qpq://127.0.0.1:7000",
      prepareNext: async () => "qpq://127.0.0.1:7000",
      useNext: () => "qpq://127.0.0.1:7000",
    },
    endLogins: () => undefined,
    audit: () => undefined,
    upkeep: { backup: async (file: string) => ({ file, bytes: 1, ms: 1 }), check: async () => [] },
    numbers: () => ({ connections: 1 }),
  }
  await openAdminDoor(folder, rooms, silent as never)
  const ask = (bytes: Uint8Array): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect(adminPath(folder))
      let answer = ""
      socket.on("data", (chunk: Buffer) => (answer += chunk.toString()))
      // The door may close while a long line is still being written.
      socket.on("error", () => resolve(answer))
      socket.on("close", () => resolve(answer))
      socket.end(bytes, () => undefined)
      socket.on("timeout", reject)
    })
  return {
    name: "line of the operator's socket",
    corpus: [
      '{"command":"stats","args":[]}\n',
      '{"command":"invite-token","args":["3"]}\n',
      '{"command":"suspend","args":["alice"]}\n',
    ].map((line) => new Uint8Array(Buffer.from(line))),
    words: ['"command"', '"args"', "accounts", "__proto__", "constructor", "null", "[", "1e9", "{", "\n", "365"],
    share: SOCKET_SHARE,
    async decode(bytes) {
      const answer = await ask(bytes)
      const code = /"code":"(E\d{3})"/.exec(answer)?.[1]
      if (code === undefined) return answer === "" ? undefined : answer
      if (!isErrorCode(code)) throw new Error(`answered ${answer}`)
      throw new QpqError(code)
    },
  }
}

export const networkTargets = async (): Promise<readonly Target[]> => [
  packetTarget,
  tokenTarget(),
  await certificateTarget(),
  keysTarget,
  await adminTarget(),
]
