"""Settings in, traitlets out: the Hub's configuration is checked as data, and no Hub starts for that."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import pytest
from traitlets.config import Config

from bitgoeul import settings
from bitgoeul.hub import configure, services
from bitgoeul.hub.labs import LocalLabSpawner
from bitgoeul.hub.login import RosterAuthenticator
from bitgoeul.settings import Settings

PORTS = configure.Ports(hub=1001, proxy_api=1002, service=1003)


@pytest.fixture
def academy(root: Path, tmp_path: Path) -> Settings:
    return settings.load(root / "academy.toml", {"BITGOEUL_STATE": str(tmp_path / "state"), "BITGOEUL_PORT": "8123"})


@pytest.fixture
def project(tmp_path: Path) -> Path:
    proxy = tmp_path / "project/node_modules/configurable-http-proxy/bin/configurable-http-proxy"
    proxy.parent.mkdir(parents=True)
    proxy.write_text("#!/usr/bin/env node\n")
    return tmp_path / "project"


@pytest.fixture
def c(academy: Settings, project: Path) -> Config:
    config = Config()
    configure.configure(config, academy, ports=PORTS, project=project)
    return config


def test_the_academy_listens_on_loopback_at_the_settings_port(c: Config) -> None:
    assert c.JupyterHub.bind_url == "http://127.0.0.1:8123/"


@pytest.mark.parametrize(
    ("trait", "address"),
    [
        (lambda c: c.JupyterHub.hub_bind_url, "http://127.0.0.1:1001"),
        (lambda c: c.ConfigurableHTTPProxy.api_url, "http://127.0.0.1:1002"),
        (lambda c: c.JupyterHub.services[0]["url"], "http://127.0.0.1:1003"),
        (lambda c: c.Spawner.ip, "127.0.0.1"),
    ],
)
def test_no_process_of_ours_listens_beyond_loopback(c: Config, trait, address: str) -> None:
    assert trait(c) == address


def test_an_ipv6_loopback_is_written_as_a_url(academy: Settings, project: Path) -> None:
    c = Config()
    hub = academy.hub.model_copy(update={"host": "::1"})
    configure.configure(c, academy.model_copy(update={"hub": hub}), ports=PORTS, project=project)

    assert c.JupyterHub.bind_url == "http://[::1]:8123/"


def test_free_ports_differ() -> None:
    ports = configure.Ports.free()

    assert len({ports.hub, ports.proxy_api, ports.service}) == 3


def test_the_proxy_is_the_real_node_and_dies_with_the_hub(c: Config, project: Path) -> None:
    command = c.ConfigurableHTTPProxy.command

    assert command[:3] == [sys.executable, "-m", "bitgoeul.hub.tether"]
    assert Path(command[3]).name == "node"
    assert command[4] == str(project / "node_modules/configurable-http-proxy/bin/configurable-http-proxy")


def test_everything_the_hub_keeps_lies_in_its_state_folder(c: Config, academy: Settings) -> None:
    kept = academy.state / "hub"

    assert c.JupyterHub.db_url == f"sqlite:///{kept}/jupyterhub.sqlite"
    assert Path(c.JupyterHub.cookie_secret_file).parent == kept
    assert Path(c.ConfigurableHTTPProxy.pid_file).parent == kept


def test_only_the_roster_signs_in_and_operators_are_admins(c: Config) -> None:
    assert c.JupyterHub.authenticator_class is RosterAuthenticator
    assert c.Authenticator.allowed_users == {"minji", "junho", "amelia", "seoyeon", "hyunwoo", "jiho"}
    assert c.Authenticator.admin_users == {"jiho"}
    assert "allow_all" not in c.Authenticator


def test_who_has_left_a_cohort_is_noticed_at_every_start_of_a_lab(c: Config) -> None:
    assert c.Authenticator.refresh_pre_spawn is True
    assert 0 < c.Authenticator.auth_refresh_age <= 60
    assert c.Authenticator.auth_refresh_strict is True


def test_a_cohort_that_is_over_has_no_students_and_keeps_its_staff(academy: Settings, project: Path) -> None:
    over = {name: cohort.model_copy(update={"ends": date(2020, 1, 1)}) for name, cohort in academy.cohorts.items()}
    c = Config()
    configure.configure(c, academy.model_copy(update={"cohorts": over}), ports=PORTS, project=project)

    assert c.JupyterHub.load_groups["nbgrader-machine-learning"] == {"users": []}
    assert c.JupyterHub.load_groups["formgrade-machine-learning"] == {"users": ["seoyeon"]}


def test_groups_are_the_rosters(c: Config) -> None:
    groups = c.JupyterHub.load_groups

    assert groups["formgrade-machine-learning"] == {"users": ["seoyeon"]}
    assert groups["nbgrader-ai-and-data"] == {"users": ["junho", "minji"]}
    assert groups["formgrade-ai-and-data"] == {"users": ["hyunwoo"]}


def test_the_first_page_is_the_portal(c: Config) -> None:
    assert c.JupyterHub.default_url == "/services/bitgoeul/"


def test_the_service_is_started_by_the_hub_and_knows_its_academy(c: Config, academy: Settings) -> None:
    (service,) = c.JupyterHub.services

    assert service["name"] == "bitgoeul"
    assert service["command"][-2:] == ["bitgoeul", "serve"]
    assert service["oauth_no_confirm"] is True
    assert service["environment"]["BITGOEUL_STATE"] == str(academy.state)
    assert service["environment"]["BITGOEUL_SETTINGS"] == str(academy.source)
    assert "admin" not in service


ROLES = {role["name"]: role for role in services.roles()}


def test_the_service_can_read_groups_and_change_nothing() -> None:
    scopes = ROLES["bitgoeul-service"]["scopes"]

    assert ROLES["bitgoeul-service"]["services"] == ["bitgoeul"]
    assert all(scope.startswith("read:") for scope in scopes)
    assert "read:groups" in scopes


def test_a_labs_token_reaches_only_its_own_user_and_the_service() -> None:
    assert set(ROLES["server"]["scopes"]) == {
        "users:activity!user",
        "access:servers!server",
        "read:users:name!user",
        "read:users:groups!user",
        "access:services!service=bitgoeul",
    }


def test_people_reach_their_own_things_and_the_service() -> None:
    assert ROLES["user"]["scopes"] == ["self", "access:services!service=bitgoeul"]


def test_no_role_of_ours_gives_anybody_an_admins_scope() -> None:
    scopes = {scope for role in services.roles() for scope in role["scopes"]}

    assert not {scope for scope in scopes if scope.startswith(("admin", "list:", "users", "groups", "servers"))} - {
        "users:activity!user"
    }


def test_labs_may_be_named_and_failing_ones_do_not_end_the_hub(c: Config) -> None:
    assert c.JupyterHub.spawner_class is LocalLabSpawner
    assert c.JupyterHub.allow_named_servers is True
    assert c.Spawner.consecutive_failure_limit == 0
    assert c.Spawner.http_timeout == 120


def test_sharing_stays_off(c: Config) -> None:
    assert not [scope for role in c.JupyterHub.load_roles for scope in role["scopes"] if "shares" in scope]
    assert "oauth_client_allowed_scopes" not in c.Spawner


def test_every_trait_we_set_exists(c: Config) -> None:
    """A misspelt trait would be dropped in silence: JupyterHub itself only warns."""
    from jupyterhub.app import JupyterHub
    from jupyterhub.proxy import ConfigurableHTTPProxy

    classes = {
        "JupyterHub": JupyterHub,
        "ConfigurableHTTPProxy": ConfigurableHTTPProxy,
        "Spawner": LocalLabSpawner,
        "LocalProcessSpawner": LocalLabSpawner,
        "LocalLabSpawner": LocalLabSpawner,
        "Authenticator": RosterAuthenticator,
        "RosterAuthenticator": RosterAuthenticator,
        "RosterGate": RosterAuthenticator,
    }
    unknown = [
        f"{section}.{trait}"
        for section in c
        for trait in c[section]
        if trait not in classes[section].class_traits(config=True)
    ]

    assert not unknown


def test_the_config_file_is_read_as_jupyterhub_reads_it(root: Path, tmp_path: Path, monkeypatch) -> None:
    from traitlets.config.loader import PyFileConfigLoader

    monkeypatch.setenv("BITGOEUL_SETTINGS", str(root / "academy.toml"))
    monkeypatch.setenv("BITGOEUL_STATE", str(tmp_path))
    c = PyFileConfigLoader("jupyterhub_config.py", path=str(root)).load_config()

    assert c.JupyterHub.default_url == "/services/bitgoeul/"


def test_labs_in_containers_reach_the_hub_and_the_service_at_their_networks_gateway(
    academy: Settings, project: Path
) -> None:
    c = Config()
    hub = academy.hub.model_copy(update={"runtime": "docker"})
    configure.configure(c, academy.model_copy(update={"hub": hub}), ports=PORTS, project=project)

    assert c.JupyterHub.hub_bind_url == "http://172.31.0.1:8081"
    assert c.JupyterHub.services[0]["url"] == "http://172.31.0.1:8082"
    assert c.JupyterHub.spawner_class.__name__ == "AcademyDockerSpawner"
    assert c.AcademyDockerSpawner.remove is False
    assert str(c.AcademyDockerSpawner.client_kwargs["base_url"]).endswith("/hub/docker.sock")
    assert c.AcademyDockerSpawner.place.service_port == 8082
    assert "ip" not in c.Spawner


def test_prometheus_reads_figures_and_nothing_else_once_it_has_a_token(academy: Settings, project: Path) -> None:
    key = academy.state / "keys" / "metrics-token"
    key.parent.mkdir(parents=True)
    key.write_text("of-the-tests\n")
    config = Config()
    configure.configure(config, academy, ports=PORTS, project=project)
    (role,) = [role for role in config.JupyterHub.load_roles if services.METRICS in role.get("services", [])]

    assert {"name": services.METRICS, "api_token": "of-the-tests", "display": False} in config.JupyterHub.services
    assert role["scopes"] == ["read:metrics"]


def test_without_a_token_nobody_reads_figures(c: Config) -> None:
    assert [service["name"] for service in c.JupyterHub.services] == [services.NAME]


def test_children_learn_of_a_database_that_only_the_environment_names(academy: Settings) -> None:
    url = "postgresql+psycopg://bitgoeul@/bitgoeul"
    named = academy.model_copy(update={"academy": academy.academy.model_copy(update={"database": url})})

    assert services.environment(named)["BITGOEUL_DATABASE"] == url
    assert "BITGOEUL_DATABASE" not in services.environment(academy)
