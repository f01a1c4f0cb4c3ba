#!/usr/bin/env bash
# Runs the tests as other processors would: other instruction sets of libtorch and of oneDNN, other numbers of threads.
# Prints a table of what passed and failed in each setting, and fails where any test did.
#
#   build/test-other-processors.sh [options] [project...]
#     --settings "A B"  only these of the table below; all unless given
#     --filter EXPR     only these tests (dotnet test --filter); the golden and network tests unless given, 'all' for every test
#     --results DIR     keeps the test results (trx); a temporary folder unless given
#     --no-build        the tests are built
#   Projects: those that the filter needs; test/Microsoft.ML.Diffusion.Tests unless given, with 'all' every test project.
set -uo pipefail
cd "$(dirname "$0")/.."

# name | ATEN_CPU_CAPABILITY | ONEDNN_MAX_CPU_ISA | threads; '-' leaves a variable alone. An orthogonal array: every pair of values occurs in its nine rows, and then oneDNN is off.
table='
native-avx512-1    -        AVX512_CORE  1
native-avx2-2      -        AVX2         2
native-sse41-4     -        SSE41        4
avx2-avx512-2      avx2     AVX512_CORE  2
avx2-avx2-4        avx2     AVX2         4
avx2-sse41-1       avx2     SSE41        1
default-avx512-4   default  AVX512_CORE  4
default-avx2-1     default  AVX2         1
default-sse41-2    default  SSE41        2
native-off-2       -        off          2
'

golden='FullyQualifiedName~.Golden|FullyQualifiedName~Tests.Architecture|FullyQualifiedName~Network|FullyQualifiedName~Autoencoder|FullyQualifiedName~FastConvolutions|TestCategory=Golden'
settings='' filter=$golden results='' build=true projects=()
while [ $# -gt 0 ]; do
  case $1 in
    --settings) settings=$2; shift 2 ;;
    --filter) filter=$2; shift 2 ;;
    --results) mkdir -p "$2"; results=$(cd "$2" && pwd); shift 2 ;;
    --no-build) build=false; shift ;;
    -*) echo "Unknown option $1" >&2; exit 2 ;;
    *) projects+=("$1"); shift ;;
  esac
done
if [ ${#projects[@]} -eq 0 ]; then
  projects=(test/Microsoft.ML.Diffusion.Tests)
  [ "$filter" = all ] && projects=(test/Microsoft.ML.Diffusion.Tests test/Transforms.Tests test/Trainers.Tests test/Samples.Tests)
fi
if [ -z "$results" ]; then
  results=$(mktemp -d)
  trap 'rm -rf "$results"' EXIT
fi
for name in $settings; do
  grep -q "^$name " <<< "$table" || { echo "Unknown setting '$name'. Known: $(awk 'NF { printf "%s ", $1 }' <<< "$table")" >&2; exit 2; }
done

if $build; then
  for project in "${projects[@]}"; do
    dotnet build "$project" -c Release -v q || exit 1
  done
fi

# Adds up one counter, such as passed, over the results of one setting.
count() {
  grep -rhoE '<Counters [^>]*' --include='*.trx' "$results/$1" 2> /dev/null | sed -nE "s/.* $2=\"([0-9]+)\".*/\1/p" | awk '{ sum += $1 } END { print sum + 0 }'
}

run() {
  local name=$1 aten=$2 onednn=$3 threads=$4 project
  local variables=(OMP_NUM_THREADS="$threads" MKL_NUM_THREADS="$threads")
  [ "$aten" != - ] && variables+=(ATEN_CPU_CAPABILITY="$aten")
  # MKL's own choice of instructions matters to sums as much: its oldest beside libtorch's oldest.
  [ "$aten" = default ] && variables+=(MKL_CBWR=COMPATIBLE)
  case $onednn in
    off) variables+=(DIFFUSION_TEST_ONEDNN=off) ;;
    *) variables+=(ONEDNN_MAX_CPU_ISA="$onednn") ;;
  esac
  local filters=()
  [ "$filter" != all ] && filters=(--filter "$filter")
  for project in "${projects[@]}"; do
    env "${variables[@]}" dotnet test "$project" -c Release --no-build --no-restore "${filters[@]}" --logger trx --results-directory "$results/$name" > "$results/$name.log" 2>&1 \
      || { failed=true; grep -E '^ +Failed |error|Assert' "$results/$name.log" | head -40; }
  done
}

failed=false rows=''
while read -r name aten onednn threads; do
  [ -z "$name" ] && continue
  [ -n "$settings" ] && ! grep -qw -- "$name" <<< "$settings" && continue
  start=$SECONDS
  echo "== $name: ATEN_CPU_CAPABILITY $aten, ONEDNN_MAX_CPU_ISA $onednn, $threads threads"
  run "$name" "$aten" "$onednn" "$threads" < /dev/null
  total=$(count "$name" total) passed=$(count "$name" passed) wrong=$(count "$name" failed)
  { [ "$passed" -eq 0 ] || [ "$wrong" -gt 0 ]; } && failed=true
  rows+="$name $aten $onednn $threads $passed $wrong $((total - passed - wrong)) $((SECONDS - start))"$'\n'
done <<< "$table"

echo
{ echo "setting ATen oneDNN threads passed failed skipped seconds"; printf '%s' "$rows"; } | awk '{ printf "%-18s %-8s %-12s %7s %7s %7s %8s %8s\n", $1, $2, $3, $4, $5, $6, $7, $8 }'
! $failed
