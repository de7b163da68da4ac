/** What terminals send becomes keys, text and pastes, wherever the chunks end. */
import { describe, expect, it } from "vitest"
import { KeyDecoder } from "../../../tui/screen/key-decoder.ts"
import type { TerminalInput, TerminalReport, Watch } from "../../../tui/screen/key-decoder.ts"
import { fakeWorld } from "../../fakes/world.ts"

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

/** What comes of the chunks when the terminal then stays silent. */
async function decoded(...chunks: readonly Uint8Array[]): Promise<readonly string[]> {
  const world = fakeWorld()
  const told: TerminalInput[] = []
  const decoder = new KeyDecoder(world.clock, { tell: (input) => told.push(input) })
  for (const chunk of chunks) decoder.feed(chunk)
  await world.advance(2000)
  return merged(told)
}

/** Text that came in pieces is the same text. */
function merged(told: readonly TerminalInput[]): readonly string[] {
  const lines: string[] = []
  for (const input of told) {
    const last = lines.at(-1)
    if (input.kind === "text" && last?.startsWith("text:")) lines[lines.length - 1] = last + input.text
    else lines.push(input.kind === "key" ? input.name : `${input.kind}:${input.text}`)
  }
  return lines
}

const CASES: readonly (readonly [string, readonly string[]])[] = [
  ["abc\r", ["text:abc", "enter"]],
  ["a\tb", ["text:a", "tab", "text:b"]],
  ["\u007f", ["backspace"]],
  ["\u001b[3~", ["delete"]],
  ["\u0008", ["ctrl+h"]],
  ["\n", ["ctrl+j"]],
  ["\u000b\u0010\u0011\u0003\u001a", ["ctrl+k", "ctrl+p", "ctrl+q", "ctrl+c", "ctrl+z"]],
  ["\u001f", ["ctrl+_"]],
  ["\u0000", ["ctrl+space"]],
  ["\u001b[A\u001b[B\u001b[C\u001b[D", ["up", "down", "right", "left"]],
  ["\u001bOA\u001bOH\u001bOF", ["up", "home", "end"]],
  ["\u001b[H\u001b[F\u001b[1~\u001b[4~\u001b[7~\u001b[8~", ["home", "end", "home", "end", "home", "end"]],
  ["\u001b[5~\u001b[6~\u001b[2~", ["pageup", "pagedown", "insert"]],
  ["\u001bOP\u001bOQ\u001bOR\u001bOS", ["f1", "f2", "f3", "f4"]],
  ["\u001b[11~\u001b[12~\u001b[13~\u001b[14~\u001b[15~\u001b[17~", ["f1", "f2", "f3", "f4", "f5", "f6"]],
  ["\u001b[18~\u001b[19~\u001b[20~\u001b[21~\u001b[23~\u001b[24~", ["f7", "f8", "f9", "f10", "f11", "f12"]],
  ["\u001b[[A\u001b[[E", ["f1", "f5"]],
  ["\u001b[1;3A\u001b[1;5B\u001b[1;2C\u001b[1;8D", ["alt+up", "ctrl+down", "shift+right", "ctrl+alt+shift+left"]],
  ["\u001b[1;3H\u001b[1;3F\u001b[3;5~", ["alt+home", "alt+end", "ctrl+delete"]],
  ["\u001b[Z", ["shift+tab"]],
  ["\u001b[13;2u\u001b[27;2;13~", ["shift+enter", "shift+enter"]],
  ["\u001b[107;5u", ["ctrl+k"]],
  ["\u001bi\u001b1\u001b\r\u001b\u007f\u001b\u0001", ["alt+i", "alt+1", "alt+enter", "alt+backspace", "ctrl+alt+a"]],
  ["\u001b", ["escape"]],
  ["\u001b\u001b", ["escape", "escape"]],
  ["\u001b\u001b[A", ["escape", "up"]],
  ["x\u001bé", ["text:x", "alt+é"]],
  ["grüße 日本 👨‍👩‍👧 مرحبا", ["text:grüße 日本 👨‍👩‍👧 مرحبا"]],
  ["\u001b[200~one\r\n/two\u001b[A\u001b[201~x", ["paste:one\r\n/two\u001b[A", "text:x"]],
  ["\u001b[200~\u001b[201~", ["paste:"]],
  ["\u001b[<0;10;20Ma\u001b[<0;10;20mb", ["text:ab"]],
  ["\u001b[M !!a", ["text:a"]],
  ["\u001b[<0;0;5Ma\u001b[<99999;1;1Mb\u001b[<0;1Mc\u001b[<-1;1;1Md", ["text:abcd"]],
  ["\u001b[I\u001b[Oa", ["text:a"]],
  ["\u001b[?62;4ca\u001b[99~b\u001b[1;2Xc", ["text:abc"]],
  ["\u001b]11;rgb:0000/0000/0000\u0007a\u001bP1+r\u001b\\b", ["text:ab"]],
  ["a\u0085\u009bb", ["text:ab"]],
]

