// Submits a file in two steps: announce its SHA-256, from when on its time counts, then send it with progress.
// Without script, or where a browser has no SHA-256 (a page without TLS), the plain form does the same in one.
"use strict";

class Refused extends Error {}

const hex = (buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");
const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

function reasonOf(text, fallback) {
  try { return JSON.parse(text)[document.documentElement.lang] ?? fallback; } catch { return fallback; }
}

async function announce(form, file, sha256, key) {
  const answer = await fetch(form.dataset.submit, {
    method: "POST",
    headers: { "Content-Type": "application/json", "Idempotency-Key": key, "X-CSRF-Token": document.body.dataset.csrf },
    body: JSON.stringify({ sha256, size: file.size, name: file.name }),
  });
  if (!answer.ok) throw new Refused(reasonOf(await answer.text(), form.dataset.lost));
  return answer.json();
}

function send(form, file, id, bar) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("PUT", `${form.dataset.content}/${id}/content`);
    request.setRequestHeader("X-CSRF-Token", document.body.dataset.csrf);
    request.upload.addEventListener("progress", (event) => { bar.value = 100 * event.loaded / event.total; });
    request.addEventListener("error", () => reject(new Error("network")));
    request.addEventListener("load", () => {
      if (request.status < 300) resolve();
      else reject(new (request.status < 500 ? Refused : Error)(reasonOf(request.responseText, form.dataset.lost)));
    });
    request.send(file);
  });
}

// What breaks on the way is asked again: the key makes sure that it is one submission.
async function patiently(form, says, step) {
  for (let wait = 1000; ; wait *= 2) {
    try { return await step(); } catch (error) {
      if (error instanceof Refused || wait > 16000) throw error;
      says.textContent = form.dataset.broken;
      await pause(wait);
    }
  }
}

async function submitFile(form, file) {
  const bar = form.querySelector("progress");
  const says = form.querySelector("[data-says]");
  const key = crypto.randomUUID();
  says.textContent = form.dataset.reading;
  bar.value = 0;
  bar.hidden = false;
  document.body.dataset.sending = "yes"; // the page is not loaded anew meanwhile
  try {
    const sha256 = hex(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
    const announced = await patiently(form, says, () => announce(form, file, sha256, key));
    says.textContent = form.dataset.sending;
    await patiently(form, says, () => send(form, file, announced.id, bar));
    says.textContent = form.dataset.done;
    form.reset();
  } catch (error) {
    says.textContent = error instanceof Refused ? error.message : form.dataset.lost;
  } finally {
    bar.hidden = true;
    delete document.body.dataset.sending;
    document.querySelectorAll("[data-live]").forEach((part) => part.dispatchEvent(new Event("look")));
  }
}

function takeOver(form) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button:not([type=button])");
    await submitFile(form, form.querySelector("input[type=file]").files[0]);
    button.disabled = false;
  });
}

// A code is copied by a button, where the browser lets us.
function copier(button) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    button.textContent = button.dataset.copied;
  });
}

if (globalThis.crypto?.subtle && crypto.randomUUID) document.querySelectorAll("form[data-submit]").forEach(takeOver);
if (navigator.clipboard) document.querySelectorAll("[data-copy]").forEach(copier);
