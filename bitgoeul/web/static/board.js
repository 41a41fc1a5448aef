// A board that follows the scores: the server says that it changed, and sends the rows anew. Rows move to their new
// places unless the reader wants no motion; then nothing changes before the reader asks for it.
"use strict";

const calm = matchMedia("(prefers-reduced-motion: reduce)");
const rowsOf = (root) => [...root.querySelectorAll("[data-piece=rows] > [data-team]")];
const ranksOf = (root) => new Map(rowsOf(root).map((row) => [row.dataset.team, Number(row.dataset.at) || 0]));

// How a team's rank has changed, in the cell of its rank: a sign, and a word for who does not see it.
function tellShift(row, before, words) {
  const place = row.querySelector(".shift");
  const now = Number(row.dataset.at) || 0;
  const old = before.get(row.dataset.team);
  if (!place || !now || old === now) return;
  const [sign, word] = old === undefined ? ["•", words.new] : old > now ? ["▲", words.up] : ["▼", words.down];
  const spoken = document.createElement("span");
  spoken.className = "unseen";
  spoken.textContent = ` ${word}`;
  place.append(old ? `${sign}${Math.abs(old - now)}` : sign, spoken);
}

function replaceRows(board, fresh) {
  const before = ranksOf(board);
  const tops = new Map(rowsOf(board).map((row) => [row.dataset.team, row.getBoundingClientRect().top]));
  const body = board.querySelector("[data-piece=rows]");
  body.replaceChildren(...fresh.querySelector("[data-piece=rows]").childNodes);
  for (const row of rowsOf(board)) {
    if (before.size) tellShift(row, before, board.dataset);
    if (calm.matches) continue;
    const moved = tops.has(row.dataset.team) ? tops.get(row.dataset.team) - row.getBoundingClientRect().top : null;
    if (moved === null) row.animate({ opacity: [0, 1] }, 600);
    else if (moved) row.animate({ transform: [`translateY(${moved}px)`, "none"] }, { duration: 900, easing: "ease-in-out" });
  }
}

// What is sent to everybody alike does not know whose page this is.
function markOwn(board, near) {
  const row = rowsOf(board).find((one) => one.dataset.team === near.dataset.mine);
  if (!row || row.classList.contains("own")) return;
  const tag = document.createElement("span");
  tag.className = "tag";
  tag.textContent = near.dataset.tag;
  row.classList.add("own");
  row.querySelector(".team").after(" ", tag);
}

// Says which ranks changed since it last spoke, not every row; at most every ten seconds.
function announcer(board, place) {
  let told = ranksOf(board);
  let timer = 0;
  function speak() {
    const now = ranksOf(board);
    const changed = [...now].filter(([team, rank]) => rank && told.get(team) !== rank);
    told = now;
    if (!changed.length) return;
    timer = setTimeout(() => { timer = 0; speak(); }, 10000);
    const words = changed.slice(0, 3).map(([team, rank]) => board.dataset.rank.replace("{team}", team).replace("{n}", rank));
    if (changed.length > 3) words.push(board.dataset.more.replace("{n}", changed.length - 3));
    place.textContent = `${words.join(". ")}.`;
  }
  return () => { if (!timer) speak(); };
}

async function fetchPart(url, etag) {
  const headers = { "X-Requested-With": "bitgoeul", ...(etag && { "If-None-Match": etag }) };
  const answer = await fetch(url, { headers, cache: "no-store" });
  if (answer.status === 401) location.reload();
  if (!answer.ok) return null;
  return { etag: answer.headers.get("ETag"), page: new DOMParser().parseFromString(await answer.text(), "text/html") };
}

function follow(board) {
  const place = document.querySelector("[data-announce]");
  const announce = place ? announcer(board, place) : () => {};
  const control = document.querySelector("[data-control]");
  const auto = document.querySelector("[data-auto]");
  const button = document.querySelector("[data-fresh]");
  const near = document.querySelector("[data-piece=near]");
  const url = board.dataset.board + location.search;
  let etag = "";
  let waiting = null;
  let looking = false;
  let again = false;

  function show(found) {
    etag = found.etag ?? "";
    waiting = null;
    if (button) button.hidden = true;
    for (const piece of found.page.querySelectorAll("[data-piece][data-version]")) {
      const old = board.querySelector(`[data-piece=${piece.dataset.piece}]`);
      if (old && old.dataset.version !== piece.dataset.version) {
        old.replaceWith(piece);
        piece.querySelectorAll("[data-countdown]").forEach(countDown);
      }
    }
    replaceRows(board, found.page);
    announce();
    if (near) { markOwn(board, near); showNear(); }
  }

  async function showNear() {
    const found = await fetchPart(near.dataset.src);
    const fresh = found?.page.querySelector("[data-piece=near]");
    if (!fresh) return;
    near.replaceChildren(...fresh.childNodes);
    near.hidden = fresh.hidden;
  }

  async function look() {
    if (looking) { again = true; return; }
    looking = true;
    try {
      const found = await fetchPart(url, etag);
      const fresh = found?.page.querySelector("[data-board]");
      if (fresh && (!auto || auto.checked)) show(found);
      else if (fresh && fresh.querySelector("[data-piece=rows]").textContent !== plainRows()) hold(found);
    } catch { /* the network is away; the next look may find it again */ }
    looking = false;
    if (again) { again = false; look(); }
  }

  function plainRows() {
    const body = board.querySelector("[data-piece=rows]").cloneNode(true);
    body.querySelectorAll(".shift").forEach((shift) => shift.replaceChildren());
    body.querySelectorAll(".own .tag").forEach((tag) => { tag.previousSibling.remove(); tag.remove(); });
    return body.textContent;
  }

  function hold(found) {
    if (!waiting && place) place.textContent = board.dataset.waits;
    waiting = found;
    button.hidden = false;
  }

  if (control) {
    control.hidden = false;
    auto.checked = !calm.matches;
    auto.addEventListener("change", () => { if (auto.checked && waiting) show(waiting); });
    button.addEventListener("click", () => { show(waiting); auto.focus(); });
  }
  let heard = "";
  const events = new EventSource(board.dataset.events);
  events.addEventListener("board", (event) => { if (event.data !== heard) { heard = event.data; look(); } });
  board.addEventListener("look", look);
  setInterval(look, 60000); // what is no change of a board: an end that was moved
}

document.querySelectorAll("[data-board]").forEach(follow);
document.addEventListener("keydown", (event) => {
  if (!document.querySelector(".wall") || event.key.toLowerCase() !== "f" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (document.fullscreenElement) document.exitFullscreen();
  else document.documentElement.requestFullscreen();
});
