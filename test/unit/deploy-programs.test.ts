/** What Prometheus's and systemd's own programs say of the files in deploy/, where they are installed. */
import { spawnSync } from "node:child_process"
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, test } from "vitest"
import { DEPLOY } from "../fakes/compose.ts"

const folder = mkdtempSync(join(tmpdir(), "qpq-deploy-"))
afterAll(() => rmSync(folder, { recursive: true }))
const inDeploy = (...path: readonly string[]): string => join(DEPLOY, ...path)

function run(program: string, ...args: readonly string[]): { readonly status: number | null; readonly text: string } {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: "utf8" })
  return { status, text: stdout + stderr }
}

const isThere = (program: string): boolean => spawnSync(program, ["--version"]).error === undefined
const UNIT = inDeploy("systemd", "qpq-server.service")
/** In tenths, as systemd-analyze counts: what is left is a network, local sockets, and a user's own addresses. */
const EXPOSURE_MAX = 15

describe.skipIf(!isThere("promtool"))("promtool", () => {
  test("takes the alerts and the configuration beside them", () => {
    expect(run("promtool", "check", "rules", inDeploy("prometheus", "alerts.yml"))).toMatchObject({ status: 0 })
    expect(run("promtool", "check", "config", inDeploy("prometheus", "prometheus.yml"))).toMatchObject({ status: 0 })
  })

  test("takes the testnet's configuration, with files where its containers have them", () => {
    const text = readFileSync(inDeploy("testnet", "prometheus.yml"), "utf8")
    writeFileSync(join(folder, "health-token"), "0".repeat(64))
    copyFileSync(inDeploy("prometheus", "alerts.yml"), join(folder, "alerts.yml"))
    const here = text.replace("/etc/prometheus/", "").replace("/run/qpq/scrape/", "")
    writeFileSync(join(folder, "prometheus.yml"), here)
    const { status, text: said } = run("promtool", "check", "config", join(folder, "prometheus.yml"))
    expect([status, said]).toEqual([0, expect.stringContaining("1 rule files found")])
  })

  test("finds that alerts fire when they should, and finds one that does not", () => {
    expect(run("promtool", "test", "rules", inDeploy("prometheus", "alerts.test.yml"))).toMatchObject({ status: 0 })
    const rules = readFileSync(inDeploy("prometheus", "alerts.yml"), "utf8")
    writeFileSync(join(folder, "alerts.yml"), rules.replace("14 * 86400", "12 * 86400"))
    copyFileSync(inDeploy("prometheus", "alerts.test.yml"), join(folder, "alerts.test.yml"))
    expect(run("promtool", "test", "rules", join(folder, "alerts.test.yml")).status).toBe(1)
  })
})

describe.skipIf(!isThere("systemd-analyze"))("systemd-analyze", () => {
  test("finds nothing wrong with the unit, and something with a wrong one", () => {
    expect(run("systemd-analyze", "verify", "--man=no", UNIT)).toEqual({ status: 0, text: "" })
    const wrong = join(folder, "wrong.service")
    writeFileSync(wrong, readFileSync(UNIT, "utf8").replace("ProtectSystem=strict", "ProtectSystems=strict"))
    expect(run("systemd-analyze", "verify", "--man=no", wrong).text).toContain("ProtectSystems")
  })

  test(`counts an exposure of at most ${EXPOSURE_MAX / 10} of 10 for it`, () => {
    const limits = ["--offline=true", "--no-pager", `--threshold=${EXPOSURE_MAX}`]
    expect(run("systemd-analyze", "security", ...limits, UNIT)).toMatchObject({ status: 0 })
    const open = join(folder, "open.service")
    writeFileSync(open, readFileSync(UNIT, "utf8").replace(/^(Protect|Private|Restrict|Capability).*$/gm, ""))
    expect(run("systemd-analyze", "security", ...limits, open).status).toBe(1)
  })
})
