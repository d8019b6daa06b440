// Names of every kind and texts that mean harm, from Lever and from the provider: they are shown as what they
// are, nothing of them is carried out, nothing turns round or pushes aside what stands beside it.
import { Page } from '@playwright/test';
import { Candilever } from './support/candilever';
import { applies, post } from './support/people';
import { inEachLook, NARROW } from './support/picture';
import { setUp } from './support/set_up';
import { Stack } from './support/stack';
import { expect, test } from './support/test';

test.setTimeout(480_000);

const HARM = '</title></script><img src=x onerror="window.harmed=1"><script>window.harmed=1</script>';
const LONG = 'Wolfeschlegelsteinhausenbergerdorff'.repeat(8);

const NAMES = {
  rightToLeft: 'נורה לינדקוויסט',
  turned: 'Ada \u202e\u2066live\u2069 Berg',
  emoji: '👩🏽‍🚀🏳️‍🌈 Zoë',
  markup: `O'Neil ${HARM} {{ 7*7 }}`,
  formula: '=cmd|\' /C calc\'!A0 @everyone',
  long: LONG,
};

/** What the provider says of whoever is asked about, whatever was asked. */
const REPORT = {
  status: 'completed',
  score: { value: 50, max: 100 },
  sections: [
    { id: 'a', name: HARM, score: { value: 10, max: 100 } },
    { id: 'b', name: `\u202eturned ${LONG}`, score: { value: 90, max: 100 } },
    { id: 'c', name: 'אנגלית', score: { value: 90, max: 100 } },
  ],
  integrity: [{ kind: 'paste', note: `${HARM} [click](javascript:window.harmed=1) ${LONG}` }],
  report_url: 'javascript:window.harmed=1',
  candidate_url: 'javascript:window.harmed=1',
  verdict: 'failed',
  verdict_by: `${HARM}\u202e`,
  verdict_at: new Date().toISOString(),
  revision: 9,
};

/** Nothing ran, nothing turns the line round, nothing points anywhere but where pages and Lever are, nothing sticks out. */
async function isHarmless(page: Page, name: string) {
  await inEachLook(page, `harm-${name}`, NARROW, async (width) => {
    const found = await page.evaluate(() => ({
      overflow: document.documentElement.scrollWidth - window.innerWidth,
      harmed: 'harmed' in window,
      strangers: document.querySelectorAll('img, script[src="x"], [onerror], meta[http-equiv]').length,
      links: [...document.links].map((link) => link.href).filter((href) => !/^(https?:|mailto:support@canditech\.io\?subject=)/.test(href)),
      turns: /[\u202a-\u202e\u2066-\u2069]/.test(document.body.innerText + document.title),
    }));
    expect(found, `${name} at ${width} px`).toEqual({ overflow: expect.any(Number), harmed: false, strangers: 0, links: [], turns: false });
    expect.soft(found.overflow, `${name} at ${width} px must not scroll sideways`).toBeLessThanOrEqual(0);
  });
}

/** The name as it stands in the page: with what turns round taken out. */
function asShown(name: string): string {
  return name.replace(/[\u202a-\u202e\u2066-\u2069]/g, '').trim();
}

/** The link of a candidate's row, wherever in the list it stands. */
function link(page: Page, name: string) {
  return page.getByRole('link', { name: asShown(name).slice(0, 40) }).first();
}

async function everybodyIsThere(page: Page, candilever: Candilever, stack: Stack) {
  const { request } = page.context();
  for (const [key, name] of Object.entries(NAMES)) {
    // Two of them have no address, and need somebody.
    const email = key === 'markup' || key === 'long' ? undefined : `${key.toLowerCase()}@mail.example`;
    await applies(request, stack, { name, email });
  }
  await expect(async () => {
    await candilever.openCandidates();
    await expect(page.getByRole('row')).toHaveCount(Object.keys(NAMES).length + 1, { timeout: 500 });
    await expect(page.getByRole('row').filter({ hasText: /Sent|Waiting/ })).toHaveCount(Object.keys(NAMES).length, { timeout: 500 });
  }).toPass();
}

