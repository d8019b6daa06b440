// The wizard beyond the article: a pipeline that is full already, equals told apart among 1,500 positions,
// and attachments that are paused and removed.
import { Candilever, SUCCESS } from './support/candilever';
import { Canditech } from './support/canditech';
import { Lever } from './support/lever';
import { setUp } from './support/set_up';
import { expect, test } from './support/test';

test.setTimeout(240_000);

test('nobody who stands in the stage already is invited unless the admin chooses so', async ({ page, context, stack }) => {
  const candilever = await setUp(page, stack);
  const lever = new Lever(await context.newPage(), stack.lever);
  const canditech = new Canditech(await context.newPage(), stack.canditech);
  for (const name of ['Lena Vogel', 'Omar Haddad']) {
    await lever.addCandidate(name, `${name.split(' ')[0].toLowerCase()}@mail.example`, 'Data Analyst');
    await lever.moveTo('Canditech Stage');
  }
  await candilever.attach('Data Analyst', 'Canditech Stage', 'Data analysis, 45 min');
  await page.getByRole('checkbox', { name: /Lena Vogel/ }).check();
  await expect(page.getByRole('checkbox', { name: /Omar Haddad/ })).toBeVisible();
  expect(await canditech.mailsTo('lena@mail.example')).toBe(0);
  await page.getByRole('button', { name: 'Preview' }).click();
  await expect(page.getByText('Nothing was sent yet.', { exact: false })).toBeVisible();
  await page.getByRole('button', { name: 'Send to 1 candidate' }).click();
  await candilever.waitForRow('Lena Vogel', 'Sent');
  expect(await canditech.mailsTo('lena@mail.example')).toBe(1);
  expect(await canditech.mailsTo('omar@mail.example')).toBe(0);
});

test('equals are told apart, also among 1,500 positions', async ({ page, stack }) => {
  const candilever = await setUp(page, stack);
  await page.request.post(`${stack.lever}/sandbox/postings/fill`, { data: { until: 1500 } });
  await candilever.openLeverPage();
  await page.getByRole('button', { name: 'Sync now' }).click();
  await expect(async () => {
    await page.goto(`${stack.candilever}/settings/integrations/lever/attach`);
    await expect(page.getByText(/search to narrow/)).toBeVisible({ timeout: 1000 });
  }).toPass();
  await page.getByLabel('Search positions').fill('software engineer');
  await page.getByRole('button', { name: 'Search' }).click();
  const engineers = page.getByRole('radio', { name: /^Software Engineer/ });
  await expect(engineers.filter({ visible: true }).first()).toBeVisible();
  const names = await engineers.evaluateAll((radios) => radios.map((radio) => radio.closest('label')?.innerText));
  expect(names.length).toBeGreaterThanOrEqual(3);
  expect(new Set(names).size).toBe(names.length);
});

test('a paused attachment lets candidates wait, and goes on when resumed', async ({ page, context, stack }) => {
  const candilever = await setUp(page, stack);
  const lever = new Lever(await context.newPage(), stack.lever);
  await candilever.pauseTheAttachment();
  await lever.addCandidate('Ada Blom', 'ada@mail.example', 'Python Developer');
  await lever.moveTo('Canditech Stage');
  await candilever.waitForRow('Ada Blom', 'Waiting');
  await candilever.openLeverPage();
  await page.getByRole('button', { name: 'Resume' }).click();
  await candilever.waitForRow('Ada Blom', 'Sent');
});

test('a Limited Team Member sees only candidates they are associated with', async ({ page, context, browser, stack }) => {
  const admins = await setUp(page, stack);
  await admins.attach('Data Analyst', 'Canditech Stage', 'Data analysis, 45 min');
  const lever = new Lever(await context.newPage(), stack.lever);
  // Aisha follows the position Python Developer, and has nothing to do with Data Analyst.
  for (const [name, job] of [['Yuki Sato', 'Python Developer'], ['Ruth Adler', 'Data Analyst']]) {
    await lever.addCandidate(name, `${name.split(' ')[0].toLowerCase()}@mail.example`, job);
    await lever.moveTo('Canditech Stage');
  }
  await expect(async () => {
    await admins.openCandidates();
    await expect(admins.row('Yuki Sato')).toContainText('Sent', { timeout: 500 });
    await expect(admins.row('Ruth Adler')).toContainText('Sent', { timeout: 500 });
  }).toPass();
  const other = await browser.newContext();
  const theirs = await other.newPage();
  await theirs.goto(`${stack.candilever}/sign-in`);
  await theirs.getByLabel('E-mail').fill('aisha@halden.example');
  await theirs.getByLabel('Password').fill(stack.password);
  await theirs.getByRole('button', { name: 'Sign in' }).click();
  const candilever = new Candilever(theirs, stack);
  await candilever.openCandidates();
  await expect(theirs.getByRole('heading', { name: 'Candidates' })).toBeVisible();
  await expect(candilever.row('Yuki Sato')).toHaveCount(1);
  await expect(candilever.row('Ruth Adler')).toHaveCount(0);
  await expect(theirs.getByText('1 invite', { exact: true })).toBeVisible();
  await theirs.goto(`${stack.candilever}/settings/integrations/lever/attach`);
  await expect(theirs.getByText(SUCCESS)).toHaveCount(0);
  await expect(theirs.getByRole('radio')).toHaveCount(0);
  await other.close();
});
