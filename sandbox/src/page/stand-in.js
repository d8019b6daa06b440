// Shows what has changed: asks for the version every two seconds and reloads the page when it grew,
// unless somebody is in the middle of filling in a form.
const { live, version } = document.body.dataset;
let touched = false;
let leaving = false;
document.addEventListener('input', () => { touched = true; });
// A reload now would take back the click on a link whose page has not come yet.
window.addEventListener('beforeunload', () => { leaving = true; });

async function look() {
  if (document.hidden || touched || document.querySelector('details[open]')) return;
  const active = document.activeElement;
  if (active && active.matches('input, select, textarea')) return;
  try {
    const answer = await fetch(live, { cache: 'no-store' });
    const newer = answer.ok && (await answer.json()).version > Number(version);
    if (newer && !leaving) location.reload();
  } catch {
    // The stand-in is restarting; the next look will tell.
  }
}

if (live) setInterval(look, 2000);
