/** What the fuzz found, one input each: a refusal with the code that is promised, and nothing else. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, expect, test } from "vitest"
import { commitFrom, envelopeFrom, fanOutFrom } from "../../core/client/stored-form.ts"
import { decodeNote } from "../../core/client/welcome-note.ts"
import { decodeHybridPrivateKey } from "../../core/crypto/hybrid-key.ts"
import { unhex } from "../../core/domain/bytes.ts"
import { pinOf, readCertificate } from "../../core/transport/pin.ts"
import { readRequest } from "../../server/config.ts"
import { expiryWarning } from "../../server/ops/certificate-files.ts"
import { groupOf } from "../fakes/mls-people.ts"
import { codeOf } from "../fakes/refusal.ts"
import { requestIn } from "./wire-targets.ts"
import { REGRESSIONS } from "./regressions.ts"

const folder = mkdtempSync(join(tmpdir(), "qpq-mended-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function file(bytes: Uint8Array): string {
  const path = join(folder, "file")
  writeFileSync(path, bytes)
  return path
}

const DECODERS: readonly (readonly [string, string, (bytes: Uint8Array) => unknown])[] = [
  ["stored commit", "E060", commitFrom],
  ["stored fan-out", "E060", fanOutFrom],
  ["stored envelope", "E060", envelopeFrom],
  ["stored hybrid key", "E060", decodeHybridPrivateKey],
  ["welcome note", "E035", decodeNote],
  ["server's TOML file", "E071", (bytes) => readRequest(["--config", file(bytes)], {})],
  ["server's token file", "E071", (bytes) => readRequest(["--auth-token-file", file(bytes)], {})],
  ["call of fetchHybridKeys", "E026", (bytes) => requestIn(bytes, "fetchHybridKeys")],
  [
    "server's certificate file",
    "E057",
    (bytes) => expiryWarning({ certificatePem: Buffer.from(bytes).toString(), keyPem: "" }, 0),
  ],
  ["certificate of a server", "E057", (bytes) => pinOf(readCertificate(bytes))],
]

test.each(DECODERS)("%s: damaged bytes are refused with %s", (name, code, decode) => {
  for (const bytes of REGRESSIONS[name] ?? []) expect(codeOf(() => decode(unhex(bytes)))).toBe(code)
})

test("a stored group of a suite that there is not is damaged", async () => {
  const [seat] = await groupOf(1)
  const encoded = seat!.who.engine.encode(seat!.group)
  // version(1) ‖ GroupContext: protocol version(2) ‖ suite(2)
  encoded.set([0x0a, 0xba], 3)
  expect(codeOf(() => seat!.who.engine.decode(encoded))).toBe("E060")
})

test("each input that is kept has its decoder here", () => {
  expect(DECODERS.map(([name]) => name).sort()).toEqual(Object.keys(REGRESSIONS).sort())
})
