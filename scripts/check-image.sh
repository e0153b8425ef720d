#!/usr/bin/env bash
# Builds the image with docker or buildah, whichever is there, and runs it as its user on a read-only root until /healthz answers.
# NODE_IMAGE names another base than the Dockerfile's, and IMAGE the name that the image gets.
set -euo pipefail
cd "$(dirname "$0")/.."
image=${IMAGE:-vpp-sync:check}
port=39780
bases=()
[ -z "${NODE_IMAGE:-}" ] || bases=(--build-arg "NODE_IMAGE=$NODE_IMAGE")

# A complete configuration of nobody's bot: enough to start and listen, and no more.
nobody=00000000-0000-4000-8000-000000000001
settings=(
  "PORT=$port" PUBLIC_URL=https://vpp-sync.example DATABASE_URL=sqlite:/data/vpp-sync.db MONITOR=off NODE_ENV=production
  "BOT_ID=$nobody" BOT_TYPE=SingleTenant BOT_PASSWORD=example "BOT_TENANT_ID=$nobody"
  AAD_APP_CLIENT_ID=00000000-0000-4000-8000-000000000002 AAD_APP_CLIENT_SECRET=example "ALLOWED_TENANTS=$nobody"
)

if docker version >/dev/null 2>&1; then
  docker build "${bases[@]}" --tag "$image" .
  container=$(docker run --detach --read-only --cap-drop ALL --tmpfs /data:uid=1000,gid=1000 --publish "127.0.0.1:$port:$port" \
    "${settings[@]/#/--env=}" "$image")
  trap 'docker logs "$container"; docker rm --force "$container" >/dev/null' EXIT
  user=$(docker inspect --format '{{.Config.User}}' "$image")
elif command -v buildah >/dev/null 2>&1; then
  buildah build --format docker --isolation chroot "${bases[@]}" --tag "$image" .
  container=$(buildah from --pull=never "$image")
  root=$(buildah mount "$container")
  user=$(buildah inspect --format '{{.OCIv1.Config.User}}' "$image")
  mapfile -t command < <(buildah inspect --format '{{range .OCIv1.Config.Cmd}}{{println .}}{{end}}' "$image" | sed '/^$/d')
  log=$(mktemp)
  # Mounts of a namespace of its own end with it.
  # shellcheck disable=SC2016 # The inner shell expands.
  unshare --mount --pid --fork --kill-child bash -c '
    mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && mount -t tmpfs -o uid=1000,gid=1000 tmpfs "$0/data"
    mount -t proc proc "$0/proc"
    exec env -i PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin "${@:3}" chroot --userspec="$1" "$0" sh -c "cd /app && exec $2"' \
    "$root" "$user" "${command[*]}" "${settings[@]}" >"$log" 2>&1 &
  bot=$!
  trap 'kill "$bot" 2>/dev/null || true; cat "$log"; buildah rm "$container" >/dev/null' EXIT
else
  echo 'not checked: the image (docker and buildah are absent)'
  exit 0
fi

[ "${user%%:*}" -gt 0 ] || { echo "FAILED: the image's user is \"$user\""; exit 1; }
for _ in $(seq 1 60); do
  if curl --silent --fail --max-time 2 "http://127.0.0.1:$port/healthz" >/dev/null; then
    echo "good: $image answers /healthz as user $user on a read-only root"
    exit 0
  fi
  sleep 0.5
done
echo 'FAILED: /healthz did not answer within 30 s'
exit 1
