"""Say as JSON what the roles need of academy.toml, for one server or a swarm; end with a sentence where it would not do."""

import json
import sys
from pathlib import Path

from bitgoeul.errors import SettingsError
from bitgoeul.settings import load

try:
    found = load(Path(sys.argv[1]))
except SettingsError as error:
    sys.exit(f"{error.text.ko}\n{error.text.en}")
runtime, address = sys.argv[2:]
wanted = {
    f'hub.runtime = "{runtime}"': found.hub.runtime == runtime,
    'hub.public_url = "https://..."': bool(found.hub.public_url),
    'hub.trusted_proxies = ["127.0.0.1"]': "127.0.0.1" in found.hub.trusted_proxies,
    "hub.keep_labs = true": found.hub.keep_labs,
    'docker.proxy = "/run/bitgoeul/docker.sock"': found.docker.proxy == "/run/bitgoeul/docker.sock",
}
if runtime == "swarm":
    wanted[f'swarm.advertise = "{address}"'] = found.swarm.advertise == address
if missing := [line for line, there in wanted.items() if not there]:
    sys.exit("서버의 academy.toml에는 다음이 있어야 합니다 / academy.toml of a server needs:\n" + "\n".join(missing))
images = sorted({found.docker.image, *(cohort.image for cohort in found.cohorts.values() if cohort.image)})
print(json.dumps({"public_url": found.hub.public_url.rstrip("/"), "port": found.hub.port, "images": images}))
