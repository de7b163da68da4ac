/** The certificate is made once, kept, and never replaced behind anybody's back. */
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { DAY_MS } from "../../../core/domain/limits.ts"
import { readCertificate } from "../../../core/transport/pin.ts"
import { readRequest } from "../../../server/config.ts"
import type { ServerConfig } from "../../../server/config.ts"
import {
  exchangeCertificate,
  expiryWarning,
  nextCertificate,
  outOfDate,
  prepareNextCertificate,
  serverCertificate,
} from "../../../server/ops/certificate-files.ts"
import { codeOf, codeOfAsync } from "../../fakes/refusal.ts"
import { makeTestCa } from "../../fakes/test-ca.ts"
import { fakeWorld } from "../../fakes/world.ts"

const world = fakeWorld()
let folder = ""
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "qpq-certificate-"))
})
afterEach(() => rmSync(folder, { recursive: true }))

const configOf = (...more: readonly string[]): ServerConfig => {
  const request = readRequest(["--data-dir", folder, ...more], {})
  if (request.kind !== "run") throw new Error(request.kind)
  return request.config
}
const path = (name: string): string => join(folder, name)

test("the first start makes it, the next ones keep it, and the key is the owner's alone", async () => {
  const made = await serverCertificate(configOf(), world)
  expect(await serverCertificate(configOf(), world)).toEqual(made)
  expect(readdirSync(folder).sort()).toEqual(["tls-cert.pem", "tls-key.pem"])
  expect(statSync(path("tls-key.pem")).mode & 0o777).toBe(0o600)
  expect(readCertificate(made.certificatePem).checkIP("127.0.0.1")).toBe("127.0.0.1")
})

test("a certificate is also for the address the server listens on", async () => {
  const { certificatePem } = await serverCertificate(configOf("--listen", "192.0.2.7:7000"), world)
  expect(readCertificate(certificatePem).checkIP("192.0.2.7")).toBe("192.0.2.7")
})

test.each(["tls-cert.pem", "tls-key.pem"])("a missing %s is told, not replaced", async (name) => {
  await serverCertificate(configOf(), world)
  rmSync(path(name))
  expect(await codeOfAsync(() => serverCertificate(configOf(), world))).toBe("E071")
  expect(existsSync(path(name))).toBe(false)
})

test("a first start that was cut off between its two files is finished by the next", async () => {
  const made = await serverCertificate(configOf(), world)
  renameSync(path("tls-cert.pem"), path("tls-cert.pem.new"))
  expect(await serverCertificate(configOf(), world)).toEqual(made)
  rmSync(path("tls-cert.pem"))
  rmSync(path("tls-key.pem"))
  writeFileSync(path("tls-cert.pem.new"), "half")
  writeFileSync(path("tls-key.pem.new"), "half")
  const again = await serverCertificate(configOf(), world)
  expect(again.certificatePem).not.toBe(made.certificatePem)
  expect(readFileSync(path("tls-key.pem"), "utf8")).toBe(again.keyPem)
})

test("the operator's files are used as they are; nothing else is written", async () => {
  const issued = await (await makeTestCa()).issue(["example.org"])
  const [certificate, key] = [path("operator.crt"), path("operator.key")]
  writeFileSync(certificate, issued.certificatePem)
  writeFileSync(key, issued.keyPem)
  const config = configOf("--tls-cert", certificate, "--tls-key", key)
  expect(await serverCertificate(config, world)).toEqual(issued)
  expect(readdirSync(folder).sort()).toEqual(["operator.crt", "operator.key"])
  rmSync(key)
  expect(await codeOfAsync(() => serverCertificate(config, world))).toBe("E072")
})

test("a next pair is made once, and takes the place of the current one when asked", async () => {
  const config = configOf()
  const first = await serverCertificate(config, world)
  expect(codeOf(() => exchangeCertificate(config))).toBe("E071")
  const next = await prepareNextCertificate(config, world)
  expect(await prepareNextCertificate(config, world)).toEqual(next)
  expect(statSync(path("tls-next-key.pem")).mode & 0o777).toBe(0o600)
  expect(await serverCertificate(config, world)).toEqual(first)
  exchangeCertificate(config)
  expect(await serverCertificate(config, world)).toEqual(next)
  expect(nextCertificate(config)).toBe(undefined)
  expect(readdirSync(folder).sort()).toEqual(["tls-cert.pem", "tls-key.pem"])
})

test("an exchange that was cut off between its two files is finished by the next start", async () => {
  await serverCertificate(configOf(), world)
  const next = await prepareNextCertificate(configOf(), world)
  renameSync(path("tls-next-key.pem"), path("tls-key.pem"))
  expect(nextCertificate(configOf())).toBe(undefined)
  expect(await serverCertificate(configOf(), world)).toEqual(next)
})

test("the operator's own files have no next pair", async () => {
  const issued = await (await makeTestCa()).issue(["example.org"])
  for (const [name, text] of [
    ["o.crt", issued.certificatePem],
    ["o.key", issued.keyPem],
  ] as const)
    writeFileSync(path(name), text)
  const config = configOf("--tls-cert", path("o.crt"), "--tls-key", path("o.key"))
  expect(await codeOfAsync(() => prepareNextCertificate(config, world))).toBe("E071")
  expect(codeOf(() => exchangeCertificate(config))).toBe("E071")
  expect(nextCertificate(config)).toBe(undefined)
})

test("the last 30 days are told, and that they are over", async () => {
  const made = await serverCertificate(configOf(), world)
  const notAfter = Date.parse(readCertificate(made.certificatePem).validTo)
  expect(expiryWarning(made, notAfter - 30 * DAY_MS)).toBe(undefined)
  expect(expiryWarning(made, notAfter - 30 * DAY_MS + 1)).toContain("in 29 days")
  expect(expiryWarning(made, notAfter + 1)).toContain("expired on")
})

test("whether its dates are over, or have not come, is told", async () => {
  const made = await serverCertificate(configOf(), world)
  const { validFrom, validTo } = readCertificate(made.certificatePem)
  expect(outOfDate(made, Date.parse(validFrom))).toBe(undefined)
  expect(outOfDate(made, Date.parse(validTo))).toBe(undefined)
  expect(outOfDate(made, Date.parse(validFrom) - 1)).toBe(`the certificate is not valid before ${validFrom}`)
  expect(outOfDate(made, Date.parse(validTo) + 1)).toBe(`the certificate expired at ${validTo}`)
})
