#!/usr/bin/env bash
# Writes every public member that is not in a project's PublicAPI.Shipped.txt into its PublicAPI.Unshipped.txt.
# The lines are those that the analyzer itself reports as missing (RS0016) when the file is empty.
set -euo pipefail
cd "$(dirname "$0")/.."

for project in src/*/*.csproj; do
  echo '#nullable enable' > "$(dirname "$project")/PublicAPI.Unshipped.txt"
done

log=$(mktemp)
trap 'rm -f "$log"' EXIT
dotnet build src/Trainers -p:EnablePublicApi=true -p:TreatWarningsAsErrors=false > "$log" || {
  cat "$log" >&2
  exit 1
}

for project in src/*/*.csproj; do
  unshipped="$(dirname "$project")/PublicAPI.Unshipped.txt"
  grep -F "[$PWD/$project]" "$log" \
    | sed -n "s/.*warning RS0016: Symbol '\(.*\)' is not part of the declared public API.*/\1/p" \
    | LC_ALL=C sort -u >> "$unshipped" || true
  echo "$unshipped: $(($(wc -l < "$unshipped") - 1)) members"
done
