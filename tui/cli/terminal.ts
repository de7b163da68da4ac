/** Standard input as commands use it: secrets without echo, questions, lines. */
import { createInterface } from "node:readline"
import type { ReadStream } from "node:tty"
import { textFrom } from "../../core/domain/bytes.ts"
import { QpqError } from "../../core/domain/errors.ts"
import type { Terminal } from "./command.ts"

const STDIN_BYTES_MAX = 16 * 1_048_576

export interface Standard {
  readonly stdin: ReadStream
  readonly stderr: { write(text: string): unknown }
}

export function terminalOn({ stdin, stderr }: Standard): Terminal {
  const interactive = stdin.isTTY
  return {
    interactive,
    secret(question) {
      if (!interactive) {
        return Promise.reject(new QpqError("E070", "no password: give --password-file FILE or QPQ_PASSWORD"))
      }
      stderr.write(question)
      return readSecret(stdin).finally(() => stderr.write("\n"))
    },
    ask(question) {
      if (!interactive) return Promise.reject(new QpqError("E070", "no terminal to ask at"))
      const reader = createInterface({ input: stdin, output: undefined })
      stderr.write(question)
      return new Promise((resolve) => {
        reader.once("line", (line) => {
          resolve(line)
          reader.close()
        })
        reader.once("close", () => {
          resolve("")
        })
      })
    },
    readAll: () => readAll(stdin),
    lines: (signal) => linesOf(stdin, signal),
  }
}

/** Ends at Enter; ctrl+u clears, ctrl+c gives up. */
function readSecret(stdin: ReadStream): Promise<string> {
  stdin.setRawMode(true)
  stdin.setEncoding("utf8")
  stdin.resume()
  return new Promise<string>((resolve, reject) => {
    let typed: string[] = []
    const onData = (chunk: string): void => {
      for (const character of chunk) {
        if (character === "\r" || character === "\n") {
          finish()
          resolve(typed.join(""))
          return
        }
        if (character === "\u0003" || character === "\u0004") {
          finish()
          reject(new QpqError("E076"))
          return
        }
        if (character === "\u0015") typed = []
        else if (character === "\u007f" || character === "\b") typed.pop()
        else if (character >= " ") typed.push(character)
      }
    }
    const finish = (): void => {
      stdin.off("data", onData)
      stdin.setRawMode(false)
      stdin.pause()
    }
    stdin.on("data", onData)
  })
}

async function readAll(stdin: ReadStream): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of stdin) {
    const piece = Buffer.from(chunk as Uint8Array)
    bytes += piece.length
    if (bytes > STDIN_BYTES_MAX) throw new QpqError("E025", "standard input")
    chunks.push(piece)
  }
  return textFrom(Buffer.concat(chunks))
}

async function* linesOf(stdin: ReadStream, signal: AbortSignal): AsyncGenerator<string> {
  const reader = createInterface({ input: stdin, crlfDelay: Infinity })
  const stop = (): void => {
    reader.close()
  }
  signal.addEventListener("abort", stop, { once: true })
  try {
    for await (const line of reader) {
      if (signal.aborted) return
      yield line
    }
  } finally {
    signal.removeEventListener("abort", stop)
    reader.close()
  }
}
