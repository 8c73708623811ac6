# Two stages: the first collects everything that ships, the second contains nothing else. No "# syntax" line and no cache
# mounts, so that both the classic builder and BuildKit can build it. docs/releasing.md: the digest of the base, sizes, releases.
ARG BASE_DIGEST=""
FROM node:24.21.0-bookworm-slim${BASE_DIGEST} AS build
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
    binutils ca-certificates iproute2 iptables iputils-ping nftables socat
WORKDIR /build
COPY package.json package-lock.json ./
# Install scripts of dependencies download what only tests need.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
# The modification time of every file in the image: the only difference between two builds otherwise.
ARG SOURCE_DATE_EPOCH=1767225600
# Where the pages of findings are on the web; the default of the setting docs_url.
ARG DOCS_URL=""
RUN npm run build && node scripts/image-root.ts /image "${SOURCE_DATE_EPOCH}"

FROM scratch
# The layer that rarely changes comes first, so that users download only the second one for a release.
COPY --from=build /image/system/ /
COPY --from=build /image/plugin/ /
ARG VERSION=0.2.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="regguard" \
      org.opencontainers.image.description="Proves that a pushed image can be pulled, and says what is wrong when it can't." \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.base.name="scratch"
# MALLOC_ARENA_MAX: without it the allocator keeps a heap per thread, 8 MB that nothing uses (docs/decisions/0004-memory.md).
ENV PATH=/usr/local/bin:/usr/sbin:/usr/bin \
    MALLOC_ARENA_MAX=1
USER 65532:65532
# The snapshot is of the program once it is loaded (docs/decisions/0035-startup-snapshot.md); the file after it is the same program.
ENTRYPOINT ["/usr/local/bin/node", "--snapshot-blob", "/usr/local/lib/regguard/regguard-plugin.snapshot", "/usr/local/lib/regguard/regguard-plugin.mjs"]
