/** Configuration files, environments, command lines and records on disk: what people, editors and accidents write. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import {
  commitFrom,
  envelopeFrom,
  fanOutFrom,
  storedCommit,
  storedEnvelope,
  storedFanOut,
} from "../../core/client/stored-form.ts"
import { expiryWarning } from "../../server/ops/certificate-files.ts"
import { makeCertificate } from "../../core/transport/certificate.ts"
import type { ErrorCode } from "../../core/domain/errors.ts"
import { realWorld } from "../../core/domain/world.ts"
import { readRequest } from "../../server/config.ts"
import { OPTION_NAMES } from "../../server/options.ts"
import { configFile, faceConfig, fileSettings } from "../../tui/config.ts"
import type { Environment } from "../../tui/config.ts"
import { stopLocalServer } from "../../tui/local-server.ts"
import { COMMANDS } from "../../tui/screen/commands.ts"
import { KEY_FILE, keysInForce } from "../../tui/screen/key-file.ts"
import { screenOptions } from "../../tui/screen/options.ts"
import { databaseKey, tokenIn } from "../../server/config-values.ts"
import { FETCHED } from "../fakes/fake-services.ts"
import { COMMIT, FAN_OUT } from "../fakes/node-requests.ts"
import { fakeWorld } from "../fakes/world.ts"
import { textTarget } from "./target.ts"
import type { Target } from "./target.ts"

const FILE_SHARE = 0.4
/** Wrong usage, a value that is not allowed, a file that cannot be read. */
const SETTING_CODES: readonly ErrorCode[] = ["E070", "E071", "E072"]
const TOML_WORDS = [
  "=",
  "[",
  "]]",
  '"""',
  "'''",
  "\\u0000",
  "1979-05-27",
  "0x",
  "inf",
  "nan",
  "true",
  "{",
  "__proto__",
  "toString",
  ".",
]
/** In the profile's file; one of each kind. */
const FACE_WORDS = ["server", "ca", "timeout", "no-share", "theme", "keys", "log-level", "ascii", "1e400", "qpq://a:1"]
const LINE = "\n"
const WORDS_CHARACTERS_MAX = 8192

const folder = mkdtempSync(join(tmpdir(), "qpq-fuzz-"))
process.once("exit", () => rmSync(folder, { recursive: true, force: true }))

/** The bytes as a file of that name, read by `read`. */
function fileTarget(
  target: Omit<Target, "decode" | "corpus"> & {
    corpus: readonly (string | Uint8Array)[]
    read: (path: string) => unknown
  },
): Target {
  const { read, corpus, ...rest } = target
  const path = join(folder, target.name.replaceAll(/[^a-z]/g, "-"))
  return {
    share: FILE_SHARE,
    ...rest,
    corpus: corpus.map((part) => new Uint8Array(Buffer.from(part))),
    decode(bytes) {
      writeFileSync(path, bytes)
      return read(path)
    },
  }
}

/** NAME=VALUE lines; a process cannot be given a NUL. */
function environmentFrom(text: string): Environment {
  const pairs = text
    .replaceAll("\0", "")
    .split(LINE)
    .map((line) => line.split("=", 2) as [string, string?])
  return Object.fromEntries(pairs.map(([name, value = ""]) => [name, value]))
}

/** Of a person: Node's own reader of arguments takes seconds for half a million of them, which no kernel passes on. */
const wordsFrom = (text: string): readonly string[] => text.slice(0, WORDS_CHARACTERS_MAX).split(LINE)

const environmentName = (name: string): string => `QPQ_${name.toUpperCase().replaceAll("-", "_")}`

const SERVER_VALUES = [
  "127.0.0.1:0",
  "[::]:7000",
  "yes",
  "no",
  "off",
  "invite",
  "members",
  "debug",
  "100",
  "-1",
  "1e3",
  "sqlite:",
  "a.db",
  "/dev/null",
]

const serverTargets: readonly Target[] = [
  fileTarget({
    name: "server's TOML file",
    corpus: [
      'listen = "127.0.0.1:7000"\nlog-level = "debug"\n',
      '# all\nregistration = "invite"\nfile-quota = "10"\nrate-limit = "off"\n',
    ],
    words: [...TOML_WORDS, ...OPTION_NAMES, ...SERVER_VALUES],
    read: (path) => readRequest(["--config", path], {}),
  }),
  textTarget({
    name: "server's environment",
    corpus: [
      OPTION_NAMES.slice(2, 8)
        .map((name, at) => `${environmentName(name)}=${SERVER_VALUES[at] ?? ""}`)
        .join(LINE),
      "QPQ_LISTEN=[::1]:7000",
    ],
    words: [LINE, "=", ...OPTION_NAMES.map(environmentName), ...SERVER_VALUES],
    decode: (text) => readRequest([], environmentFrom(text)),
  }),
  textTarget({
    name: "server's command line",
    corpus: ["--listen\n127.0.0.1:7000\n--log-level\ntrace", "suspend\nalice\n--json", "--help"],
    words: [LINE, "--", "=", "-h", ...OPTION_NAMES.map((name) => `--${name}`), ...SERVER_VALUES],
    decode: (text) => readRequest(wordsFrom(text), {}),
  }),
  fileTarget({ name: "server's database key file", corpus: [Buffer.alloc(32, 7), "ab".repeat(32)], read: databaseKey }),
  fileTarget({
    name: "server's token file",
    corpus: ["a static token of a service\n"],
    read: (path) => tokenIn("auth-token-file", path),
  }),
]

