// One request at a time: the first of all brings the key of the draft, and a second beside it would begin another draft.
let last = Promise.resolve();

/** Does the work after all that was asked for before; a promise of what it gives. */
export function inTurn(work) {
  const next = last.then(work);
  last = next.catch(() => {});
  return next;
}
