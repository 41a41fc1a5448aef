// Warns ten minutes before this lab's GPU is taken back. JupyterLab loads it as a federated extension, which is an
// object with `init` and `get`; what it shares is taken from the scope that `init` is given, so nothing is built.
"use strict";
(() => {
  let scope;

  async function shared(name) {
    const versions = Object.values(scope[name] ?? {});
    const module = await versions[0].get();
    return module();
  }

  async function activate(app) {
    const { Notification } = await shared("@jupyterlab/apputils");
    const { ServerConnection } = await shared("@jupyterlab/services");
    const settings = app.serviceManager.serverSettings;
    let shown = "";

    async function look() {
      try {
        const answer = await ServerConnection.makeRequest(`${settings.baseUrl}bitgoeul/gpu`, {}, settings);
        const warned = answer.ok ? (await answer.json()).filter((lease) => lease.warn) : [];
        for (const lease of warned) {
          const key = `${lease.lease} ${lease.reason}`;
          if (key !== shown) Notification.warning(lease.words, { autoClose: false });
          shown = key;
        }
        if (answer.ok && !warned.length) shown = "";
      } catch { /* the service is away; the next look may find it again */ }
    }

    // Not awaited: JupyterLab is restored only once every extension is active.
    app.restored.then(look).then(() => setInterval(look, 30000));
  }

  const plugin = { id: "bitgoeul-gpu:warning", autoStart: true, activate };
  (window._JUPYTERLAB ??= {})["bitgoeul-gpu"] = {
    init: (found) => { scope = found; },
    get: async () => () => ({ __esModule: true, default: plugin }),
  };
})();