describe("the key decoder", () => {
  it.each(CASES)("understands %j", async (input, expected) => {
    expect(await decoded(bytes(input))).toEqual(expected)
  })

  it.each(CASES)("understands %j cut in two at every byte", async (input, expected) => {
    const whole = bytes(input)
    for (let at = 1; at < whole.length; at += 1) {
      expect(await decoded(whole.subarray(0, at), whole.subarray(at)), `cut at ${at}`).toEqual(expected)
    }
  })

  it.each(CASES)("understands %j byte by byte", async (input, expected) => {
    const whole = bytes(input)
    expect(await decoded(...Array.from(whole, (byte) => Uint8Array.of(byte)))).toEqual(expected)
  })

  it("takes ESC for the escape key after 25 ms, and then [A for text", async () => {
    const world = fakeWorld()
    const told: TerminalInput[] = []
    const decoder = new KeyDecoder(world.clock, { tell: (input) => told.push(input) })
    decoder.feed(bytes("\u001b"))
    await world.advance(24)
    expect(told).toEqual([])
    await world.advance(1)
    decoder.feed(bytes("[A"))
    expect(merged(told)).toEqual(["escape", "text:[A"])
  })

  it("takes alt with a key that begins a sequence for that, when nothing follows", async () => {
    expect(await decoded(bytes("\u001b["))).toEqual(["alt+["])
    expect(await decoded(bytes("\u001bO"))).toEqual(["alt+O"])
    expect(await decoded(bytes("\u001b]"))).toEqual(["alt+]"])
  })

  it("drops a sequence whose end does not come, and a paste without end is taken", async () => {
    expect(await decoded(bytes("\u001b[1;"))).toEqual([])
    expect(await decoded(bytes("\u001b[200~left alone\u001b[20"))).toEqual(["paste:left alone\u001b[20"])
  })

  it("drops bytes that are no UTF-8", async () => {
    expect(await decoded(Uint8Array.of(0x61, 0xff, 0xfe, 0x62))).toEqual(["text:ab"])
  })
})

it("tells a watcher every byte once, of what is not understood too", async () => {
  const world = fakeWorld()
  const watched: (readonly [string, string | undefined])[] = []
  const watch: Watch = (sent, input) => watched.push([sent, input?.kind === "key" ? input.name : input?.kind])
  const decoder = new KeyDecoder(world.clock, { tell: () => undefined, watch })
  decoder.feed(bytes("a\u001b[99;9~\u001b[A\u001b[200~p\u001b[201~\u001b]0;t\u0007\u001b"))
  await world.advance(2000)
  expect(watched).toEqual([
    ["a", "text"],
    ["\u001b[99;9~", undefined],
    ["\u001b[A", "up"],
    ["\u001b[200~p\u001b[201~", "paste"],
    ["\u001b]0;t\u0007", undefined],
    ["\u001b", "escape"],
  ])
})

it("tells apart what the terminal says by itself, and takes it for no key", async () => {
  const world = fakeWorld()
  const told: TerminalInput[] = []
  const reports: TerminalReport[] = []
  const decoder = new KeyDecoder(world.clock, {
    tell: (input) => told.push(input),
    report: (report) => reports.push(report),
  })
  decoder.feed(bytes("\u001b[I\u001b]11;rgb:ffff/ffff/ffff\u001b\\\u001b[O\u001bOP\u001b]0;t\u0007x"))
  await world.advance(2000)
  expect(reports).toEqual([
    { kind: "focus", isIn: true },
    { kind: "osc", text: "11;rgb:ffff/ffff/ffff" },
    { kind: "focus", isIn: false },
    { kind: "osc", text: "0;t" },
  ])
  expect(told).toEqual([
    { kind: "key", name: "f1" },
    { kind: "text", text: "x" },
  ])
})

it("tells where a button of the mouse went down or up, in whatever pieces it comes, and nothing that is malformed", async () => {
  const world = fakeWorld()
  const reports: TerminalReport[] = []
  const decoder = new KeyDecoder(world.clock, { tell: () => undefined, report: (report) => reports.push(report) })
  for (const byte of bytes("\u001b[<0;1;24M\u001b[<0;0;24M\u001b[<0;1M\u001b[<x;1;1M\u001b[<64;300;2M\u001b[<0;1;24m"))
    decoder.feed(Uint8Array.of(byte))
  await world.advance(2000)
  expect(reports).toEqual([
    { kind: "mouse", button: 0, column: 0, row: 23, isPress: true },
    { kind: "mouse", button: 64, column: 299, row: 1, isPress: true },
    { kind: "mouse", button: 0, column: 0, row: 23, isPress: false },
  ])
})
