/** A client speaks only with the server it means: pins, CAs, names, protocol. */
import { once } from "node:events"
import { expect, test } from "vitest"
import { realWorld } from "../../core/domain/world.ts"
import { makeCertificate } from "../../core/transport/certificate.ts"
import { fingerprintText, pinOf, readCertificate } from "../../core/transport/pin.ts"
import { QuicDialer } from "../../core/transport/quic-dialer.ts"
import { CONNECT_MS, EchoServer, assertEchoes, sharedCertificate } from "../fakes/quic-server.ts"
import { startRawServer } from "../fakes/raw-quic.ts"
import { makeTestCa } from "../fakes/test-ca.ts"
import { until } from "../fakes/until.ts"

/** Goals are far lower; this only tells an answer from a timeout. */
const PROMPT_MS = 5000

async function timed(attempt: Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await attempt.catch(() => undefined)
  return performance.now() - startedAt
}

test("a wrong pin is told promptly, and the server hears why", async () => {
  const reasons: string[] = []
  await using server = await EchoServer.start({
    onConnection: (connection) => void connection.closed.then(({ reason }) => reasons.push(reason)),
  })
  const attempt = server.connect({ trust: { kind: "pins", pins: [new Uint8Array(32).fill(1)] } })
  const elapsed = timed(attempt)
  await expect(attempt).rejects.toMatchObject({ code: "E056" })
  expect(await elapsed).toBeLessThan(PROMPT_MS)
  await until("the server has forgotten it", () => server.listener.stats().established === 0)
  for (const reason of reasons) expect(reason).toContain("does not match the pin")
})

test("no pin at all trusts nobody", async () => {
  await using server = await EchoServer.start()
  await expect(server.connect({ trust: { kind: "pins", pins: [] } })).rejects.toMatchObject({ code: "E056" })
})

test("one of several pins is enough", async () => {
  await using server = await EchoServer.start()
  const pins = [new Uint8Array(32), server.listener.pin]
  await assertEchoes(await server.connect({ trust: { kind: "pins", pins } }))
})

test("a certificate of the CA is trusted for its names and addresses only", async () => {
  const ca = await makeTestCa()
  const certificate = await ca.issue(["chat.example", "127.0.0.1"])
  await using server = await EchoServer.start({ certificate })
  const trust = { kind: "ca", pem: ca.pem } as const
  await assertEchoes(await server.connect({ trust }))
  await assertEchoes(await server.connect({ trust, serverName: "chat.example" }))
  await expect(server.connect({ trust, serverName: "other.example" })).rejects.toMatchObject({ code: "E057" })
  await expect(server.connect({ trust, serverName: "127.0.0.2" })).rejects.toMatchObject({ code: "E057" })
})

test("a certificate of another CA, or of none, is not trusted", async () => {
  const [ours, theirs] = [await makeTestCa(), await makeTestCa()]
  await using server = await EchoServer.start({ certificate: await theirs.issue(["127.0.0.1"]) })
  const attempt = server.connect({ trust: { kind: "ca", pem: ours.pem } })
  const elapsed = timed(attempt)
  await expect(attempt).rejects.toMatchObject({ code: "E057" })
  expect(await elapsed).toBeLessThan(PROMPT_MS)
  await using selfSigned = await EchoServer.start()
  await expect(selfSigned.connect({ trust: { kind: "ca" } })).rejects.toMatchObject({ code: "E057" })
  await expect(selfSigned.connect({ trust: { kind: "ca", pem: "nonsense" } })).rejects.toMatchObject({ code: "E071" })
})

test("an Ed25519 certificate serves as well", async () => {
  const ca = await makeTestCa()
  await using server = await EchoServer.start({ certificate: await ca.issue(["127.0.0.1"], "Ed25519") })
  await assertEchoes(await server.connect({ trust: { kind: "ca", pem: ca.pem } }))
})

test("a server that speaks another protocol is told apart promptly", async () => {
  const socket = await startRawServer("h3", sharedCertificate)
  const attempt = new QuicDialer(realWorld).connect({
    host: "127.0.0.1",
    port: socket.address().port,
    trust: { kind: "pins", pins: [] },
    timeoutMs: CONNECT_MS,
  })
  const elapsed = timed(attempt)
  await expect(attempt).rejects.toMatchObject({ code: "E058" })
  expect(await elapsed).toBeLessThan(PROMPT_MS)
  socket.close()
  await once(socket, "close")
})

test("a name that does not resolve is unreachable", async () => {
  const attempt = new QuicDialer(realWorld).connect({
    host: "nobody.invalid",
    port: 7000,
    trust: { kind: "pins", pins: [] },
    timeoutMs: 3000,
  })
  await expect(attempt).rejects.toMatchObject({ code: "E053" })
})

test("a name with several addresses finds the one that answers", async () => {
  await using server = await EchoServer.start()
  const connection = await new QuicDialer(realWorld).connect({
    host: "localhost",
    port: server.port,
    trust: { kind: "pins", pins: [server.listener.pin] },
    timeoutMs: CONNECT_MS,
  })
  await assertEchoes(connection)
})

test("a new certificate is for new connections; old ones go on", async () => {
  await using server = await EchoServer.start()
  const oldPin = server.listener.pin
  const old = await server.connect()
  const renewed = await makeCertificate(realWorld, ["chat.example"])
  server.listener.useCertificate(renewed)
  expect(server.listener.pin).toEqual(pinOf(readCertificate(renewed.certificatePem)))
  const fresh = await server.connect()
  expect(fresh.serverPin).not.toEqual(oldPin)
  await assertEchoes(old)
  await assertEchoes(fresh)
  await expect(server.connect({ trust: { kind: "pins", pins: [oldPin] } })).rejects.toMatchObject({ code: "E056" })
})

test("a certificate whose key is another's is refused and changes nothing", async () => {
  await using server = await EchoServer.start()
  const { pin } = server.listener
  const other = await makeCertificate(realWorld, [])
  const mixed = { certificatePem: other.certificatePem, keyPem: sharedCertificate.keyPem }
  expect(() => server.listener.useCertificate(mixed)).toThrow("private key")
  expect(() => server.listener.useCertificate({ certificatePem: "", keyPem: "" })).toThrow("cannot be used")
  expect(server.listener.pin).toEqual(pin)
  await assertEchoes(await server.connect())
})

test("a fingerprint reads as 16 groups of four", () => {
  expect(fingerprintText(new Uint8Array(32).fill(0xab))).toBe(Array(16).fill("ABAB").join(" "))
})

test("a made certificate is for this computer and the names it was given, for ten years", async () => {
  const { certificatePem } = await makeCertificate(realWorld, ["chat.example"])
  const certificate = readCertificate(certificatePem)
  for (const name of ["localhost", "chat.example"]) expect(certificate.checkHost(name)).toBe(name)
  for (const address of ["127.0.0.1", "::1"]) expect(certificate.checkIP(address)).toBe(address)
  const years = (Date.parse(certificate.validTo) - Date.now()) / (365 * 86_400_000)
  expect(years).toBeGreaterThan(9.9)
})
