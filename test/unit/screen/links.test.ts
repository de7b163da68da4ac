/** What in a message is a link, where it leads, and what never is one. */
import { describe, expect, it } from "vitest"
import { linked, linksIn, targetOf, TARGET_CHARACTERS_MAX } from "../../../tui/screen/links.ts"
import { span } from "../../../tui/screen/line.ts"
import { safeText } from "../../../tui/screen/text-cells.ts"

const targets = (text: string): readonly string[] => linksIn(safeText(text)).map(({ target }) => target)

describe("no link", () => {
  it.each([
    "javascript:alert(1)",
    "javascript://a.example/%0aalert(1)",
    "data:text/html,<script>",
    "data://a.example/x",
    "file:///etc/passwd",
    "ftp://a.example/",
    "mailto:bob@a.example",
    "xhttps://a.example",
    "x-https://a.example",
    "https://",
    "https:///path",
    "https://?",
    "http://[",
    "https:/a.example",
    "www.a.example",
    `https://a.example/${"x".repeat(TARGET_CHARACTERS_MAX)}`,
    `https://a.example/${"é".repeat(TARGET_CHARACTERS_MAX / 5)}`,
  ])("is %s", (text) => {
    expect(targets(text)).toEqual([])
    expect(targets(`see ${text} there`)).toEqual([])
  })

  it("is what a target may not hold: controls, spaces, half of a character", () => {
    for (const bad of ["\u0007", "\u001b", "\u009c", "\n", " ", "\u3000", "\ud800"])
      expect(targetOf(`https://a.example/${bad}x`)).toBeUndefined()
    expect(targetOf("javascript:alert(1)")).toBeUndefined()
  })
})

describe("a link", () => {
  it.each([
    ["see https://a.example/x.", "https://a.example/x"],
    ["(https://a.example/x)", "https://a.example/x"],
    ["https://a.example/x_(y)", "https://a.example/x_(y)"],
    ["<https://a.example/?a=1;b#c>", "https://a.example/?a=1;b#c"],
    ['"HTTP://a.example"!', "HTTP://a.example"],
    ["qpq://a.example:7000?pin=sha256:AbC-_", "qpq://a.example:7000?pin=sha256:AbC-_"],
    ["https://a.example/grüße", "https://a.example/gr%C3%BC%C3%9Fe"],
    ["https://a.example/日本。", "https://a.example/%E6%97%A5%E6%9C%AC"],
  ])("in %s", (text, target) => {
    expect(targets(text)).toEqual([target])
  })

  it("ends where something hostile stood, and is printable ASCII whatever comes", () => {
    expect(targets("https://a.example/\u001b]8;;https://evil.example\u0007x")[0]).toBe("https://a.example/")
    expect(targets("https://a.example/\u202egpj")[0]).toBe("https://a.example/")
    for (const target of targets("https://a.example/\u0000 https://b.example/👍🏽?é https://c.example/\u0085x"))
      expect(target).toMatch(/^[\u0021-\u007e]+$/)
  })

  it("stands in every row that its text is broken over, whole and with one id", () => {
    const text = "go: https://a.example/x"
    const [link] = linksIn(text)
    const whole = { id: "7-0", target: "https://a.example/x" }
    expect(link?.from).toBe(4)
    expect(linked([span("go: https:", "warn")], 0, linksIn(text), "7")).toEqual([
      span("go: ", "warn"),
      span("https:", "warn", whole),
    ])
    expect(linked([span("//a.example/x")], 10, linksIn(text), "7")).toEqual([span("//a.example/x", "plain", whole)])
    expect(linked([span("//a.example/x after")], 10, linksIn(`${text} after`), "7")).toEqual([
      span("//a.example/x", "plain", whole),
      span(" after"),
    ])
  })
})
