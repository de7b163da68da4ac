/** A link is opened where somebody sees it, else copied; what is no link is neither. */
import { expect, it } from "vitest"
import { linkOpening, openerProgram } from "../../../tui/screen/link-opening.ts"
import type { Opener } from "../../../tui/screen/link-opening.ts"
import { until } from "../../fakes/until.ts"

class Sitting {
  readonly opened: string[] = []
  readonly copied: string[] = []
  readonly told: string[] = []

  open(opener: Opener | undefined, target: string): void {
    linkOpening({
      opener,
      copy: (text) => this.copied.push(text),
      wish: (wish) => this.told.push(wish.kind === "toasted" ? wish.text : wish.kind),
    })(target)
  }
}

it.each([
  "javascript:alert(1)",
  "data:text/html,x",
  "file:///etc/passwd",
  "-a https://a.example",
  "https://a.example/\u0007",
  "https://a.example/\n--help",
  "",
])("neither opens nor copies %j", (target) => {
  const sitting = new Sitting()
  sitting.open(async (link) => void sitting.opened.push(link), target)
  sitting.open(undefined, target)
  expect(sitting).toEqual(new Sitting())
})

it("opens a link once, as printable ASCII", () => {
  const sitting = new Sitting()
  sitting.open(async (link) => void sitting.opened.push(link), "https://a.example/$(id)é")
  expect(sitting.opened).toEqual(["https://a.example/$(id)%C3%A9"])
  expect(sitting.copied).toEqual([])
})

it("copies without a display, and where nothing can open it, and says so", async () => {
  const sitting = new Sitting()
  sitting.open(undefined, "https://a.example")
  expect(sitting.told).toEqual(["No display here: the link is copied, where the terminal allows it."])
  sitting.open(() => Promise.reject(new Error("ENOENT")), "https://b.example")
  await until("the copy", () => sitting.copied.length === 2)
  expect(sitting.copied).toEqual(["https://a.example", "https://b.example"])
  expect(sitting.told.at(-1)).toContain("Nothing here opens it")
})

it("knows the platform's opener, and that nobody sees one without a display", () => {
  expect(openerProgram("linux", {})).toBeUndefined()
  expect(openerProgram("linux", { DISPLAY: "" })).toBeUndefined()
  expect(openerProgram("darwin", { SSH_CONNECTION: "192.0.2.1 1 192.0.2.2 22" })).toBeUndefined()
  expect(openerProgram("win32", { SSH_TTY: "x" })).toBeUndefined()
  expect(openerProgram("linux", { DISPLAY: ":0" })?.command).toBe("xdg-open")
  expect(openerProgram("freebsd", { WAYLAND_DISPLAY: "wayland-0" })?.command).toBe("xdg-open")
  expect(openerProgram("darwin", {})?.command).toBe("open")
  expect(openerProgram("win32", {})?.command).toBe("rundll32.exe")
})
