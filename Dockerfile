# The bundle is built with the toolchain that package-lock.json pins, and is all that the image holds beside Node.
FROM node:24-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm run build

FROM node:24-bookworm-slim
LABEL org.opencontainers.image.title="regguard" \
      org.opencontainers.image.description="Proves that a pushed image can be pulled, and says what is wrong when it can't." \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /build/dist/ /usr/local/lib/regguard/
RUN ln -s /usr/local/lib/regguard/regguard-plugin.mjs /usr/local/bin/regguard-plugin
# The allocator keeps a heap for each thread otherwise: 8 MB that nothing needs (docs/decisions/0004-memory.md).
ENV MALLOC_ARENA_MAX=1
USER 65532:65532
ENTRYPOINT ["/usr/local/bin/regguard-plugin"]
