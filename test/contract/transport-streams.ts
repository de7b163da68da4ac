/** What the streams of every transport promise. */
import { expect, test } from "vitest"
import { utf8 } from "../../core/domain/bytes.ts"
import { hasCode } from "../../core/domain/errors.ts"
import type { ByteStream } from "../../core/transport/transport.ts"
import type { TransportFixture } from "../fakes/networks.ts"
import { collect, echo } from "../fakes/streams.ts"
import { until } from "../fakes/until.ts"

const MIB = 1_048_576

export function testStreams(fixture: TransportFixture): void {
  test("what is written comes back, in order, and the end with it", async () => {
    const client = await fixture.connect(await fixture.serve())
    const stream = client.openStream()
    const answer = collect(stream)
    for (let count = 0; count < 500; count++) stream.write(utf8(`${count},`))
    stream.end()
    await until("the echo has ended", answer.ended)
    expect(Buffer.from(answer.bytes()).toString()).toBe(Array.from({ length: 500 }, (_, n) => `${n},`).join(""))
  })

  test("5 MB arrive whole in both directions", async () => {
    const client = await fixture.connect(await fixture.serve())
    const sent = Buffer.alloc(5 * MIB, "0123456789abcdefghi")
    const stream = client.openStream()
    const answer = collect(stream)
    expect(stream.write(sent)).toBe(false)
    stream.end()
    await until("the echo has ended", answer.ended)
    expect(Buffer.from(answer.bytes()).equals(sent)).toBe(true)
    expect(stream.bufferedBytes).toBe(0)
  })

  test("an end that carries nothing arrives too", async () => {
    const { near, far } = await fixture.pair()
    const received = collect(far)
    near.end()
    near.end()
    await until("the end is seen", received.ended)
    expect(received.failure()).toBeUndefined()
  })

  test("one direction ends and the other goes on", async () => {
    const { near, far } = await fixture.pair()
    const answer = collect(near)
    const question = collect(far)
    near.write(utf8("question"))
    near.end()
    await until("the question has ended", question.ended)
    far.write(utf8("late "))
    far.write(utf8("answer"))
    far.end()
    await until("the answer has ended", answer.ended)
    expect(Buffer.from(question.bytes()).toString()).toBe("question")
    expect(Buffer.from(answer.bytes()).toString()).toBe("late answer")
    expect(() => near.write(utf8("more"))).toThrow("write after end")
  })

  test("bytes that came before the handler are not lost", async () => {
    const { client, server } = await fixture.pair()
    const stream = client.openStream()
    stream.write(utf8("early"))
    stream.end()
    const seen: ByteStream[] = []
    server.onStream((found) => seen.push(found))
    await until("the stream is seen", () => seen.length > 0)
    const received = collect(seen[0]!)
    await until("all has come", received.ended)
    expect(Buffer.from(received.bytes()).toString()).toBe("early")
  })

  test("a reset tells its code and leaves other streams alone", async () => {
    const { client, near, far } = await fixture.pair()
    const failed = collect(far)
    near.reset(42)
    await until("the reset is seen", () => failed.failure() !== undefined)
    expect(failed.failure()).toEqual({ kind: "reset", code: 42 })
    expect(far.write(utf8("into the void"))).toBe(false)
    expect(() => client.openStream().write(utf8("still alive"))).not.toThrow()
  })

  test("a reset reaches a peer that had ended its direction, or only writes", async () => {
    const { near, far } = await fixture.pair()
    const failed = collect(far)
    near.end()
    await until("the end is seen", failed.ended)
    far.write(new Uint8Array(100))
    near.reset(7)
    await until("the reset is seen", () => failed.failure() !== undefined)
    expect(failed.failure()).toEqual({ kind: "reset", code: 7 })
  })

  test("the server may open streams as well", async () => {
    const { client, server } = await fixture.pair()
    echo(client)
    const stream = server.openStream()
    const answer = collect(stream)
    stream.write(utf8("from the server"))
    stream.end()
    await until("the echo has ended", answer.ended)
    expect(Buffer.from(answer.bytes()).toString()).toBe("from the server")
  })

  test("a stream whose first bytes come after those of a later one lives", async () => {
    const client = await fixture.connect(await fixture.serve(echo))
    const first = client.openStream()
    const answerToFirst = collect(first)
    const second = client.openStream()
    const answerToSecond = collect(second)
    second.write(utf8("2"))
    await until("the second is answered", () => answerToSecond.length() === 1)
    first.write(utf8("1"))
    first.end()
    await until("the first is over", answerToFirst.ended)
    expect(answerToFirst.bytes()).toEqual(utf8("1"))
    expect(answerToFirst.failure()).toBeUndefined()
  })

  test("streams beyond the limit are refused and room returns when one is over", async () => {
    const client = await fixture.connect(await fixture.serve(echo, { streamsMax: 2 }))
    const first = client.openStream()
    first.write(utf8("1"))
    client.openStream().write(utf8("2"))
    expect(() => client.openStream()).toThrow("too many calls at once")
    const answer = collect(first)
    first.end()
    await until("the first is over", answer.ended)
    await until("there is room", () => {
      try {
        client.openStream()
        return true
      } catch (thrown) {
        if (hasCode(thrown, "E052")) return false
        throw thrown
      }
    })
  })

  test("a paused reader holds the writer back, and loses nothing", async () => {
    const { near, far } = await fixture.pair()
    const received = collect(far)
    far.pause()
    const sent = 6 * MIB
    near.write(new Uint8Array(sent))
    await until("the window is full", () => near.bufferedBytes < 5.5 * MIB)
    const held = near.bufferedBytes
    expect(held).toBeGreaterThan(4 * MIB)
    expect(received.length()).toBeLessThan(MIB)
    let drained = 0
    near.onDrain(() => drained++)
    far.resume()
    await until("all has come", () => received.length() === sent)
    expect(drained).toBe(1)
    expect(near.bufferedBytes).toBe(0)
  })
}
