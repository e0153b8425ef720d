# The bot on its bundle: `docker build -t vpp-sync .`; docs/set-up.md says how it is run. Any image of Debian with this Node will do as NODE_IMAGE.
ARG NODE_IMAGE=node:24.21.0-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
# Fetches the pinned Node, and lets the bundle answer a rehearsal tenant once, on loopback, before it counts as built.
RUN npm run build

FROM ${NODE_IMAGE}
# Node handles SIGTERM itself as process 1; the database's folder is the one place that is written to.
RUN mkdir -m 700 /data && chown 1000:1000 /data
WORKDIR /app
COPY --from=build /build/LICENSE /build/package.json ./
COPY --from=build /build/dist ./dist
ENV NODE_ENV=production PORT=3978 DATABASE_URL=sqlite:/data/vpp-sync.db
USER 1000:1000
VOLUME /data
EXPOSE 3978
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--max-semi-space-size=16", "dist/main.js"]
