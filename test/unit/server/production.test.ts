/** What is not fit for the open internet is refused before anything is opened, all of it at once, each with its remedy. */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, test } from "vitest"
import { realWorld } from "../../../core/domain/world.ts"
import { makeCertificate } from "../../../core/transport/certificate.ts"
import { readRequest } from "../../../server/config.ts"
import type { ServerConfig } from "../../../server/config.ts"
import { productionRefusals } from "../../../server/ops/production.ts"
import { ServerProcess } from "../../fakes/server-process.ts"
import { makeTestCa } from "../../fakes/test-ca.ts"

const folder = mkdtempSync(join(tmpdir(), "qpq-production-"))
afterAll(() => {
  rmSync(folder, { recursive: true })
})

function file(name: string, content: string | Uint8Array, mode = 0o600): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  chmodSync(path, mode)
  return path
}

const configOf = (...argv: readonly string[]): ServerConfig => {
  const request = readRequest(["--production", "yes", "--data-dir", join(folder, "new"), ...argv], {})
  if (request.kind !== "run") throw new Error(request.kind)
  return request.config
}

const key = file("key", new Uint8Array(32))
const FIT = ["--db-key-file", key, "--trust", "pin"]
const refusalsOf = (...argv: readonly string[]): readonly string[] =>
  productionRefusals(configOf(...argv)).map(({ what }) => what)

const RANDOM = "9f3c1a7e5b2d8064c7e91b3a5f0d2846"

describe("refused is", () => {
  test("nothing of a server with a key and a way for clients to know it", () => {
    expect(refusalsOf(...FIT)).toEqual([])
    expect(refusalsOf(...FIT, "--auth-token-file", file("good-token", RANDOM))).toEqual([])
  })

  test("a database without a key", () => {
    expect(refusalsOf("--trust", "pin")).toEqual(["the database is not encrypted"])
  })

  test.each([
    ["changeme-changeme-changeme-changeme", /contains "changeme"/],
    ["My-Secret-0123456789-abcdefghijklmn", /contains "secret"/],
    ["9f3c1a7e5b2d8064", /fewer than 32 characters/],
    ["abababababababababababababababababab", /repeats itself/],
  ])("the token %s, of services or of the sidecar", (token, why) => {
    for (const name of ["auth-token-file", "health-token-file"]) {
      const refusals = refusalsOf(...FIT, `--${name}`, file("token", token))
      expect(refusals).toEqual([expect.stringMatching(why)])
      expect(refusals.join()).not.toContain(token)
    }
  })

  test("a certificate that nobody vouches for, its own or the operator's, unless clients know its key", async () => {
    const [what] = refusalsOf("--db-key-file", key)
    expect(what).toBe("the certificate is signed by the server itself")
    const own = await makeCertificate(realWorld, [])
    const files = ["--tls-cert", file("own.pem", own.certificatePem), "--tls-key", file("own.key", own.keyPem)]
    expect(refusalsOf("--db-key-file", key, ...files)).toEqual([what])
    expect(refusalsOf(...FIT, ...files)).toEqual([])
    const ca = await makeTestCa()
    const leaf = await ca.issue(["chat.example"])
    const signed = ["--tls-cert", file("ca.pem", leaf.certificatePem), "--tls-key", file("ca.key", leaf.keyPem)]
    expect(refusalsOf("--db-key-file", key, ...signed)).toEqual([])
  })

  test("a server without limits, or with channels that are open to anybody", () => {
    expect(refusalsOf(...FIT, "--rate-limit", "off")).toEqual(["requests are not limited"])
    expect(refusalsOf(...FIT, "--channel-access", "anyone")).toEqual(["anybody may use any 1:1 channel"])
  })

  test("what other users can open", () => {
    const open = file("open-key", new Uint8Array(32), 0o640)
    const home = join(folder, "open-home")
    mkdirSync(home, { mode: 0o755 })
    expect(refusalsOf("--trust", "pin", "--db-key-file", open, "--data-dir", home)).toEqual([
      `other users can open ${home}`,
      `other users can open ${open}`,
    ])
    // systemd shows whom it lets in by an access control list, which makes the mode 0440.
    const kept = readRequest(["--production", "yes", "--data-dir", join(folder, "new"), "--trust", "pin"], {
      QPQ_DB_KEY_FILE: open,
      CREDENTIALS_DIRECTORY: folder,
    })
    expect(kept.kind === "run" && productionRefusals(kept.config)).toEqual([])
  })
})

test("the program says all of it, each with its remedy, makes nothing, and exits 78", async () => {
  const home = join(folder, "untouched")
  const { status, stderr } = await ServerProcess.refused(home, "--production", "yes", "--rate-limit", "off")
  expect(status).toBe(78)
  const [first, ...lines] = stderr.trimEnd().split("\n")
  expect(first).toBe("qpq-server: E071 configuration value not allowed: not fit for production")
  expect(lines).toHaveLength(3)
  for (const line of lines) expect(line).toMatch(/^ {2}- [^.]+\. .*--/)
  expect(existsSync(home)).toBe(false)
})

test("one that is fit starts", async () => {
  await using server = await ServerProcess.start(join(folder, "fit"), "--production", "1", ...FIT)
  expect(server.readyLine).toContain("qpq-server ready")
})
