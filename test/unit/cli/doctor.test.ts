/** qpq doctor says what is wrong with this computer's clock, and what to do. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, expect, it } from "vitest"
import type { CertificateView } from "../../../core/client/server-view.ts"
import { DAY_MS } from "../../../core/domain/limits.ts"
import { packageVersion } from "../../../core/domain/package-root.ts"
import { realWorld } from "../../../core/domain/world.ts"
import type { CommandContext } from "../../../tui/cli/command.ts"
import { doctor } from "../../../tui/cli/commands/doctor.ts"
import { Out } from "../../../tui/cli/out.ts"
import { busyHouse } from "../../fakes/busy-house.ts"

const home = mkdtempSync(join(tmpdir(), "qpq-doctor-"))
writeFileSync(join(home, "profile.key"), "", { mode: 0o600 })
afterAll(() => {
  rmSync(home, { recursive: true, force: true })
})

const NEW: CertificateView = {
  notAfter: Date.now() + 3650 * DAY_MS,
  issuer: "CN=qpq server",
  knownBy: "pins",
  isSelfSigned: true,
}

async function told(clockAheadMs: number, certificate = NEW, software?: string): Promise<string> {
  const { core } = busyHouse()
  core.setLink({ clockAheadMs })
  if (software !== undefined) core.versions = { ...core.versions, software }
  const lines: string[] = []
  const sink = { write: (line: string) => void lines.push(line) }
  const gate = {
    account: () => ({ name: "alice", server: "qpq://here" }),
    certificate: async () => certificate,
  } as unknown as CommandContext["gate"]
  const context: Partial<CommandContext> = {
    config: { home, server: undefined, ca: undefined, json: false, timeoutMs: undefined, share: false },
    client: async () => Object.assign(core, { checkGroups: async () => [], sync: async () => undefined }),
    unlock: async () => "password",
    out: new Out(false, sink, sink),
    sharing: undefined,
    world: realWorld,
    gate,
  }
  await doctor(context as CommandContext, [], {}).catch((thrown: unknown) => lines.push(String(thrown)))
  return lines.join("\n")
}

it("names the figure when it is right, and fails when it is not", async () => {
  expect(await told(40)).toContain("ok    clock: as the server's (40 ms)")
  const wrong = await told(2 * 86_400_000)
  expect(wrong).toContain(
    "FAIL  clock: E090 this computer's clock is wrong: 2 days ahead of the server's. Set date, time",
  )
  expect(wrong).toContain("ok    outbox")
})

it("says how long the server's certificate lasts, and warns in its last 30 days", async () => {
  expect(await told(40)).toMatch(
    /ok {4}certificate: known by its pin, signed by the server itself; expires on [\d-]+, in 36\d\d days/,
  )
  const soon = { notAfter: Date.now() + 12.5 * DAY_MS, issuer: "CN=a CA", knownBy: "ca", isSelfSigned: false } as const
  expect(await told(40, soon)).toMatch(
    /WARN {2}certificate: trusted by its CA, signed by CN=a CA; expires on [\d-]+, in 12 days: tell the operator \(then nobody can connect\)/,
  )
  const over = { ...NEW, notAfter: Date.now() - DAY_MS }
  expect(await told(40, over)).toContain("tell the operator (the pin goes on counting)")
})

it("names both versions, and warns when they are of two series", async () => {
  const [major = "0", minor = "0"] = packageVersion().split(".")
  expect(await told(40)).toContain(
    `ok    versions: qpq ${packageVersion()}, qpq-server ${packageVersion()}, wire version 1`,
  )
  expect(await told(40, NEW, `qpq-server ${major}.${minor}.77`)).toContain("ok    versions")
  expect(await told(40, NEW, "another server")).toContain("ok    versions: qpq")
  const newer = `qpq-server ${major}.${Number(minor) + 1}.0\u001b[2J`
  const said = await told(40, NEW, newer)
  expect(said).toContain("WARN  versions")
  expect(said).toContain("of two series, upgrade the older one")
  expect(said).not.toContain("\u001b")
})
