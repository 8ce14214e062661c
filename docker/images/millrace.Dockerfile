# The layers, the simulator and the command (target `layers`), and Airflow with them, whose tasks call the command (target `airflow`).
ARG NODE_IMAGE=node:22.23.2-bookworm-slim
# Debian's own Python 3.11.2 wants packages that the pins, made on a later one, do not have.
ARG PYTHON_IMAGE=python:3.11.16-slim-bookworm

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY . .
# Built with everything, then left with what runs.
RUN npm ci --ignore-scripts --no-audit --no-fund \
 && npx turbo run build --filter=millrace \
 && rm -rf node_modules packages/*/node_modules examples/*/node_modules \
 && npm ci --ignore-scripts --no-audit --no-fund --omit=dev -w packages/millrace -w examples/music-events \
 && rm -rf /root/.npm .turbo packages/*/.turbo packages/*/src packages/serving-layer/page

FROM ${NODE_IMAGE} AS layers
ENV NODE_ENV=production
RUN groupadd --gid 10001 millrace \
 && useradd --uid 10001 --gid millrace --home-dir /var/lib/millrace --shell /usr/sbin/nologin millrace \
 && install -d -o millrace -g millrace /var/lib/millrace
COPY --from=build /app /app
ENV PATH=/app/node_modules/.bin:$PATH
WORKDIR /app/examples/music-events
USER 10001:10001

FROM ${PYTHON_IMAGE} AS airflow
RUN groupadd --gid 10001 millrace \
 && useradd --uid 10001 --gid millrace --home-dir /var/lib/airflow --shell /usr/sbin/nologin millrace \
 && install -d -o millrace -g millrace /var/lib/airflow
COPY tools/servers/src/airflow/requirements.lock /opt/airflow/
RUN python3 -m venv /opt/airflow \
 && /opt/airflow/bin/pip install --quiet --no-cache-dir --no-deps --only-binary :all: -r /opt/airflow/requirements.lock
COPY tools/servers/src/airflow/airflow_local_settings.py /opt/airflow/lib/python3.11/site-packages/
COPY --from=layers /usr/local/bin/node /usr/local/bin/node
COPY --from=layers /app /app
ENV PATH=/opt/airflow/bin:/app/node_modules/.bin:$PATH NODE_ENV=production
WORKDIR /var/lib/airflow
USER 10001:10001
