// What a browser has of us beside the page: forms of other sites change nothing, nothing of a person is in its
// stores, and no code of Lever's in its history.
import { createServer } from 'node:http';
import { AddressInfo } from 'node:net';
import { Candilever } from './support/candilever';
import { applies } from './support/people';
import { setUp } from './support/set_up';
import { expect, test } from './support/test';

/** A page that sends its form as soon as it is there. */
function trap(action: string): string {
  return `<!doctype html><form method="post" action="${action}"><input name="only_completed" value="true"></form>
    <script>document.forms[0].submit()</script>`;
}

test('a form of another site, and of a sibling at another port, changes nothing', async ({ browser, stack }) => {
  const sibling = createServer((_, answer) => {
    answer.setHeader('content-type', 'text/html');
    answer.end(trap(`${stack.candilever}/api/choose_notes`));
  });
  await new Promise<void>((listening) => sibling.listen(0, '127.0.0.1', listening));
  const port = (sibling.address() as AddressInfo).port;
  // A context of its own: what its console says of a refusal is meant.
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(stack.signInLink);
  const chosen = () => page.request.post(`${stack.candilever}/api/lever_page`, { headers: { origin: stack.candilever, accept: 'application/json' }, form: {} });
  const before = (await (await chosen()).json()).notes;
  expect(before, 'the answer tells which notes are written').toBeTruthy();
  // The site is another name's, or the same one's with a cookie that goes along.
  for (const site of [`http://localhost:${port}/`, `http://127.0.0.1:${port}/`]) {
    await page.goto('about:blank');
    const refused = page.waitForResponse((answer) => answer.url().endsWith('/api/choose_notes'));
    if (site.includes('localhost')) await page.route(site, (route) => route.fulfill({ contentType: 'text/html', body: trap(`${stack.candilever}/api/choose_notes`) }));
    await page.goto(site);
    expect((await refused).status(), site).toBe(403);
  }
  expect((await (await chosen()).json()).notes, 'nothing was chosen').toEqual(before);
  await context.close();
  sibling.close();
});

test('the browser keeps nothing of a person, and no code of Lever in its history', async ({ page, context, request, stack }) => {
  const candilever = new Candilever(page, stack);
  await candilever.signIn();
  await candilever.connect();
  // Signing in anew ends the session that an open page would still ask with.
  await page.goto('about:blank');
  await setUp(page, stack);
  await applies(request, stack, { name: 'Ada Berg', email: 'ada@mail.example' });
  await candilever.waitForRow('Ada Berg', 'Sent');
  await page.getByRole('link', { name: 'Ada Berg' }).first().click();
  await expect(page.getByRole('heading', { level: 1, name: 'Ada Berg' })).toBeVisible();
  const kept = await page.evaluate(async () => ({
    local: { ...localStorage },
    session: { ...sessionStorage },
    databases: await indexedDB.databases(),
    caches: await caches.keys(),
    cookies: document.cookie,
    workers: (await navigator.serviceWorker.getRegistrations()).length,
  }));
  expect(kept).toEqual({ local: {}, session: {}, databases: [], caches: [], cookies: '', workers: 0 });
  const devtools = await context.newCDPSession(page);
  const { entries } = await devtools.send('Page.getNavigationHistory');
  expect(entries.length).toBeGreaterThan(5);
  // The question at Lever has its state by its nature.
  for (const { url } of entries.filter(({ url }) => url.startsWith(stack.candilever))) expect(url).not.toMatch(/[?&](code|state)=/);
});
