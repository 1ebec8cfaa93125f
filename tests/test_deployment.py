"""What can be said of the containers without running them: confinement, order, locked parts."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.settings import Settings

PROJECT = Path(__file__).parent.parent
COMPOSE = yaml.safe_load((PROJECT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (PROJECT / "Dockerfile").read_text(encoding="utf-8")
OURS = ("app", "worker", "migrate")
LASTING = ("app", "database", "worker")


@pytest.mark.parametrize("name", SERVICES)
def test_a_container_may_do_nothing_it_does_not_need(name: str):
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not {"cap_add", "privileged", "network_mode", "pid", "devices"} & set(service)
    user, group = service["user"].split(":")
    assert int(user) > 0
    assert int(group) > 0


@pytest.mark.parametrize("name", SERVICES)
def test_a_container_can_write_only_to_memory_and_to_named_volumes(name: str):
    service = SERVICES[name]
    assert any(mount.startswith("/tmp:") for mount in service["tmpfs"])
    for volume in service.get("volumes", []):
        source, _, _ = volume.partition(":")
        assert source in COMPOSE["volumes"]


@pytest.mark.parametrize("name", LASTING)
def test_a_lasting_service_is_watched_and_started_again(name: str):
    service = SERVICES[name]
    assert service["restart"] == "unless-stopped"
    assert service["healthcheck"]["test"][0] == "CMD"
    assert {"interval", "timeout", "retries"} <= set(service["healthcheck"])


@pytest.mark.parametrize("name", ["app", "worker"])
def test_work_begins_when_the_database_is_there_and_migrated(name: str):
    conditions = {
        key: value["condition"] for key, value in SERVICES[name]["depends_on"].items()
    }
    assert conditions == {
        "database": "service_healthy",
        "migrate": "service_completed_successfully",
    }


def test_only_the_web_process_is_reachable_and_only_from_this_host():
    published = {
        name: service["ports"] for name, service in SERVICES.items() if "ports" in service
    }
    assert published == {"app": ["127.0.0.1:8000:8000"]}
    assert COMPOSE["networks"]["storage"]["internal"] is True
    assert all("storage" in service["networks"] for service in SERVICES.values())


def test_no_password_has_a_value_in_the_file():
    for service in SERVICES.values():
        for key, value in service["environment"].items():
            if re.search("PASSWORD|KEY|URL", key):
                assert value.count("${MINXIN_") == 1


def test_every_variable_a_container_is_given_is_a_setting():
    known = {f"MINXIN_{name.upper()}" for name in Settings.model_fields}
    given = {
        key for name in ("app", "worker", "migrate") for key in SERVICES[name]["environment"]
    }
    assert given <= known


def test_the_commands_exist():
    from typer.main import get_command

    from app.cli.main import application

    commands = set(get_command(application).commands)  # type: ignore[attr-defined]
    used = {SERVICES[name]["command"][0] for name in OURS}
    assert used | {SERVICES["worker"]["healthcheck"]["test"][2]} <= commands


def test_the_image_has_locked_libraries_and_an_ordinary_user():
    assert "--require-hashes --only-binary :all: -r requirements.txt" in DOCKERFILE
    assert not re.search(r"apt-get|\bgcc\b|build-essential", DOCKERFILE)
    last_stage = DOCKERFILE.rpartition("\nFROM ")[2]
    user = re.search(r"^USER (\S+)$", last_stage, re.MULTILINE)
    assert user is not None
    assert user[1] == SERVICES["app"]["user"] == SERVICES["worker"]["user"]
    assert "pip install" not in last_stage


def test_everything_the_image_copies_is_let_in():
    ignore = (PROJECT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    admitted = {line[1:].rstrip("/") for line in ignore if line.startswith("!")}
    copied = {
        source
        for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE)
        for source in line.split()[:-1]
    }
    assert copied == admitted
    assert all((PROJECT / path).exists() for path in copied)
