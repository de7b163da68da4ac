/** The operator's own certificate and static token, with the certificate changed while the server runs. */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, expect, test } from "vitest"
import { EMPTY, equal, utf8 } from "../../core/domain/bytes.ts"
import { realWorld } from "../../core/domain/world.ts"
import { makeCertificate } from "../../core/transport/certificate.ts"
import { pinOf, readCertificate } from "../../core/transport/pin.ts"
import { QuicDialer } from "../../core/transport/quic-dialer.ts"
import { joined, letterTo } from "../fakes/node-device.ts"
import { codeOfAsync } from "../fakes/refusal.ts"
import { dataFolder, ServerProcess } from "../fakes/server-process.ts"

const DEADLINE_MS = 60_000
const folder = dataFolder()
afterAll(() => folder.remove())

test(
  "SIGHUP changes the certificate of new connections and drops none",
  async () => {
    const [certificate, key] = [join(folder.path, "site.crt"), join(folder.path, "site.key")]
    const install = async (): Promise<Uint8Array> => {
      const made = await makeCertificate(realWorld, ["example.org"])
      writeFileSync(certificate, made.certificatePem)
      writeFileSync(key, made.keyPem)
      return pinOf(readCertificate(made.certificatePem))
    }
    const first = await install()
    const path = join(folder.path, "reload")
    await using server = await ServerProcess.start(path, "--tls-cert", certificate, "--tls-key", key)
    expect(equal(server.address.pins[0]!, first)).toBe(true)
    const present = await server.dial()
    writeFileSync(key, "no key at all")
    server.signal("SIGHUP")
    await server.shows('qpq_failures_total{kind="certificate"} 1')
    await present.node.ping()
    expect(equal((await server.dial()).connection.serverPin, first)).toBe(true)
    const second = await install()
    server.signal("SIGHUP")
    const { host, port } = server.address
    let seen = first
    while (equal(seen, first)) seen = (await new QuicDialer(realWorld).inspect({ host, port, timeoutMs: 15_000 })).pin
    expect(equal(seen, second)).toBe(true)
    const knowing = (...pins: readonly Uint8Array[]) =>
      new QuicDialer(realWorld).connect({ host, port, trust: { kind: "pins", pins }, timeoutMs: 15_000 })
    expect(equal((await knowing(first, second)).serverPin, second)).toBe(true)
    await expect(knowing(first)).rejects.toMatchObject({ code: "E056" })
    expect(await present.node.ping()).toBeGreaterThan(0)
    const { stderr } = await server.stop()
    expect(stderr).toContain("the certificate was not read anew")
    expect(stderr).toContain("new connections are shown another key")
  },
  DEADLINE_MS,
)

test(
  "the static token sends and has no mailbox; a similar one does nothing",
  async () => {
    const tokenFile = join(folder.path, "token")
    writeFileSync(tokenFile, "a token of the service\n")
    await using server = await ServerProcess.start(join(folder.path, "token-data"), "--auth-token-file", tokenFile)
    const { door } = await server.dial()
    const { identity } = await joined(door, "alice")
    const asService = (token: string) => server.dial({ accessToken: utf8(token), deviceId: EMPTY })
    const { node } = await asService("a token of the service")
    expect(await node.enqueue(letterTo(identity.deviceKey))).toEqual({ seq: 1n, duplicate: false, head: 0n })
    const upload = { identityKey: identity.deviceKey, packages: [], replace: true }
    expect(await codeOfAsync(() => node.uploadKeyPackage(upload))).toBe("E012")
    const other = await asService("a token of the servicf")
    expect(await codeOfAsync(() => other.node.enqueue(letterTo(identity.deviceKey)))).toBe("E002")
  },
  DEADLINE_MS,
)
