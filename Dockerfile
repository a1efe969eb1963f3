# Builds the image of ftd_exporter: static binaries and an empty directory for
# its state, owned by an unprivileged user.
#
#     docker build -t ftd_exporter --build-arg VERSION="$(git describe --tags --always)" \
#         --build-arg REVISION="$(git rev-parse HEAD)" --build-arg CREATED="$(date -u +%FT%TZ)" .

# Go cross-compiles, so this stage runs on the platform of the builder.
FROM --platform=$BUILDPLATFORM golang:1.26.8 AS build
WORKDIR /src
COPY . .
# The values in --version, because the build context does not include .git.
ARG VERSION=unknown REVISION=unknown BRANCH=unknown BUILD_DATE=unknown
ARG TARGETOS TARGETARCH TARGETVARIANT
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    GOFLAGS=-buildvcs=false GOOS=$TARGETOS GOARCH=$TARGETARCH GOARM=${TARGETVARIANT#v} \
    make build VERSION="$VERSION" REVISION="$REVISION" BRANCH="$BRANCH" BUILD_DATE="$BUILD_DATE" \
    && mkdir -p image data \
    && mv ftd_exporter ftd_exporter_blocks LICENSE NOTICE packaging/THIRD_PARTY_NOTICES image/

# The binaries do not need a shell, libraries or certificates.
FROM scratch
# CREATED is the build time of the image in RFC 3339 format.
ARG VERSION=unknown REVISION=unknown CREATED=1970-01-01T00:00:00Z
LABEL org.opencontainers.image.title="ftd_exporter" \
      org.opencontainers.image.description="Prometheus exporter for the hardware health and capacity of Cisco FTD and ASA firewalls, by syslog" \
      org.opencontainers.image.source="https://github.com/ftd-exporter/ftd_exporter" \
      org.opencontainers.image.documentation="https://github.com/ftd-exporter/ftd_exporter/blob/main/README.md" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.created="$CREATED"
COPY --from=build /src/image/ /
# A new volume at /data gets the owner of this directory.
COPY --from=build --chown=65532:65532 /src/data/ /data/
# Numeric, because there is no /etc/passwd, and Kubernetes must be able to check
# that it is not root.
USER 65532:65532
# The default of --storage.path is data/. The exporter writes only there, so the
# rest of the file system may be read-only.
WORKDIR /
VOLUME /data
# Metrics and status page; syslog by UDP, TCP and, if configured, TLS.
EXPOSE 10061/tcp 5514/udp 5514/tcp 6514/tcp
# No HEALTHCHECK, because the image does not have a shell or an HTTP client.
# Container platforms can query /-/healthy and /-/ready on port 10061.
ENTRYPOINT ["/ftd_exporter"]
