# PostgreSQL 15 of Debian 12 with saas_blog. Its steps are the scripts that `make demo` runs.
#   docker build -t saas_blog . && docker run -e POSTGRES_PASSWORD=... -p 5432:5432 saas_blog

FROM rust:1.95-bookworm AS build
WORKDIR /src
# Before the sources, so that a change of them does not install the tools again.
COPY scripts/lib.sh scripts/setup scripts/
RUN scripts/setup
COPY . .
RUN scripts/package

FROM debian:12-slim
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
