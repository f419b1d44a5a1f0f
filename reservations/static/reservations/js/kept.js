// Counts down how long a place is kept. Without this script the page says until when.
const TOLD = [300, 60]; // seconds before the end at which a screen reader is told

for (const paragraph of document.querySelectorAll("[data-kept]")) {
  const left = paragraph.querySelector("[data-kept-left]");
  const news = paragraph.parentElement.querySelector("[data-kept-news]");
  const end = Date.now() + Number(paragraph.dataset.kept) * 1000;
  const waiting = TOLD.filter((seconds) => seconds < Number(paragraph.dataset.kept));

  const tick = () => {
    const seconds = Math.max(0, Math.round((end - Date.now()) / 1000));
    if (seconds === 0) {
      clearInterval(timer);
      paragraph.textContent = news.textContent = paragraph.dataset.over;
      return;
    }
    left.textContent = `あと${inWords(seconds)}`;
    if (seconds <= waiting[0]) news.textContent = `場所を確保している時間は、あと${Math.round(waiting.shift() / 60)}分です。`;
  };
  const timer = setInterval(tick, 1000);
  tick();
}

function inWords(seconds) {
  if (seconds >= 3600) return `${Math.floor(seconds / 3600)}時間${Math.floor((seconds % 3600) / 60)}分`;
  return `${Math.floor(seconds / 60)}分${String(seconds % 60).padStart(2, "0")}秒`;
}
