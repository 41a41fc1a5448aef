"""nbgrader's configuration in a student lab; the thinking lives in bitgoeul.lab.config."""

import os

from bitgoeul.lab.config import configure_student

configure_student(get_config(), os.environ)  # type: ignore[name-defined]  # noqa: F821  # traitlets gives get_config