test('what means harm is text like any other', async ({ page, request, stack }) => {
  const candilever = await setUp(page, stack);
  await everybodyIsThere(page, candilever, stack);
  await test.step('the list', async () => {
    for (const name of Object.values(NAMES)) await expect(link(page, name)).toBeVisible();
    const named = link(page, NAMES.rightToLeft);
    const look = await named.evaluate((it) => [getComputedStyle(it).direction, getComputedStyle(it).unicodeBidi]);
    expect(look).toEqual(['rtl', expect.stringMatching(/isolate|plaintext/)]);
    await isHarmless(page, 'candidates');
  });

  await test.step('a result that means harm', async () => {
    const { invites } = await (await request.get(`${stack.canditech}/sandbox/state`)).json();
    const { invite_id } = invites.find((one: { candidate: { email: string } }) => one.candidate.email === 'turned@mail.example');
    const body = JSON.stringify({ ...REPORT, invite_id });
    const fault = { path_prefix: `/api/invites/${invite_id}`, method: 'GET', kind: { status: { code: 200, body } } };
    await post(request, `${stack.canditech}/sandbox/faults`, fault);
    await post(request, `${stack.canditech}/sandbox/complete`, { invite: 'turned@mail.example', score: 50 });
    await candilever.waitForRow(asShown(NAMES.turned), 'Completed');
    await link(page, NAMES.turned).click();
    await expect(page.getByRole('heading', { level: 1, name: asShown(NAMES.turned) })).toBeVisible();
    await expect(page.getByText(HARM).first()).toBeVisible();
    await expect(page.getByText('אנגלית')).toBeVisible();
    await isHarmless(page, 'result');
  });

  await test.step('a comment that means harm', async () => {
    await page.getByLabel(/Comment/).fill(`${HARM} \u202e ${LONG}`);
    await candilever.give('Thumbs up');
    await expect(page.getByRole('region', { name: 'Verdict' }).getByText(/^passed$/)).toBeVisible();
    await page.reload();
    await expect(page.getByRole('blockquote')).toContainText(HARM);
    await isHarmless(page, 'comment');
  });

  for (const key of ['rightToLeft', 'markup', 'long'] as const) {
    const name = NAMES[key];
    await test.step(`the page of ${key}`, async () => {
      await candilever.openCandidates();
      await link(page, name).click();
      await expect(page.getByRole('heading', { level: 1 })).toContainText(asShown(name).slice(0, 40));
      await expect(page.getByRole('region', { name: /Note/ })).toContainText(/In step|Updating|no note/i);
      await isHarmless(page, `candidate-${key}`);
    });
  }

  await test.step('the names of what is attached', async () => {
    await post(request, `${stack.canditech}/sandbox/assessments/as_python/rename`, { name: `${HARM} ${LONG.slice(0, 100)}` });
    await page.goto(`${stack.candilever}/settings/integrations/canditech`);
    await page.getByRole('button', { name: 'Save and test' }).click();
    await candilever.openLeverPage();
    await expect(page.getByText(HARM).first()).toBeVisible();
    await isHarmless(page, 'lever');
  });

  const pages: [string, string, string][] = [
    ['dashboard', '/', NAMES.markup],
    ['look-up', '/candidates/look-up?q=turned%40mail.example', NAMES.turned],
    ['look-up-rtl', '/candidates/look-up?q=righttoleft%40mail.example', NAMES.rightToLeft],
    ['search', `/candidates?q=${encodeURIComponent(HARM)}`, NAMES.markup],
    ['activity', '/activity', 'Activity'],
    ['wizard', '/settings/integrations/lever/attach', 'Position'],
  ];
  for (const [name, address, words] of pages) {
    await test.step(name, async () => {
      await page.goto(`${stack.candilever}${address}`);
      await expect(page.getByText(asShown(words).slice(0, 40)).first()).toBeVisible();
      await isHarmless(page, name);
    });
  }
});
