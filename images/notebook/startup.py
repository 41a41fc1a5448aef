"""Starts JupyterLab, waits until it answers, ends it. What that costs in CPU seconds is measured around this."""

import contextlib
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

with tempfile.TemporaryDirectory() as home:
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--port=8888", f"--ServerApp.root_dir={home}"]
    lab = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    for _ in range(600):
        with contextlib.suppress(urllib.error.URLError, OSError), urllib.request.urlopen("http://127.0.0.1:8888/api"):
            break
        time.sleep(0.1)
    else:
        sys.exit("JupyterLab did not answer within a minute")
    lab.terminate()
    lab.wait(20)
