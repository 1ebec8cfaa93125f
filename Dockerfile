# One image for the web process and the worker: locked libraries, no compiler, no root.
#
# Written against the reference; it was not built where it was written, for want of a Docker
# engine. tests/test_deployment.py checks what can be checked without one.

FROM python:3.12-slim AS build
WORKDIR /srv/minxin
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/minxin
COPY requirements.txt ./
RUN /opt/minxin/bin/pip install --require-hashes --only-binary :all: -r requirements.txt
COPY pyproject.toml README.md LICENSE ./
COPY app app
RUN /opt/minxin/bin/pip install --no-index --no-deps --no-build-isolation -e . \
    && /opt/minxin/bin/python -m compileall -q app

FROM python:3.12-slim
RUN useradd --system --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin minxin
# A new volume takes over the owner of the folder that it is laid upon.
RUN install --directory --owner=10001 --group=10001 --mode=700 /var/lib/minxin/segments
WORKDIR /srv/minxin
COPY --from=build /opt/minxin /opt/minxin
COPY --from=build /srv/minxin /srv/minxin
COPY migrations migrations
COPY templates templates
COPY survey_defs survey_defs
ENV PATH=/opt/minxin/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER 10001:10001
EXPOSE 8000
ENTRYPOINT ["minxin"]
CMD ["serve", "--host", "0.0.0.0"]
