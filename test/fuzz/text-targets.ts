/** What people and servers write: addresses, names, times, file names, texts on their way to a terminal. */
import { plainFileName, plainMediaType, mediaTypeOf } from "../../core/domain/attached-file.ts"
import { secondsFrom } from "../../core/domain/duration.ts"
import { QpqError } from "../../core/domain/errors.ts"
import { mentionsOf } from "../../core/domain/mention.ts"
import { retryAfterMs, retryHint } from "../../core/domain/retry-hint.ts"
import { cleanLine } from "../../core/domain/safe-text.ts"
import { answers, searchMarks, searchTerms } from "../../core/domain/search-words.ts"
import { formatServerAddress, parseServerAddress } from "../../core/domain/server-address.ts"
import { userName } from "../../core/domain/user-name.ts"
import { unhex, utf8 } from "../../core/domain/bytes.ts"
import { dayFrom } from "../../tui/screen/days.ts"
import { linksIn } from "../../tui/screen/links.ts"
import { backgroundFrom } from "../../tui/screen/terminal-colours.ts"
import { fit, safeText, widthOf, wrapText } from "../../tui/screen/text-cells.ts"
import { textTarget } from "./target.ts"
import type { Target } from "./target.ts"

const PIN = "sha256:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
const WIDTH = 40
/** Longer ones are refused before they are drawn. */
const TEXT_CHARACTERS_MAX = 65_536
const TEXTS = [
  "Grüße an @alice, siehe https://example.org/a?b=c#d.",
  "سلام hello שלום",
  "👩‍👩‍👧‍👦 ❤️ e\u0301 \u200b漢字",
  "line one\nline two\ttab",
  "a very long line that must be broken somewhere before it ends, or not at all",
]
/** As long as a text may be: splitting them once took seconds. */
const LONGEST = ["a".repeat(65_500) + "漢", "héllo wörld ".repeat(4600) + "漢", "漢".repeat(21_800)].map(utf8)
const MARKS = ["@", "://", "https://a.b", "\u200d", "\ufe0f", "\u0301", "漢", "\t", "\n", "\u0600", "🇩🇪", "\u1160"]

/** No control but the newline, no direction override, no lone surrogate may be left. */
const LEFT_OVER = /(?!\n)\p{Cc}|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]|\p{Cs}/u

function drawn(given: string): unknown {
  const text = given.slice(0, TEXT_CHARACTERS_MAX)
  const safe = safeText(text)
  if (LEFT_OVER.test(safe) || LEFT_OVER.test(cleanLine(text))) throw new Error("something dangerous is left")
  for (const row of wrapText(safe.slice(0, 4096), WIDTH)) {
    if (widthOf(row) > WIDTH) throw new Error("a row is wider than its room")
  }
  // Titles and names are short.
  return [fit(cleanLine(text.slice(0, 4096)), WIDTH), linksIn(safe), mentionsOf(safe, ["alice", "bob"])]
}

function saved(name: string): unknown {
  const plain = plainFileName(name)
  const isPlain = plain !== "" && !/[/\\\0]/.test(plain) && !plain.startsWith(".") && utf8(plain).length <= 255
  if (!isPlain) throw new Error("no plain file name")
  return [plainMediaType(name), mediaTypeOf(plain)]
}

function found(text: string): unknown {
  const terms = searchTerms(text.slice(0, 2000))
  return [answers(TEXTS.join(" "), terms), searchMarks(TEXTS.join(" "), terms)]
}

function addressed(text: string): unknown {
  const formatted = formatServerAddress(parseServerAddress(text))
  if (formatServerAddress(parseServerAddress(formatted)) !== formatted)
    throw new Error("another address when it is read again")
  return formatted
}

export const textTargets = async (): Promise<readonly Target[]> => [
  textTarget({
    name: "server address",
    corpus: [
      `qpq://127.0.0.1:7000?pin=${PIN}`,
      `qpq://[::1]:7001?pin=${PIN}&pin=${PIN}&invite=abc`,
      "qpq://chat.example.org",
    ],
    words: ["qpq://", "?pin=", PIN, "&invite=", ":70000", "[::1]", "[", "@", "%", "#", "xn--", "０", "。"],
    decode: addressed,
    codes: ["E071"],
    share: 2,
  }),
  textTarget({
    name: "user name",
    corpus: ["alice", "bob.b-b_1"],
    decode: userName,
    codes: ["E016"],
    words: ["A", " ", "ß"],
    share: 0.5,
  }),
  textTarget({
    name: "length of time",
    corpus: ["30s", "5m", "8 hours", "off", "4w"],
    words: ["s", "min", "hours", "99999999999", "-1", "e9"],
    decode: secondsFrom,
    share: 0.5,
  }),
  textTarget({
    name: "retry hint",
    corpus: [retryHint(400), `rate limit: ${retryHint(86_400_000)}`],
    words: ["try again in ", " s", "99999.9", "1e9", "-1", "NaN", "Infinity"],
    decode: (detail) => {
      const ms = retryAfterMs(new QpqError("E050", detail))
      if (ms !== undefined && !(ms >= 0 && ms <= 86_400_000)) throw new Error(`waits ${ms} ms`)
      return ms
    },
  }),
  textTarget({
    name: "file name",
    corpus: ["notes.txt", "../../etc/passwd", "C:\\con.txt", "…".repeat(120) + ".tar.gz"],
    words: ["../", "\\", "con", "aux.", ".", "\0", "\u202e", ".exe", "x".repeat(60)],
    decode: saved,
  }),
  textTarget({ name: "text on a terminal", corpus: TEXTS, known: LONGEST, words: MARKS, decode: drawn, share: 0.6 }),
  textTarget({
    name: "search",
    corpus: ["hello wor", '"two words"', "漢字 🎉", ...TEXTS],
    words: ['"', "*", "-", ...MARKS],
    decode: found,
    share: 0.5,
  }),
  textTarget({
    name: "day",
    corpus: ["yesterday", "2026-11-22", "monday", "22.11."],
    words: ["-", "9999", "00", "today"],
    decode: (text) => dayFrom(text, Date.now()),
  }),
  textTarget({
    name: "terminal's background",
    corpus: ["11;rgb:1234/5678/9abc", "11;rgba:ff/ff/ff/ff"],
    words: ["rgb:", "/", "ffff"],
    decode: backgroundFrom,
    share: 0.5,
  }),
  textTarget({ name: "hex", corpus: ["0123456789abcdef"], decode: unhex, codes: ["E026"], share: 0.3 }),
]
