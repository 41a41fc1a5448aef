"""What a lab in a container always does; the Hub's arguments come on top."""

c = get_config()  # noqa: F821  Jupyter gives it to this file

c.ConnectionFileMixin.transport = "ipc"  # kernels are spoken to by files of this container, never by open ports
c.ServerApp.ip = "0.0.0.0"  # noqa: S104  the container's own network
c.LabApp.news_url = None
c.LabApp.extension_manager = "readonly"