const appTargets: readonly Target[] = [
  fileTarget({
    name: "app's TOML file",
    corpus: ['server = "qpq://127.0.0.1:7000"\ntimeout = 5\nno-share = true\n', 'theme = "dark"\nascii = true\n'],
    words: [...TOML_WORDS, ...FACE_WORDS],
    async read(path) {
      const file = await fileSettings(path)
      return [screenOptions([], {}, file), file]
    },
  }),
  textTarget({
    name: "app's environment",
    corpus: ["QPQ_HOME=/tmp/none\nQPQ_JSON=1\nQPQ_NO_SHARE=1", "TERM=xterm-256color\nNO_COLOR=1\nQPQ_SERVER=qpq://a"],
    words: [LINE, "=", "QPQ_HOME", "QPQ_CA", "QPQ_NO_SHARE", "QPQ_THEME", "TERM", "COLORTERM", ...FACE_WORDS],
    async decode(text) {
      const env = environmentFrom(text)
      return [await faceConfig({ home: folder }, { ...env, QPQ_HOME: folder }), screenOptions([], env)]
    },
    share: FILE_SHARE,
  }),
  textTarget({
    name: "app's command line",
    corpus: ["--home\n/tmp/none\n--theme\ndark", "--ascii\n--log-level\ndebug"],
    words: [LINE, "--", "=", "--home", "--no-animation", "--theme", "--keys", ...FACE_WORDS],
    decode: (text) => screenOptions(wordsFrom(text), {}),
  }),
  fileTarget({
    name: KEY_FILE,
    corpus: ['preset = "default"\n[keys]\n"message.send" = ["ctrl+y", "f5"]\n', "[keys]\nscroll.up = []\n"],
    words: [...TOML_WORDS, "preset", "keys", "ctrl+", "alt+", "f13", '"help"', '["ctrl+k"]', "vim"],
    read: (path) => keysInForce(COMMANDS, { home: folder, file: path }),
    share: 0.1,
  }),
]

/** Kills nobody: a recorded process is only looked at. */
function localRecordTarget(): Target {
  const around = { world: fakeWorld(), kill: () => undefined }
  const path = join(folder, "local-server.json")
  return {
    name: "local server's record",
    corpus: [
      new Uint8Array(
        Buffer.from(
          '{"address":"qpq://127.0.0.1:7000?pin=sha256:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8","pid":999999999}',
        ),
      ),
    ],
    words: ['"address"', '"pid"', ":", "{", "}", "[", "null", "1e999", "-1", '"x"'],
    share: FILE_SHARE,
    async decode(bytes) {
      writeFileSync(path, bytes)
      return (await stopLocalServer(around, folder)) ?? "nobody"
    },
  }
}

const storedTargets: readonly Target[] = [
  { name: "stored commit", corpus: [storedCommit(COMMIT)], decode: commitFrom },
  { name: "stored fan-out", corpus: [storedFanOut(FAN_OUT)], decode: fanOutFrom },
  { name: "stored envelope", corpus: FETCHED.envelopes.map(storedEnvelope), decode: envelopeFrom },
]

async function certificateTarget(): Promise<Target> {
  const { certificatePem, keyPem } = await makeCertificate(realWorld, [])
  return {
    ...textTarget({
      name: "server's certificate file",
      corpus: [certificatePem],
      codes: ["E057"],
      words: ["-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----", "\n", "MII", "=", keyPem],
      decode: (text) => expiryWarning({ certificatePem: text, keyPem }, Date.now()) ?? "nothing to say",
    }),
    share: 0.3,
  }
}

export async function settingsTargets(): Promise<readonly Target[]> {
  // The profile's own file is read with every configuration; here there is none.
  rmSync(configFile(folder), { force: true })
  const settings = [...serverTargets, ...appTargets, localRecordTarget()]
  return [
    ...settings.map((target) => ({ ...target, codes: SETTING_CODES })),
    ...storedTargets.map((target) => ({ ...target, codes: ["E060" as const] })),
    await certificateTarget(),
  ]
}
