# check=skip=RedundantTargetPlatform

# One file on a Node.js without a shell. docs/install.md has the commands; any base with Node.js 24.12 or newer in the same places will do.
# These are named by tags, which move on with the fixes of what is in them: a build of today has those of today. To build the same image
# again, name both by digest, as docs/install.md says.
ARG BUILD_BASE=docker.io/library/node:24-slim
ARG FINAL_BASE=gcr.io/distroless/nodejs24-debian13:latest

# On the builder's own architecture: the bundle is the same for all.
FROM --platform=$BUILDPLATFORM $BUILD_BASE AS build
WORKDIR /build
COPY .npmrc package.json package-lock.json ./
# The scripts of packages are not run: none is needed.
RUN npm ci --ignore-scripts
COPY tsconfig.json ./
COPY scripts scripts
COPY src src
# BuildKit sets it from the variable of that name.
ARG SOURCE_DATE_EPOCH=0
RUN npm run build && chmod 0555 dist/podgauge.mjs && touch -d "@$SOURCE_DATE_EPOCH" dist/podgauge.mjs

# Nothing is run from here on, so that every architecture is built without emulation.
# Older buildahs take the build stage's platform here, unless told.
FROM --platform=$TARGETPLATFORM $FINAL_BASE
# VERSION, ENV and ENTRYPOINT are written by `npm run fix`: what the shebang of the bundle says, which needs /usr/bin/env.
ARG VERSION=0.1.0
ARG REVISION=
LABEL org.opencontainers.image.title="podgauge" \
      org.opencontainers.image.description="A per-node Kubernetes agent that writes what every pod and container costs and suffers to InfluxDB" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION"
COPY --from=build /build/dist/podgauge.mjs /podgauge.mjs
# A uid of its own: processes of one uid may read each other's secrets.
USER 19610:19610
ENV MALLOC_ARENA_MAX=1 MALLOC_TRIM_THRESHOLD_=65536 MALLOC_MMAP_THRESHOLD_=32768
ENTRYPOINT ["/nodejs/bin/node", "--max-semi-space-size=1", "--max-old-space-size=96", "--heap-growing-percent=10", "--optimize-for-size", "--no-sparkplug", "--no-maglev", "--v8-pool-size=1", "--disable-sigusr1", "/podgauge.mjs"]
