#!/usr/bin/env bash
# The front door: builds what is out of date, then runs scenarios.
#
#   ./test.sh                     every scenario, every cast of every platform available here
#   ./test.sh go_csharp 1.1       scenario 1.1, Go in the first role, C# in the second
#   ./test.sh -v csharp "4.*"     feature 4, C# in all roles, each step as it runs
#   ./test.sh --build             build everything that is out of date, run nothing
#   ./test.sh doctor              what is there, what is missing (also: list, steps, clean, help)
#
# The words are those of `parley run`: ./test.sh help run
# PARLEY_NO_INSTALL=1 forbids to install missing toolchains.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
bin=$root/build/bin
logs=$root/build/log
config=$root/parley.yaml

platforms=()
for script in "$root"/scripts/build-*.sh; do
  name=${script##*/build-}
  name=${name%.sh}
  [ "$name" = coordinator ] || platforms+=("$name")
done

# What a build depends on; a changed folder shows a removed file.
sources_of() {
  case $1 in
    coordinator) echo cmd/parley harness servant/contract servant/ring servant/golden go.mod go.sum scripts/build-coordinator.sh ;;
    go) echo cmd/parley-servant cmd/ring-probe steps servant/*.go servant/contract servant/ring servant/pattern go.mod go.sum scripts/build-go.sh ;;
    *) echo "servant/$1 scripts/build-$1.sh" ;;
  esac
}

fresh() {
  local stamp=$root/build/.fresh-$1
  # shellcheck disable=SC2046 # a list of paths without blanks
  [ -e "$stamp" ] && [ -z "$(cd "$root" && find $(sources_of "$1") -newer "$stamp" -print -quit 2>&1)" ]
}

is_platform() {
  local known
  for known in "${platforms[@]}"; do [ "$1" = "$known" ] && return 0; done
  return 1
}

# platforms_in WORD: the platforms that a cast names, one a line; "*" for any;
# nothing when the word is no cast.
platforms_in() {
  local part parts found=()
  case $1 in
    all) echo '*'; return ;;
    *=*) IFS=, read -ra parts <<<"$1"; parts=("${parts[@]#*=}") ;;
    *) IFS=_ read -ra parts <<<"$1" ;;
  esac
  for part in "${parts[@]}"; do
    if [ "$part" = '*' ] || is_platform "$part"; then found+=("$part"); else return 0; fi
  done
  printf '%s\n' "${found[@]}"
}

# prepare TARGET: toolchain, then build. 4: the toolchain cannot be had here.
prepare() {
  if [ -x "$root/scripts/setup-$1.sh" ]; then
    "$root/scripts/setup-$1.sh" || return 4
  fi
  fresh "$1" && return 0
  : >"$root/build/.fresh-$1.new.$$"
  "$root/scripts/build-$1.sh" || { rm -f "$root/build/.fresh-$1.new.$$"; return 1; }
  mv "$root/build/.fresh-$1.new.$$" "$root/build/.fresh-$1"
}

# build TARGET...: prepares all at once; shows what a failed one printed.
build() {
  local target pids=() status
  mkdir -p "$bin" "$logs"
  for target in "$@"; do
    prepare "$target" > >(tee "$logs/$target.$$" >&2) 2>&1 </dev/null &
    pids+=($!)
  done
  local i=0 failed=0
  for target in "$@"; do
    status=0
    wait "${pids[$i]}" || status=$?
    i=$((i + 1))
    if [ $status -eq 4 ] && [ "$target" != coordinator ] && [ "$named" = no ]; then
      echo "test.sh: platform $target is left out: its toolchain is not here (see above)" >&2
    elif [ $status -ne 0 ]; then
      echo "test.sh: $target could not be built (see above)" >&2
      failed=1
    fi
  done
  rm -f "$logs"/*.$$
  return $failed
}

if ! command -v go >/dev/null 2>&1; then
  echo "test.sh: Go is missing, and everything here is built with it; install Go $(sed -n 's/^go //p' "$root/go.mod") or later: https://go.dev/dl" >&2
  exit 3
fi

words=("$@")
command=run
case ${1:-} in
  run | list | steps | doctor | clean | help) command=$1; words=("${@:2}") ;;
  --help | -h) command=help; words=(run) ;;
  --version) build coordinator || exit 3; exec "$bin/parley" --version ;;
esac

only_build=no
named=no
wanted=()
for word in "${words[@]}"; do
  case $word in
    --build) only_build=yes; continue ;;
    -*) continue ;;
  esac
  found=$(platforms_in "$word")
  [ -n "$found" ] && mapfile -t -O "${#wanted[@]}" wanted <<<"$found"
done
if [ $only_build = yes ] && [ ${#words[@]} -gt 1 ]; then
  echo "test.sh: --build stands alone: it builds everything and runs nothing" >&2
  exit 2
fi
targets=(coordinator)
case $command in
  list | clean | help) ;;
  *)
    named=yes
    for word in "${wanted[@]}"; do [ "$word" = '*' ] && named=no; done
    [ ${#wanted[@]} -eq 0 ] && named=no
    if [ $named = yes ]; then
      mapfile -t wanted < <(printf '%s\n' "${wanted[@]}" | sort -u)
      targets+=("${wanted[@]}")
    else
      targets+=("${platforms[@]}")
    fi
    ;;
esac

build "${targets[@]}" || exit 3
[ $only_build = yes ] && exit 0
PARLEY_FRONT=$0 exec "$bin/parley" "$command" --config "$config" "${words[@]}"
