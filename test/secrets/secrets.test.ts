/** A small size of the secret hygiene programme (`npm run secrets`), and what its search must find. */
import { randomBytes } from "node:crypto"
import { describe, expect, test } from "vitest"
import { runProgramme } from "../fakes/run-programme.ts"
import type { ProgrammeEnd } from "../fakes/run-programme.ts"
import { hitsIn, keyCanary, textCanary } from "./canary.ts"
import type { Place, PlaceKind } from "./canary.ts"

const MS_MAX = 240_000

const place = (kind: PlaceKind, bytes: Buffer | string): Place => ({ name: kind, kind, bytes: Buffer.from(bytes) })

describe("the search", () => {
  const key = keyCanary("key", "secret", randomBytes(32))
  const { bytes } = key

  test.each([
    ["as it is", bytes],
    ["in hex", bytes.toString("hex")],
    ["in capital hex", bytes.toString("hex").toUpperCase()],
    ["in base64", bytes.toString("base64")],
    [
      "in base64url behind other bytes",
      Buffer.concat([Buffer.from("x"), bytes, Buffer.from("yz")]).toString("base64url"),
    ],
    ["in base64 behind two bytes", Buffer.concat([Buffer.from("xy"), bytes]).toString("base64")],
    ["in base64 over several lines", bytes.toString("base64").replaceAll(/(.{10})/g, "$1\n")],
    ["in base64 in a line of JSON", JSON.stringify(bytes.toString("base64").replaceAll(/(.{10})/g, "$1\n"))],
    ["as hex in UTF-16", Buffer.from(bytes.toString("hex"), "utf16le")],
    ["as bytes in UTF-16", Buffer.from(bytes.toString("latin1"), "utf16le")],
  ])("finds a key %s", (_, written) => {
    const around = Buffer.concat([randomBytes(100), Buffer.from(written), randomBytes(100)])
    expect(hitsIn([place("log", around)], [key])).toEqual([{ canary: "key", place: "log" }])
  })

  test("finds nothing where nothing is", () => {
    expect(hitsIn([place("log", randomBytes(100_000))], [key])).toEqual([])
  })

  test("lets stand what a person asked for, and nothing of it elsewhere", () => {
    const [text, group] = [textCanary("text", "content"), textCanary("group", "word")]
    const shown = [place("output", text.bytes), place("screen", text.bytes), place("argv", group.bytes)]
    expect(hitsIn(shown, [text, group])).toEqual([])
    const kept = (["disk", "log", "page", "argv", "environment", "errors"] as const).map((kind) =>
      place(kind, text.bytes),
    )
    expect(hitsIn(kept, [text])).toHaveLength(6)
  })
})

const secrets = (...flags: readonly string[]): Promise<ProgrammeEnd> =>
  runProgramme("test/secrets/run.ts", ["--small", ...flags], MS_MAX)

test(
  "after a journey passwords, keys, texts and names stand nowhere in clear but where the person asked for them; what is planted in a log is found",
  async () => {
    const { status, output } = await secrets("--plant", "alice")
    expect(output.match(/^ {2}MISSED: .*$/gm)).toEqual(["  MISSED: password of alice stands in planted.log"])
    expect(status).toBe(1)
    expect(output).toMatch(/processes +\d\d/)
  },
  MS_MAX,
)
