// Counts down by the server's clock. How the page looks at the end is the server's to say: this only changes digits.
"use strict";

// Milliseconds from this browser's steady clock to the server's, found anew every 30 seconds.
let offset = null;

async function synchronise(url) {
  try {
    const sent = performance.now();
    const answer = await fetch(url, { cache: "no-store" });
    const received = performance.now();
    if (answer.ok) offset = Date.parse((await answer.json()).now) - (sent + received) / 2;
  } catch { /* the network is away: the clock goes on from the last answer */ }
}

const pad = (number) => String(number).padStart(2, "0");

function digits(left, days) {
  const seconds = Math.max(0, Math.ceil(left / 1000));
  const whole = Math.floor(seconds / 86400);
  const time = [Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60, seconds % 60].map(pad).join(":");
  return whole ? `${whole}${days} ${time}` : time;
}

function countDown(clock) {
  const until = Date.parse(clock.dataset.countdown);
  const server = document.querySelector("[data-server]");
  const form = server && new Intl.DateTimeFormat(document.documentElement.lang, {
    timeZone: server.dataset.zone, hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
  });
  let due = false;
  function tick() {
    if (offset === null || !clock.isConnected) return;
    const now = performance.now() + offset;
    clock.textContent = digits(until - now, clock.dataset.days);
    if (server) server.textContent = `· ${server.dataset.label} ${form.format(now)} (${server.dataset.zone})`;
    if (until <= now && !due) {
      due = true; // not all at once: thousands of pages come to the same end
      const soon = () => document.querySelectorAll("[data-live], [data-board]").forEach((part) => part.dispatchEvent(new Event("look")));
      setTimeout(soon, 500 + 5000 * Math.random());
    }
  }
  const again = async () => { await synchronise(clock.dataset.time); tick(); };
  again();
  setInterval(tick, 250);
  setInterval(again, 30000);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) again(); });
}

document.querySelectorAll("[data-countdown]").forEach(countDown);
