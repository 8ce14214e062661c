# Superset with the drivers of Presto, Trino and Hive: the pins of tools/servers, which the tests run on.
ARG DEBIAN_IMAGE=debian:bookworm-20260803-slim

FROM ${DEBIAN_IMAGE} AS superset
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates python3 python3-venv \
 && rm -rf /var/lib/apt/lists/* \
 && groupadd --gid 10001 millrace \
 && useradd --uid 10001 --gid millrace --home-dir /var/lib/superset --shell /usr/sbin/nologin millrace \
 && install -d -o millrace -g millrace /var/lib/superset
COPY tools/servers/src/superset/requirements.lock /opt/superset/
# Four packages are there as sources of pure Python only.
RUN python3 -m venv /opt/superset \
 && /opt/superset/bin/pip install --quiet --no-cache-dir --no-deps --only-binary :all: --no-binary odfpy,pure-sasl,PyHive,WTForms-JSON -r /opt/superset/requirements.lock
ENV PATH=/opt/superset/bin:$PATH
WORKDIR /var/lib/superset
USER 10001:10001
