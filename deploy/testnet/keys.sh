#!/bin/sh
# Makes each file that is not there yet: 32 random bytes as hex digits, for its owner alone.
# usage: keys.sh FILE...
set -eu
umask 077
for file in "$@"; do
  [ -s "$file" ] && continue
  od -An -N32 -tx1 /dev/urandom | tr -d ' \n' >"$file.part"
  mv "$file.part" "$file"
done
