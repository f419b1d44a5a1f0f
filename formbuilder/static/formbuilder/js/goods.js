// Says what the chosen things cost while they are chosen. The server adds up all the same.
for (const list of document.querySelectorAll("[data-goods]")) {
  const sum = list.querySelector("[data-sum]");
  const add = () => {
    let total = 0;
    for (const box of list.querySelectorAll("[data-price]")) {
      total += Number(box.dataset.price) * (Number(box.value.normalize("NFKC")) || 0);
    }
    sum.textContent = sum.dataset.sum.replace("#", total.toLocaleString("ja-JP"));
  };
  list.addEventListener("input", add);
  window.addEventListener("pageshow", add);
  add();
}
