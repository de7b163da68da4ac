/** The table of commands: usage, help, completion and docs/CLI.md come from here. */
import type { CommandRow } from "./command.ts"
import { MESSAGE_COMMANDS } from "./message-commands.ts"

const account = () => import("./commands/account.ts")
const groups = () => import("./commands/groups.ts")
const keys = () => import("./commands/keys.ts")

const RECOVERY_OPTIONS = [
  {
    flags: "--no-recovery",
    meaning: "the server keeps nothing that brings the account back when all devices are lost",
  },
  { flags: "--recovery-code", meaning: "to bring it back takes a code besides the password; it is shown once" },
] as const

export const COMMANDS: readonly CommandRow[] = [
  {
    name: "register-user",
    args: "NAME",
    summary: "make an account on a server, log in and publish keys",
    example: "qpq register-user alice --server 'qpq://host:7000?pin=sha256:…'",
    options: [{ flags: "--invite TOKEN", meaning: "registration token of an invite link" }, ...RECOVERY_OPTIONS],
    load: async () => (await account()).registerUser,
  },
  {
    name: "login",
    args: "NAME",
    summary: "log in again, or make this profile a further device of the account",
    example: "qpq login alice --server 'qpq://host:7000?pin=sha256:…'",
    options: [
      {
        flags: "--pair",
        meaning: "by the code that `qpq devices pair` shows on another device, asked for or in QPQ_PAIRING_CODE",
      },
      {
        flags: "--recovery-code-file FILE",
        meaning: "for an account that was made with a recovery code; or QPQ_RECOVERY_CODE",
      },
      {
        flags: "--device-name NAME",
        meaning: "what the account's other devices call this one; the computer's name if left out",
      },
    ],
    load: async () => (await account()).login,
  },
  {
    name: "logout",
    args: "",
    summary: "end this profile's login; history stays",
    example: "qpq logout",
    options: [
      { flags: "--everywhere", meaning: "end the logins of all the account's devices" },
      { flags: "--keep-this", meaning: "with --everywhere: but not of this one" },
    ],
    load: async () => (await account()).logout,
  },
  {
    name: "password",
    args: "",
    summary: "change the account's password; asks for the old one and twice for the new one",
    example: "qpq password --logout-others",
    options: [
      { flags: "--new-password-file FILE", meaning: "read the new password from a file" },
      { flags: "--logout-others", meaning: "end the logins of all other devices" },
      ...RECOVERY_OPTIONS,
    ],
    load: async () => (await import("./commands/password.ts")).password,
  },
  {
    name: "delete-account",
    args: "NAME",
    summary: "leave all groups and delete the profile's account at the server; history stays",
    example: "qpq delete-account alice",
    load: async () => (await import("./commands/delete-account.ts")).deleteAccount,
  },
  {
    name: "whoami",
    args: "",
    summary: "show the profile's account; needs no server",
    example: "qpq whoami --json",
    load: async () => (await account()).whoami,
  },
  {
    name: "ping",
    args: "",
    summary: "measure a round trip to the server",
    example: "qpq ping",
    load: async () => (await import("./commands/ping.ts")).ping,
  },
  {
    name: "groups",
    args: "",
    summary: "list groups and waiting invitations; needs no server",
    example: "qpq groups --json",
    load: async () => (await groups()).groups,
  },
  {
    name: "create-group",
    args: "GROUP",
    summary: "make a group of yourself alone",
    example: "qpq create-group team",
    options: [{ flags: "--suite SUITE", meaning: "hybrid (post-quantum, the default) or baseline" }],
    load: async () => (await groups()).createGroup,
  },
  {
    name: "invite",
    args: "GROUP USER...",
    summary: "add people to a group, all in one step",
    example: "qpq invite team bob carol",
    load: async () => (await groups()).invite,
  },
  {
    name: "remove",
    args: "GROUP USER",
    summary: "remove a member; what comes after, they cannot read",
    example: "qpq remove team carol",
    load: async () => (await groups()).remove,
  },
  {
    name: "update",
    args: "GROUP",
    summary: "renew your keys in a group",
    example: "qpq update team",
    load: async () => (await groups()).update,
  },
  {
    name: "leave",
    args: "GROUP",
    summary: "leave a group; its history stays on this profile",
    example: "qpq leave team",
    load: async () => (await groups()).leave,
  },
  {
    name: "join",
    args: "[GROUP]",
    summary: "accept waiting invitations: all, or the named one",
    example: "qpq join",
    options: [{ flags: "--decline", meaning: "decline the named invitation instead" }],
    load: async () => (await groups()).join,
  },
  {
    name: "members",
    args: "GROUP",
    summary: "list a group's members",
    example: "qpq members team",
    load: async () => (await groups()).members,
  },
  ...MESSAGE_COMMANDS,
  {
    name: "verify",
    args: "[USER]",
    summary: "show the safety number with somebody, and say whether it matches",
    example: "qpq verify bob --number '12345 67890 …'",
    options: [
      { flags: "--number DIGITS", meaning: "this is what the other one has: compare, and mark as verified" },
      { flags: "--mismatch", meaning: "the other one has another number: send nothing to them alone" },
      {
        flags: "--unchecked",
        meaning: "go on without comparing: after --mismatch, with a changed key, or no longer verified",
      },
      { flags: "--group GROUP", meaning: "instead, six words that all members in the group's epoch share" },
    ],
    load: async () => (await import("./commands/verify.ts")).verify,
  },
  {
    name: "devices",
    args: "[ACTION] [ID] [NAME]",
    summary: "list the account's devices; pair: take in another; revoke ID; name ID NAME",
    example: "qpq devices revoke 4fa81c",
    load: async () => (await import("./commands/devices.ts")).devices,
  },
  {
    name: "register-state",
    args: "",
    summary: "make the profile's identity without an account and show its fingerprint",
    example: "qpq register-state",
    load: async () => (await account()).registerState,
  },
  {
    name: "refresh-keypackage",
    args: "",
    summary: "replace all published KeyPackages",
    example: "qpq refresh-keypackage",
    load: async () => (await keys()).refreshKeyPackage,
  },
  {
    name: "fetch-key",
    args: "USER",
    summary: "consume one KeyPackage of a user and show its fingerprint",
    example: "qpq fetch-key bob",
    options: [{ flags: "--suite SUITE", meaning: "hybrid (the default) or baseline" }],
    load: async () => (await keys()).fetchKey,
  },
  {
    name: "block",
    args: "[USER]",
    summary: "hear nothing of a user any more; without one, list who is blocked",
    example: "qpq block mallory",
    load: async () => (await import("./commands/block.ts")).block,
  },
  {
    name: "unblock",
    args: "USER",
    summary: "hear a user again",
    example: "qpq unblock mallory",
    load: async () => (await import("./commands/block.ts")).unblock,
  },
  {
    name: "doctor",
    args: "",
    summary: "check the profile, the server and the way between",
    example: "qpq doctor",
    load: async () => (await import("./commands/doctor.ts")).doctor,
  },
  {
    name: "demo-group",
    args: "",
    summary: "show a group's life between three people on a server of its own",
    example: "qpq demo-group",
    load: async () => (await import("./commands/demo-group.ts")).demoGroup,
  },
  {
    name: "completion",
    args: "SHELL",
    summary: "print the completion script for bash, zsh or fish",
    example: "qpq completion bash > /etc/bash_completion.d/qpq",
    load: async () => (await import("./commands/completion.ts")).completion,
  },
]
