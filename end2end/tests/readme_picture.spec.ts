// The pictures of the README, from real runs: three panes (the stage menu in Lever, the row in Candilever,
// the note in Lever), and four pages. They land in end2end/pages.
import { APIRequestContext, Page } from '@playwright/test';
import path from 'node:path';
import { Candilever } from './support/candilever';
import { Canditech } from './support/canditech';
import { Lever } from './support/lever';
import { setUp } from './support/set_up';
import { Stack } from './support/stack';
import { expect, test } from './support/test';

test.setTimeout(240_000);

const EMAIL = 'maya.chen@mail.example';

const PANE = { width: 780, height: 600 };

async function pane(of: Page): Promise<string> {
  return `data:image/png;base64,${(await of.screenshot()).toString('base64')}`;
}

test('three panes of one run', async ({ page, context, stack }) => {
  const candilever = await setUp(page, stack);
  const leverPage = await context.newPage();
  await leverPage.setViewportSize(PANE);
  const lever = new Lever(leverPage, stack.lever);
  const canditech = new Canditech(await context.newPage(), stack.canditech);

  await lever.addCandidate('Maya Chen', EMAIL, 'Python Developer');
  await lever.moveTo('Canditech Stage');
  await expect(leverPage.getByRole('heading', { name: 'Maya Chen' })).toBeVisible();
  const panes = [['In Lever: move the candidate', await pane(leverPage)]];

  await expect(async () => expect(await canditech.mailsTo(EMAIL)).toBe(1)).toPass();
  await page.request.post(`${stack.canditech}/sandbox/complete`, { data: { invite: EMAIL, score: 87 } });
  await candilever.waitForRow('Maya Chen', 'Completed');
  await candilever.openCandidate('Maya Chen');
  await candilever.give('Thumbs up');
  await expect(page.getByText(/passed/i).first()).toBeVisible();
  await page.setViewportSize(PANE);
  await candilever.openCandidates();
  await expect(candilever.row('Maya Chen')).toContainText(/passed/i);
  panes.push(['In Candilever: the row', await pane(page)]);

  await expect(async () => {
    await lever.openNotes('Maya Chen');
    await expect(leverPage.getByRole('article').first()).toContainText('Verdict: passed', { timeout: 500 });
  }).toPass();
  await leverPage.getByRole('article').first().evaluate((note) => note.scrollIntoView({ block: 'center' }));
  panes.push(['In Lever: the note', await pane(leverPage)]);

  const sheet = await context.newPage();
  await sheet.setViewportSize({ width: 1500, height: 560 });
  await sheet.setContent(`<main style="display:flex;gap:16px;padding:16px;align-items:flex-start;font:600 16px system-ui;background:#f4f4f6">
    ${panes.map(([title, image]) => `<figure style="margin:0;flex:1 1 0"><figcaption style="padding:0 0 8px">${title}</figcaption><img src="${image}" style="width:100%;border:1px solid #ccc;border-radius:8px"></figure>`).join('')}
  </main>`);
  await sheet.locator('main').screenshot({ path: path.resolve(__dirname, '../pages/three-panes.png') });
});

interface Applicant {
  name: string;
  email?: string;
  /** What Canditech is told: nothing, that they started, or their score. */
  score?: number | 'started';
  verdict?: 'Thumbs up' | 'Thumbs down';
}

const APPLICANTS: Applicant[] = [
  { name: 'Sofia Marino' },
  { name: 'Ravi Patel', email: 'ravi.patel@mail.example' },
  { name: 'Lena Vogel', email: 'lena.vogel@mail.example', score: 'started' },
  { name: 'Omar Haddad', email: 'omar.haddad@mail.example', score: 64 },
  { name: 'Ines Costa', email: 'ines.costa@mail.example', score: 38, verdict: 'Thumbs down' },
  { name: 'Yuki Sato', email: 'yuki.sato@mail.example', score: 91, verdict: 'Thumbs up' },
  { name: 'Maya Chen', email: EMAIL, score: 87, verdict: 'Thumbs up' },
];

async function apply(request: APIRequestContext, candilever: Candilever, stack: Stack, applicant: Applicant) {
  const { name, email, score } = applicant;
  const post = async (url: string, data: object) => (await request.post(url, { data })).json();
  const made = await post(`${stack.lever}/sandbox/candidates`, { name, email, posting: 'Python Developer' });
  await post(`${stack.lever}/sandbox/move`, { opportunity: made.opportunity, stage: 'Canditech Stage' });
  const status = async (word: string) => {
    await expect(async () => {
      await candilever.openCandidates();
      await expect(candilever.row(name)).toContainText(word, { timeout: 500 });
    }).toPass();
  };
  await status(email ? 'Sent' : 'Waiting');
  if (score === undefined) return;
  await post(`${stack.canditech}/sandbox/start`, { invite: email });
  if (score === 'started') return status('Started');
  await post(`${stack.canditech}/sandbox/complete`, { invite: email, score });
  await status('Completed');
}

async function shot(page: Page, name: string) {
  await page.mouse.move(0, 0);
  await page.screenshot({ path: path.resolve(__dirname, `../pages/readme-${name}.png`), animations: 'disabled' });
}

/** The same session on a phone: touch, and scroll bars that take no room. */
const PHONE = { viewport: { width: 430, height: 932 }, isMobile: true, hasTouch: true, deviceScaleFactor: 1.5 };

test('four pages', async ({ page, context, browser, request, stack }) => {
  const candilever = await setUp(page, stack);
  for (const applicant of APPLICANTS) {
    await apply(request, candilever, stack, applicant);
    if (!applicant.verdict) continue;
    await candilever.openCandidate(applicant.name);
    await candilever.give(applicant.verdict);
    await expect(page.getByText(/^(passed|failed)$/).first()).toBeVisible();
  }
  await page.setViewportSize({ width: 1280, height: 620 });
  await candilever.openCandidates();
  await expect(page.getByRole('row')).toHaveCount(APPLICANTS.length + 1);
  await shot(page, 'candidates');

  await page.setViewportSize({ width: 1280, height: 900 });
  await page.emulateMedia({ colorScheme: 'dark' });
  await candilever.openCandidate('Maya Chen');
  await expect(page.getByText('In step')).toBeVisible();
  await expect(page.getByText('Verdict: passed').first()).toBeVisible();
  await shot(page, 'candidate');

  await page.emulateMedia({ colorScheme: 'light' });
  await candilever.openLeverPage();
  await shot(page, 'lever');

  const phone = await browser.newContext({ ...PHONE, storageState: await context.storageState() });
  const inHand = new Candilever(await phone.newPage(), stack);
  await inHand.page.goto(`${stack.candilever}/settings/integrations/lever/attach`);
  await inHand.choose('Data Analyst');
  await inHand.page.getByRole('radio', { name: /^Canditech Stage/ }).check();
  await shot(inHand.page, 'wizard');
  await inHand.openCandidates();
  await expect(inHand.page.getByText(/^Keys:/)).toBeHidden();
  await phone.close();
});
