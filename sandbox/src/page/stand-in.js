// Shows what has changed: asks for the version every two seconds and reloads the page when it grew,
// unless somebody is in the middle of filling in a form.
const { live, version } = document.body.dataset;
let touched = false;
document.addEventListener('input', () => { touched = true; });

async function look() {
  if (document.hidden || touched || document.querySelector('details[open]')) return;
  const active = document.activeElement;
  if (active && active.matches('input, select, textarea')) return;
  try {
    const answer = await fetch(live, { cache: 'no-store' });
    if (answer.ok && (await answer.json()).version > Number(version)) location.reload();
  } catch {
    // The stand-in is restarting; the next look will tell.
  }
}

if (live) setInterval(look, 2000);
