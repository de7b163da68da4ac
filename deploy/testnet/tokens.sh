#!/bin/sh
# Puts an invitation for each name into a folder: the server's address with its pin and a token for one registration.
# The server is asked by the socket in its data folder. usage: tokens.sh FOLDER HOST:PORT NAME...
set -eu
umask 077
folder=$1 address=$2
shift 2
for name in "$@"; do
  [ -s "$folder/$name" ] && continue
  qpq-server invite-token | sed -n "s|^qpq://[^?]*|qpq://$address|p" >"$folder/$name.part"
  mv "$folder/$name.part" "$folder/$name"
done
