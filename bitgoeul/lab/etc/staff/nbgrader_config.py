"""nbgrader's configuration in a staff lab; the thinking lives in bitgoeul.lab.config."""

import os

from bitgoeul.lab.config import configure_staff

configure_staff(get_config(), os.environ)  # type: ignore[name-defined]  # noqa: F821  # traitlets gives get_config
