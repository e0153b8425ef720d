#!/usr/bin/env bash
# Checks what deploys the bot with the tools that belong to it. A tool that is absent is named and passed over; what a tool refuses fails.
# shellcheck disable=SC2317 # Functions are called by name.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
failed=0

check() {
  local tool=$1 what=$2
  shift 2
  if ! command -v "$tool" >/dev/null 2>&1; then
    echo "not checked: $what ($tool is absent)"
  elif "$@"; then
    echo "good: $what"
  else
    echo "FAILED: $what"
    failed=1
  fi
}

# Compose insists on its .env, which only the operator has.
compose_file() (
  compose='docker-compose'
  docker compose version >/dev/null 2>&1 && compose='docker compose'
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
  cp compose.yaml "$folder"
  sed '/^#/d; /^$/d' env/.env.example >"$folder/.env"
  echo 'POSTGRES_PASSWORD=example' >>"$folder/.env"
  cd "$folder" && $compose config --quiet
)

# Node's own place is the operator's; the rest of the unit is what is checked.
unit() (
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
  sed 's|^ExecStart=/usr/bin/node|ExecStart=/bin/true|' deploy/vpp-sync.service >"$folder/vpp-sync.service"
  found=$(systemd-analyze verify "$folder/vpp-sync.service" 2>&1 | grep "$folder\|vpp-sync" || true)
  [ -z "$found" ] || { echo "$found"; false; }
)

check "$(docker compose version >/dev/null 2>&1 && echo docker || echo docker-compose)" 'compose.yaml' compose_file
check systemd-analyze 'deploy/vpp-sync.service' unit
check promtool 'deploy/alerts.yml' node scripts/run.mjs check:alerts
check shellcheck 'shell scripts' shellcheck .ci/run scripts/*.sh
check yamllint 'YAML' yamllint --strict -d '{extends: relaxed, rules: {line-length: {max: 140}}}' compose.yaml .github deploy/*.yml
check promtool 'deploy/alerts.yml' npm run --silent check:alerts
check az 'infra/azure.bicep' az bicep lint --file infra/azure.bicep
exit "$failed"
