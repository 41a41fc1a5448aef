"""What this academy's Hub is made of; `bitgoeul up` starts it. The thinking lives in bitgoeul/hub/, the choices in academy.toml.

network   configure.py   loopback only; the proxy and its Node: node.py
people    login.py       one gate: throttle.py, the roster, its days (bitgoeul/people/); groups.py follows them
sign-in   providers.py   GitHub, Google, OpenID, Kakao, Naver by one line; security.py keeps browsers apart
service   services.py    `bitgoeul serve`, and what each token may do
labs      labs.py        one process a user; etc/ holds what JupyterLab reads
pages     templates/     Korean and English: language.py
"""

from bitgoeul import settings
from bitgoeul.hub.configure import configure

c = get_config()  # noqa: F821  JupyterHub gives it to this file

configure(c, settings.load())
