# Two stages: everything that ships is gathered in the first, and nothing else reaches the second. No "# syntax" line and no
# cache mounts, so that the classic builder and BuildKit both build it. docs/releasing.md: the digest of the base, sizes, releases.
ARG BASE_DIGEST=""
FROM node:24.21.0-bookworm-slim${BASE_DIGEST} AS build
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
    binutils ca-certificates iproute2 iptables iputils-ping nftables socat
WORKDIR /build
COPY package.json package-lock.json ./
# Scripts of dependencies fetch what only tests need.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
# Every file in the image carries this time: without it two builds would differ in nothing else.
ARG SOURCE_DATE_EPOCH=1767225600
# Where the pages of findings are on the web; the default of the setting docs_url.
ARG DOCS_URL=""
RUN npm run build && node scripts/image-root.ts /image "${SOURCE_DATE_EPOCH}"

FROM scratch
# What changes rarely first, so that a release costs its users the second layer alone.
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
# MALLOC_ARENA_MAX: the allocator keeps a heap for each thread otherwise, 8 MB that nothing needs (docs/decisions/0004-memory.md).
ENV PATH=/usr/local/bin:/usr/sbin:/usr/bin \
    MALLOC_ARENA_MAX=1
USER 65532:65532
ENTRYPOINT ["/usr/local/bin/node", "/usr/local/lib/regguard/regguard-plugin.mjs"]
