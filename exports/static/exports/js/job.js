// Shows how far a file is; when it is done, the page is asked for again.
const bar = document.querySelector("[data-job-status]");

async function look() {
  try {
    const answer = await fetch(bar.dataset.jobStatus, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const job = await answer.json();
    if (job.over) {
      window.location.reload();
      return;
    }
    bar.querySelector("progress").value = job.percent;
    bar.querySelector("[data-job-percent]").textContent = `${job.percent}%`;
  } catch {
    // the next look may find the server again
  }
  window.setTimeout(look, 2000);
}

if (bar) window.setTimeout(look, 1000);
