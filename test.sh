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
[ -n "${BASH_VERSION:-}" ] || exec bash "$0" "$@"
set -euo pipefail

self=${BASH_SOURCE[0]}
[ ! -L "$self" ] || self=$(readlink -f "$self")
root=$(cd "${self%/*}/" 2>/dev/null && pwd) || root=$PWD # `bash test.sh` names no folder
bin=$root/build/bin

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
  local stamp=$root/build/.fresh-$1 product=$bin/parley-servant-$1
  [ "$1" != coordinator ] || product=$bin/parley
  # shellcheck disable=SC2046 # a list of paths without blanks
  [ -e "$stamp" ] && [ -x "$product" ] &&
    [ -z "$(cd "$root" && find $(sources_of "$1") -newer "$stamp" -print -quit 2>&1)" ]
}

is_platform() {
  local known
  for known in "${platforms[@]}"; do [ "$1" = "$known" ] && return 0; done
  return 1
}

# platforms_in WORD: into found, the platforms that a cast names, "*" for any;
# none when the word is no cast.
platforms_in() {
  local part parts all=()
  found=()
  case $1 in
    all) found=('*'); return ;;
    *=*) IFS=, read -ra parts <<<"$1"; parts=("${parts[@]#*=}") ;;
    *) IFS=_ read -ra parts <<<"$1" ;;
  esac
  for part in "${parts[@]}"; do
    if [ "$part" = '*' ] || is_platform "$part"; then all+=("$part"); else return 0; fi
  done
  found=("${all[@]}")
}

# prepare TARGET, in a subshell: toolchain, then build. 4: the toolchain cannot be
# had here.
prepare() {
  # Jobs in the background ignore an interrupt otherwise, and so does all they start.
  trap - INT QUIT
  local setup=$root/scripts/setup-${1/#coordinator/go}.sh
  # Once built, these need no toolchain.
  case $1 in coordinator | go | cpp) ! fresh "$1" || return 0 ;; esac
  if [ -x "$setup" ]; then
    "$setup" || return 4
  fi
  fresh "$1" && return 0
  # Of several test.sh at once one builds, and the others wait for it.
  exec 9>"$root/build/.lock-$1"
  ! command -v flock >/dev/null 2>&1 || flock 9
  fresh "$1" && return 0
  new=$root/build/.fresh-$1.new.$$
  trap 'rm -f "$new"' EXIT
  : >"$new"
  "$root/scripts/build-$1.sh" 9>&- || return 1
  mv "$new" "$root/build/.fresh-$1"
}

# build TARGET...: prepares all at once.
build() {
  local target i=0 failed=0 status pids=()
  mkdir -p "$bin"
  for target in "$@"; do
    prepare "$target" >&2 </dev/null &
    pids+=($!)
  done
  for target in "$@"; do
    status=0
    wait "${pids[$i]}" || status=$?
    i=$((i + 1))
    if [ $status -eq 4 ] && [ "$target" != coordinator ] && [ "$named" = no ]; then
      # What is left of it from before would only fail to start.
      rm -f "$bin/parley-servant-$target" "$root/build/.fresh-$target"
      echo "test.sh: platform $target is left out: its toolchain is not here (see above)" >&2
    elif [ $status -ne 0 ]; then
      echo "test.sh: $target could not be built (see above)" >&2
      failed=1
    fi
  done
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
  --version) command= ;;
esac

only_build=no
help=no
wanted=()
value=no # whether the next word is the value of a flag
for word in "${words[@]}"; do
  if [ $value = yes ]; then
    value=no
    continue
  fi
  case $word in
    --build) only_build=yes ;;
    --help | -h) help=yes ;;
    -c | --config | --tags | -j | --jobs | --repeat | --shuffle | --set | --attach | --step-timeout | --isolation | --out | --metrics | --format) value=yes ;;
    -*) ;; # of `--snippets go` the word go counts: that platform is asked
    *)
      platforms_in "$word"
      wanted+=("${found[@]}")
      ;;
  esac
done
if [ $only_build = yes ] && [ $# -gt 1 ]; then
  echo "test.sh: --build stands alone: it builds everything and runs nothing" >&2
  exit 2
fi

named=no # whether the words name the platforms to build
targets=(coordinator)
case $help-$command in
  yes-* | *-list | *-clean | *-help | *-) ;;
  *)
    [ ${#wanted[@]} -eq 0 ] || named=yes
    for word in "${wanted[@]}"; do [ "$word" != '*' ] || named=no; done
    if [ $named = yes ]; then
      for name in "${platforms[@]}"; do
        for word in "${wanted[@]}"; do [ "$word" != "$name" ] || { targets+=("$name"); break; }; done
      done
    else
      targets+=("${platforms[@]}")
    fi
    ;;
esac

build "${targets[@]}" || exit 3
[ $only_build = no ] || exit 0
front=$0
[[ $front == */* ]] || front=./$front
export PARLEY_FRONT=$front PARLEY_CONFIG=$root/parley.yaml
exec "$bin/parley" ${command:+"$command"} "${words[@]}"
