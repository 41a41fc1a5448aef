// Small helps. Every page works without them.
"use strict";

// A part of the page that changes by itself: <div data-live="url" data-busy>. The server sends the part anew.
// It looks at once when it hears "look"; #said tells a screen reader what changed.
function watch(part) {
  const idle = Number(part.dataset.idle ?? 20000);
  let wait = 1000;
  let timer = setTimeout(look, part.hasAttribute("data-busy") ? wait : idle);
  async function look() {
    clearTimeout(timer);
    if (!document.hidden && !document.body.dataset.sending) {
      try {
        const answer = await fetch(part.dataset.live, { headers: { "X-Requested-With": "bitgoeul" } });
        if (answer.status === 401) return location.reload();
        if (answer.ok) {
          const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-live]");
          if (fresh && fresh.dataset.version !== part.dataset.version) return location.reload(); // the rest changed too
          if (fresh && fresh.innerHTML !== part.innerHTML && !part.contains(document.activeElement)) {
            part.replaceChildren(...fresh.childNodes);
            showNewest(part);
          }
          if (fresh) part.toggleAttribute("data-busy", fresh.hasAttribute("data-busy"));
          if (fresh && fresh.dataset.say !== part.dataset.say) {
            document.getElementById("said").textContent = part.dataset.say = fresh.dataset.say;
          }
        }
      } catch { /* the network is away; the next look may find it again */ }
    }
    wait = part.hasAttribute("data-busy") ? Math.min(wait * 1.15, 5000) : idle;
    timer = setTimeout(look, wait);
  }
  part.addEventListener("look", () => { wait = 1000; look(); });
}

// A file may be dropped on its field's frame.
function droppable(frame) {
  const input = frame.querySelector("input[type=file]");
  const show = (on) => frame.classList.toggle("over-it", on);
  frame.addEventListener("dragover", (event) => { event.preventDefault(); show(true); });
  frame.addEventListener("dragleave", () => show(false));
  frame.addEventListener("drop", (event) => {
    event.preventDefault();
    show(false);
    input.files = event.dataTransfer.files;
    input.focus();
  });
}

// A form is sent once, and says that it is on its way.
function sendOnce(form) {
  form.addEventListener("submit", () => {
    const button = form.querySelector("button:not([type=button])");
    setTimeout(() => { button.disabled = true; }, 0);
    addEventListener("pageshow", () => { button.disabled = false; });
  });
}

// What scrolls sideways through time begins with the present.
function showNewest(part) {
  part.querySelectorAll("[data-newest]").forEach((frame) => { frame.scrollLeft = frame.scrollWidth; });
}

showNewest(document);
document.querySelectorAll("[data-live]").forEach(watch);
document.querySelectorAll("[data-drop]").forEach(droppable);
document.querySelectorAll("form[method=post]").forEach(sendOnce);
