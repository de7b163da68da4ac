/** The commands about messages: their rows of the table. */
import type { CommandRow } from "./command.ts"

const messages = () => import("./commands/messages.ts")
const about = () => import("./commands/about.ts")
const passing = () => import("./commands/passing.ts")

export const MESSAGE_COMMANDS: readonly CommandRow[] = [
  {
    name: "send",
    args: "GROUP [TEXT]",
    summary: "send a message; - reads it from standard input",
    example: "make test 2>&1 | tail -5 | qpq send team -",
    options: [
      { flags: "--reply ID", meaning: "answer this message" },
      { flags: "--file PATH", meaning: "send a file; TEXT, if any, answers it" },
    ],
    load: async () => (await messages()).send,
  },
  {
    name: "save",
    args: "GROUP ID [PATH]",
    summary: "download the file of a message, into this folder or to PATH",
    example: "qpq save team 3f9a ~/Downloads",
    options: [{ flags: "--force", meaning: "replace what has this path" }],
    load: async () => (await import("./commands/files.ts")).save,
  },
  {
    name: "react",
    args: "GROUP ID [EMOJI]",
    summary: "react to a message; without EMOJI take your reaction back",
    example: "qpq react team 3f9a 👍",
    load: async () => (await about()).react,
  },
  {
    name: "edit",
    args: "GROUP ID TEXT",
    summary: "give a message of yours another text; - reads it from standard input",
    example: "qpq edit team 3f9a 'deploy window moved to 15:00 UTC'",
    load: async () => (await about()).edit,
  },
  {
    name: "delete",
    args: "GROUP ID",
    summary: "take a message of yours back, for everybody",
    example: "qpq delete team 3f9a",
    load: async () => (await about()).deleteMessage,
  },
  {
    name: "dm",
    args: "USER [TEXT]",
    summary: "open a conversation with one person, or find it; send TEXT, or - from standard input",
    example: "qpq dm bob 'lunch at noon?'",
    load: async () => (await import("./commands/dm.ts")).dm,
  },
  {
    name: "recv",
    args: "",
    summary: "print messages from others since the last recv",
    example: "qpq recv --follow --group team --json",
    options: [
      { flags: "--wait SECONDS", meaning: "wait so long for at least one message" },
      { flags: "--follow", meaning: "go on until interrupted" },
      { flags: "--group GROUP", meaning: "only of this group" },
      { flags: "--edits", meaning: "print edits, deletions and reactions too, since the last recv with --edits" },
      { flags: "--exec CMD", meaning: "run a shell command per message, its JSON on standard input" },
    ],
    load: async () => (await import("./commands/recv.ts")).recv,
  },
  {
    name: "history",
    args: "GROUP",
    summary: "print what was said; needs no server",
    example: "qpq history team --limit 20",
    options: [
      { flags: "--limit N", meaning: "at most so many messages, the newest (100)" },
      { flags: "--before ID", meaning: "only messages before this one" },
    ],
    load: async () => (await messages()).history,
  },
  {
    name: "export",
    args: "GROUP FILE",
    summary: "write the whole conversation as JSON lines to a new file, or with - to standard output; needs no server",
    example: "qpq export team team.ndjson",
    load: async () => (await import("./commands/export.ts")).exportGroup,
  },
  {
    name: "backup",
    args: "FILE",
    summary: "write the profile to a new file, encrypted as it is; needs no server",
    example: "qpq backup alice.qpq",
    load: async () => (await import("./commands/backup.ts")).backUp,
  },
  {
    name: "restore",
    args: "FILE",
    summary: "make the profile from a backup, in a folder where there is none; needs no server",
    example: "qpq restore alice.qpq --home ~/.qpq-restored",
    load: async () => (await import("./commands/backup.ts")).restore,
  },
  {
    name: "search",
    args: "WORDS...",
    summary: 'find what was said: all words, in any order, or "a phrase"; needs no server',
    example: "qpq search deploy window --group team",
    options: [
      { flags: "--group GROUP", meaning: "only in this group" },
      { flags: "--limit N", meaning: "at most so many messages, the newest (100)" },
      { flags: "--before ID", meaning: "only messages before this one" },
    ],
    load: async () => (await import("./commands/search.ts")).search,
  },
  {
    name: "chat",
    args: "GROUP",
    summary: "talk line by line: prints what comes, sends what is typed",
    example: "qpq chat team",
    load: async () => (await import("./commands/chat.ts")).chat,
  },
  {
    name: "disappear",
    args: "GROUP [TIME]",
    summary: "let messages said from now on disappear for everybody after TIME (30s, 5m, 8h, 1d, 4w), or off",
    example: "qpq disappear team 1d",
    load: async () => (await passing()).disappear,
  },
  {
    name: "receipts",
    args: "[on|off|default]",
    summary: "whether others are told what has come and was read; off unless you want it",
    example: "qpq receipts on --group team",
    options: [{ flags: "--group GROUP", meaning: "only there; default: as everywhere" }],
    load: async () => (await passing()).receipts,
  },
  {
    name: "typing",
    args: "[on|off|default]",
    summary: "whether others are told that you are writing; off unless you want it",
    example: "qpq typing on",
    options: [{ flags: "--group GROUP", meaning: "only there; default: as everywhere" }],
    load: async () => (await passing()).typing,
  },
]
