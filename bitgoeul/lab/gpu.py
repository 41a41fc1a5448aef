"""What a lab that holds a GPU asks now and then: when does it end? Its page warns the person (share/labextensions).

Only labs with a lease load this; the others load nothing more than before.
"""

from __future__ import annotations

import asyncio
import json
import os
from typing import Any

from jupyter_server.base.handlers import APIHandler
from jupyter_server.utils import url_path_join
from tornado import web

from bitgoeul.errors import BitgoeulError
from bitgoeul.lab.client import shared


class GpuHandler(APIHandler):
    """The service's word on this lab's leases, in the lab's language."""

    @web.authenticated
    async def get(self) -> None:
        """Answer with a list; with 503 while the service is away."""
        client = shared(os.environ["BITGOEUL_SERVICE_URL"], os.environ["JUPYTERHUB_API_TOKEN"], 1.0)
        language = os.environ.get("BITGOEUL_LANGUAGE", "ko")
        try:
            leases = await asyncio.to_thread(client.gpus)
        except BitgoeulError as error:
            self.set_status(503)
            self.finish(json.dumps({"message": error.text.pick(language)}))
            return
        self.finish(json.dumps([{**lease, "words": lease[language]} for lease in leases]))


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "bitgoeul.lab.gpu"}]


def _load_jupyter_server_extension(app: Any) -> None:
    route = url_path_join(app.web_app.settings["base_url"], "bitgoeul", "gpu")
    app.web_app.add_handlers(".*$", [(route, GpuHandler)])
