"""The Hub beyond this machine, as data: origins, cookies, headers, the provider and its secret."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from jupyterhub.app import JupyterHub
from traitlets.config import Config

from bitgoeul.errors import SettingsError
from bitgoeul.hub import configure, running, security
from bitgoeul.hub.providers import PRESETS
from bitgoeul.providers import SECRET, Login
from bitgoeul.settings import Hub, Settings, load

PORTS = configure.Ports(hub=1001, proxy_api=1002, service=1003)
PUBLIC = "https://hub.example.kr"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    proxy = tmp_path / "project/node_modules/configurable-http-proxy/bin/configurable-http-proxy"
    proxy.parent.mkdir(parents=True)
    proxy.touch()
    return tmp_path / "project"


def academy(folder: Path, provider: str = "github", **hub: Any) -> Settings:
    issuer = {"issuer": "https://id.example.kr"} if provider == "oidc" else {}
    found = Settings.model_validate(
        {"academy": {"state": folder}, "login": {"provider": provider, "client_id": "x", **issuer}}
    )
    return found.model_copy(update={"hub": Hub(**{"public_url": PUBLIC, **hub})})


def configured(settings: Settings, project: Path) -> Config:
    c = Config()
    configure.configure(c, settings, ports=PORTS, project=project, environ={SECRET: "the-secret"})
    return c


def test_beyond_this_machine_everybody_has_an_origin_of_his_own(tmp_path: Path, project: Path) -> None:
    c = configured(academy(tmp_path), project)

    assert c.JupyterHub.subdomain_host == PUBLIC
    assert c.JupyterHub.public_url == f"{PUBLIC}/"
    assert c.JupyterHub.cookie_host_prefix_enabled is True
    assert c.JupyterHub.tornado_settings["headers"]["Strict-Transport-Security"].startswith("max-age=31536000")
    assert c.JupyterHub.cookie_max_age_days == 1


def test_the_portals_address_is_where_jupyterhub_puts_services(tmp_path: Path, project: Path) -> None:
    from jupyterhub.utils import subdomain_hook_idna

    c = configured(academy(tmp_path, public_url="https://hub.example.kr:8443/"), project)
    host = subdomain_hook_idna("bitgoeul", "hub.example.kr", "service")

    assert c.JupyterHub.default_url == f"https://{host}:8443/services/bitgoeul/"


def test_on_this_machine_there_is_one_origin_and_no_cookie_that_needs_https(tmp_path: Path, project: Path) -> None:
    c = configured(academy(tmp_path, public_url=""), project)

    assert not {"subdomain_host", "cookie_host_prefix_enabled", "public_url"} & set(c.JupyterHub)
    assert "Strict-Transport-Security" not in c.JupyterHub.tornado_settings["headers"]
    assert c.JupyterHub.tornado_settings["headers"]["X-Content-Type-Options"] == "nosniff"


def test_the_hubs_own_policy_against_frames_stays(tmp_path: Path, project: Path) -> None:
    headers = configured(academy(tmp_path), project).JupyterHub.tornado_settings["headers"]

    assert "Content-Security-Policy" not in headers


def test_only_the_named_proxies_are_believed(tmp_path: Path, project: Path) -> None:
    c = configured(academy(tmp_path, trusted_proxies=("127.0.0.1",)), project)

    assert c.JupyterHub.trusted_downstream_ips == ["127.0.0.1"]
    assert configured(academy(tmp_path), project).JupyterHub.trusted_downstream_ips == []


def test_sharing_is_off_and_no_role_can_share(tmp_path: Path, project: Path) -> None:
    c = configured(academy(tmp_path), project)

    assert not [scope for role in c.JupyterHub.load_roles for scope in role["scopes"] if "share" in scope]
    assert "oauth_client_allowed_scopes" not in c.Spawner


@pytest.mark.parametrize("provider", PRESETS)
def test_one_line_chooses_the_provider_and_never_lets_everybody_in(
    tmp_path: Path, project: Path, provider: str
) -> None:
    c = configured(academy(tmp_path, provider), project)
    chosen = c.JupyterHub.authenticator_class
    section = c[chosen.__name__]

    assert chosen is PRESETS[provider].authenticator
    assert section.oauth_callback_url == f"{PUBLIC}/hub/oauth_callback"
    assert (section.client_id, section.client_secret, section.enable_pkce) == ("x", "the-secret", True)
    for name in ("Authenticator", "OAuthenticator", "RosterGate", chosen.__name__):
        assert not {"allow_all", "allow_existing_users", "allowed_groups", "allowed_scopes"} & set(c[name])
    unknown = [name for name in section if name not in chosen.class_traits(config=True)]
    unknown += [name for name in c.JupyterHub if name not in JupyterHub.class_traits(config=True)]
    assert not unknown


def test_the_key_of_kept_sessions_is_made_once_and_only_where_claims_decide(tmp_path: Path, project: Path) -> None:
    plain = academy(tmp_path / "a", "oidc")
    claims = academy(tmp_path / "b", "oidc")
    claims = claims.model_copy(update={"login": claims.login.model_copy(update={"groups_claim": "groups"})})
    for settings in (plain, claims, claims):
        running.prepare(settings)
    key = security.crypt_key(claims)

    assert not security.crypt_key(plain).exists()
    assert key.stat().st_mode & 0o777 == 0o600
    assert configured(claims, project).CryptKeeper["keys"] == [bytes.fromhex(key.read_text())]
    assert configured(claims, project).Oidc.enable_auth_state is True


@pytest.mark.parametrize(
    ("mode", "text", "fault"), [(0o644, "s", "chmod 600"), (0o600, "", "empty"), (0o600, None, "No such file")]
)
def test_a_secret_that_others_can_read_is_not_used(
    tmp_path: Path, project: Path, mode: int, text: str | None, fault: str
) -> None:
    settings = academy(tmp_path)
    path = tmp_path / "keys/login-secret"
    path.parent.mkdir()
    if text is not None:
        path.write_text(text)
        path.chmod(mode)
    with pytest.raises(SettingsError, match=fault) as told:
        configure.configure(Config(), settings, ports=PORTS, project=project, environ={})

    assert str(path) in told.value.faults[0]


def test_a_secret_of_its_owner_alone_is_read(tmp_path: Path, project: Path) -> None:
    path = tmp_path / "keys/login-secret"
    path.parent.mkdir()
    path.write_text("from-the-file\n")
    path.chmod(0o600)
    c = Config()
    configure.configure(c, academy(tmp_path), ports=PORTS, project=project, environ={})

    assert c.GitHub.client_secret == "from-the-file"


@pytest.mark.parametrize(
    ("lines", "line", "sentence"),
    [
        ('[login]\nprovider = "github"\nclient_id = "x"\nclient_secret = "oops"', 4, "no secret stands in this file"),
        ('[login]\nprovider = "kakao"', 1, "needs the client id"),
        ('[login]\nprovider = "facebook"', 2, "found 'facebook'"),
        ('[login]\nprovider = "oidc"\nclient_id = "x"\nissuer = "http://id.example.kr"', 4, "https://"),
        ('[login]\nprovider = "oidc"\nclient_id = "x"', 1, "https://"),
        ('[login]\nprovider = "naver"\nclient_id = "x"\ngroups_claim = "groups"', 4, 'provider = "oidc" only'),
        ('[login]\nprovider = "github"\nclient_id = "x"\nhosted_domain = "a.kr"', 4, 'provider = "google" only'),
        ('[hub]\npublic_url = "http://hub.example.kr"', 2, "https"),
        ('[hub]\npublic_url = "https://hub.example.kr/jupyter"', 2, "no path"),
        (
            '[cohorts.one]\ntitle = { ko = "일", en = "One" }\nstarts = 2027-03-02\nends = 2027-03-01',
            4,
            "ends before it starts",
        ),
        ('[hub]\npublic_url = "https://hub.example.kr"', 2, "isolates nobody"),
        ('[cohorts.one]\ntitle = { ko = "일", en = "One" }\nstarts = "soon"', 3, "found 'soon'"),
    ],
)
def test_a_login_that_cannot_be_is_told_with_its_line(tmp_path: Path, lines: str, line: int, sentence: str) -> None:
    path = tmp_path / "academy.toml"
    path.write_text(lines)
    with pytest.raises(SettingsError) as told:
        load(path, {})

    (fault,) = told.value.faults
    assert fault.startswith(f"{path}:{line}: ")
    assert sentence in fault
    assert "oops" not in fault


def test_beyond_this_machine_a_provider_is_needed(tmp_path: Path) -> None:
    from bitgoeul.settings import Lines, _sign_in_faults

    lines = Lines(tmp_path / "academy.toml", "")
    hub = Hub().model_copy(update={"runtime": "docker", "public_url": "https://hub.example.kr"})
    bare = Settings().model_copy(update={"hub": hub})
    ready = academy(tmp_path)
    ready = ready.model_copy(update={"hub": ready.hub.model_copy(update={"runtime": "docker"})})

    assert "a login.provider" in _sign_in_faults(bare, lines)[0]
    assert _sign_in_faults(ready, lines) == []


def test_a_local_academy_signs_in_by_the_roster() -> None:
    assert Login().provider == "roster"
    assert not Login().open
