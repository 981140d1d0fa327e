# Two images from this checkout: PostgreSQL 15 of Debian 12 with saas_blog, and the gateway. compose.yaml starts both.
# Their steps are the scripts that the Makefile runs.
#   docker build -t saas_blog . && docker run -e POSTGRES_PASSWORD=... -p 5432:5432 saas_blog
#   docker build -t saas_blog-gateway --target gateway . && docker run -e DATABASE_URL=... -p 8000:8000 saas_blog-gateway

FROM rust:1.95-bookworm AS build
WORKDIR /src
# Before the sources, so that a change of them does not install the tools again.
COPY scripts/lib.sh scripts/setup scripts/
RUN scripts/setup
COPY . .
RUN scripts/package

FROM node:20-bookworm-slim AS build-ui
WORKDIR /src/gateway/ui
COPY gateway/ui/package.json gateway/ui/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY gateway/ui/ ./
RUN npm run build

FROM rust:1.95-bookworm AS build-gateway
WORKDIR /src
COPY . .
COPY --from=build-ui /src/gateway/ui/dist gateway/ui/dist
RUN cargo build --release --locked -p saas-blog-gateway

FROM debian:12-slim AS gateway
# The certificates that may vouch for a database elsewhere.
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build-gateway /src/target/release/saas-blog-gateway /usr/local/bin/
ENV LISTEN=0.0.0.0:8000
USER nobody
EXPOSE 8000
STOPSIGNAL SIGTERM
ENTRYPOINT ["saas-blog-gateway"]

FROM debian:12-slim AS database
RUN apt-get update \
    && apt-get install -y --no-install-recommends postgresql-common \
    && mkdir -p /etc/postgresql-common/createcluster.d \
    && echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.d/saas_blog.conf \
    && apt-get install -y --no-install-recommends postgresql-15 \
    && rm -rf /var/lib/apt/lists/* \
    && install -d -o postgres -g postgres -m 700 /data
COPY --from=build /src/target/package/ /
COPY scripts/docker-entrypoint /usr/local/bin/
ENV PATH=/usr/lib/postgresql/15/bin:$PATH PGDATA=/data/pgdata
USER postgres
VOLUME /data
EXPOSE 5432
STOPSIGNAL SIGINT
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD ["pg_isready", "-q", "-h", "127.0.0.1"]
ENTRYPOINT ["docker-entrypoint"]
CMD ["postgres"]
