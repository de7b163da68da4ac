/** deploy/compose.yaml and deploy/Dockerfile: well-formed, hardened, and about things that exist. No engine runs here. */
import { Ajv } from "ajv"
import { validate } from "dockerfile-utils"
import { existsSync, readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { parse } from "yaml"
import { packageRoot, packageVersion } from "../../core/domain/package-root.ts"
import { readRequest } from "../../server/config.ts"
import { OPTION_NAMES } from "../../server/options.ts"
import { composeFile, DEPLOY, dockerInstructions, imageFiles, mountsOf } from "../fakes/compose.ts"
import type { Service } from "../fakes/compose.ts"

const { services, volumes } = composeFile()
const each = Object.entries(services)
const made = /install --directory .* --mode 0700 ([^&]+)/.exec(dockerInstructions().join("\n"))?.[1]?.trim().split(" ")

describe("the compose file", () => {
  const text = readFileSync(join(packageRoot(), "test/fixtures/compose-spec.json"), "utf8")
  // The draft goes by another address there than in the library; formats and deprecations are Docker's own words.
  const { $schema: draft, ...schema } = JSON.parse(text) as Record<string, unknown>
  const check = new Ajv({ strict: false, validateFormats: false }).compile(schema)

  test("is one by the Compose Specification's schema, which finds mistakes", () => {
    const read = (): Record<string, unknown> =>
      parse(readFileSync(join(DEPLOY, "compose.yaml"), "utf8"), { merge: true }) as Record<string, unknown>
    expect(draft).toMatch(/draft-07/)
    expect(check(read()) ? [] : check.errors).toEqual([])
    for (const wrong of [{ services: { server: { image: 5 } } }, { services: { server: { cap_drops: [] } } }])
      expect(check({ ...read(), ...wrong })).toBe(false)
  })

  test.each(each)("gives %s no rights that it does not need, and nothing to write but volumes", (_, service) => {
    expect(service.read_only).toBe(true)
    expect(service.cap_drop).toEqual(["ALL"])
    expect(service.security_opt).toEqual(["no-new-privileges:true"])
    for (const { isFile, isReadOnly } of mountsOf(service)) expect(isFile && !isReadOnly).toBe(false)
  })

  test.each(each)("mounts into %s what exists, where the image's user may write", (_, service) => {
    for (const { source, target, isFile } of mountsOf(service)) {
      if (isFile) expect(existsSync(join(DEPLOY, source)), source).toBe(true)
      else expect(Object.keys(volumes)).toContain(source)
      if (!isFile && service.image === "qpq-testnet") expect(made).toContain(target)
    }
  })

  test("uses each volume, waits for services that there are, and looks after each that stays", () => {
    const used = each.flatMap(([, service]) => mountsOf(service).map(({ source }) => source))
    expect(Object.keys(volumes).filter((name) => !used.includes(name))).toEqual([])
    for (const [name, service] of each) {
      for (const [other, { condition }] of Object.entries(service.depends_on ?? {})) {
        const isOnce = services[other]?.healthcheck?.disable === true
        expect(condition, `${name} waits for ${other}`).toBe(
          isOnce ? "service_completed_successfully" : "service_healthy",
        )
      }
      if (name !== "server") expect(service.healthcheck, name).toBeDefined()
    }
  })

  test("sets variables that somebody reads, and none that is a secret", () => {
    const known = [...OPTION_NAMES.map((name) => `QPQ_${name.toUpperCase().replaceAll("-", "_")}`)]
    const grafanas = ["GF_SECURITY_ADMIN_PASSWORD__FILE", "GF_ANALYTICS_REPORTING_ENABLED"]
    for (const [, { environment = {} }] of each)
      for (const [name, value] of Object.entries(environment)) {
        expect([...known, ...grafanas]).toContain(name)
        if (/KEY|TOKEN|PASSWORD/.test(name)) expect(value).toMatch(/^\/run\/qpq\//)
      }
  })

  test("runs the server with settings that it takes, and scripts with what they ask for", () => {
    const server = services["server"] as Service
    const { environment = {} } = server
    const files = { QPQ_DB_KEY_FILE: "", QPQ_HEALTH_TOKEN_FILE: "" }
    expect(readRequest(server.command ?? [], { ...environment, ...files }).kind).toBe("run")
    for (const [, { image, entrypoint = [] }] of each.filter(([name]) => name !== "server")) {
      if (image !== "qpq-testnet") continue
      const [shell, script = ""] = entrypoint
      expect(shell).toBe("sh")
      expect(existsSync(join(DEPLOY, script.replace(/^\/testnet/, "testnet")))).toBe(true)
    }
  })
})

describe("the Dockerfile", () => {
  const lines = dockerInstructions()
  const ofImage = lines.slice(lines.findLastIndex((line) => line.startsWith("FROM ")))

  test("has no fault that a linter finds, and the linter finds one", () => {
    const text = readFileSync(join(DEPLOY, "Dockerfile"), "utf8")
    expect(validate(text)).toEqual([])
    expect(validate(text.replace("EXPOSE 7000/udp", "EXPOSED 7000/udp"))).toHaveLength(1)
  })

  test("runs as a user of its own with a fixed number, and says where it writes", () => {
    expect(ofImage).toContain("USER 10001:10001")
    expect(ofImage).toContain("VOLUME /var/lib/qpq")
    expect(ofImage).toContain("EXPOSE 7000/udp")
    expect(made).toContain("/var/lib/qpq")
    expect(lines.filter((line) => /^ADD|latest|curl .*\|/.test(line))).toEqual([])
  })

  test("names this version, and an image of a Node that the package takes", () => {
    const [label = ""] = ofImage.filter((line) => line.startsWith("LABEL"))
    expect(label).toContain(`org.opencontainers.image.version="${packageVersion()}"`)
    const node = /^ARG NODE_IMAGE=(node:20\.(\d+)\.\d+-\w+-slim)$/.exec(lines[0] ?? "")
    expect(Number(node?.[2])).toBeGreaterThanOrEqual(19)
    expect(label).toContain(`base.name="docker.io/library/${node?.[1]}"`)
  })

  test("copies what exists, and nothing that .dockerignore keeps out", () => {
    const ignored = readFileSync(join(packageRoot(), ".dockerignore"), "utf8").split("\n")
    for (const path of Object.values(imageFiles())) {
      expect(statSync(join(packageRoot(), path), { throwIfNoEntry: false }), path).toBeDefined()
      // These two the build makes itself.
      if (path !== "dist" && path !== "node_modules") expect(ignored).not.toContain(path.split("/")[0])
    }
  })

  test("sets variables that the server reads", () => {
    const [line = ""] = ofImage.filter((text) => text.startsWith("ENV "))
    const names = [...line.matchAll(/(\w+)=/g)].map(([, name = ""]) => name)
    expect(names).toEqual(["NODE_ENV", "HOME", "QPQ_DATA_DIR", "QPQ_LISTEN"])
    for (const name of names.slice(2)) expect(OPTION_NAMES).toContain(name.slice(4).toLowerCase().replaceAll("_", "-"))
  })
})
