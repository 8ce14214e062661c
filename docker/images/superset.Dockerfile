# Superset with the drivers of Presto, Trino and Hive: the pins of tools/servers, which the tests run on.
# Debian's own Python 3.11.2 wants packages that the pins, made on a later one, do not have.
ARG PYTHON_IMAGE=python:3.11.16-slim-bookworm

FROM ${PYTHON_IMAGE} AS superset
RUN groupadd --gid 10001 millrace \
 && useradd --uid 10001 --gid millrace --home-dir /var/lib/superset --shell /usr/sbin/nologin millrace \
 && install -d -o millrace -g millrace /var/lib/superset
COPY tools/servers/src/superset/requirements.lock /opt/superset/
# Four packages are there as sources of pure Python only.
RUN python3 -m venv /opt/superset \
 && /opt/superset/bin/pip install --quiet --no-cache-dir --no-deps --only-binary :all: --no-binary odfpy,pure-sasl,PyHive,WTForms-JSON -r /opt/superset/requirements.lock
ENV PATH=/opt/superset/bin:$PATH
WORKDIR /var/lib/superset
USER 10001:10001
