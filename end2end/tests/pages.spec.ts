// Every page as people see it: light, dark and on a phone, with an accessibility check. The pictures
// land in end2end/pages for somebody to look at.
import { SUCCESS } from './support/candilever';
import { Canditech } from './support/canditech';
import { Lever } from './support/lever';
import { picture } from './support/picture';
import { setUp } from './support/set_up';
import { expect, test } from './support/test';

test.setTimeout(400_000);

const LONG_NAME = 'Wolfeschlegelsteinhausenbergerdorff-Nakamura von und zu Hohenstein the Third';

test('every page in light, dark and phone width', async ({ page, context, stack }) => {
  const lever = new Lever(await context.newPage(), stack.lever);
  const canditech = new Canditech(await context.newPage(), stack.canditech);

  await page.goto(`${stack.candilever}/sign-in`);
  await picture(page, 'sign-in');
  await page.goto(stack.signInLink);
  await page.goto(`${stack.candilever}/`);
  await picture(page, 'dashboard-new');
  await page.goto(`${stack.candilever}/candidates`);
  await picture(page, 'candidates-empty');
  await page.goto(`${stack.candilever}/settings/integrations/lever`);
  await picture(page, 'lever-before');

  const candilever = await setUp(page, stack);
  for (const [name, email] of [['Maya Chen', 'maya@mail.example'], [LONG_NAME, 'long@mail.example']]) {
    await lever.addCandidate(name, email, 'Python Developer');
    await lever.moveTo('Canditech Stage');
  }
  await expect(async () => expect(await canditech.mailsTo('maya@mail.example')).toBe(1)).toPass();
  await canditech.followMail('maya@mail.example');
  await canditech.takeTest();
  await expect(async () => {
    await candilever.openCandidates();
    await expect(candilever.row('Maya Chen')).toContainText('Completed', { timeout: 500 });
    await expect(candilever.row(LONG_NAME)).toContainText('Sent', { timeout: 500 });
  }).toPass();
  await picture(page, 'candidates');
  await candilever.openCandidate('Maya Chen');
  await picture(page, 'candidate');

  const paths: [string, string][] = [
    ['dashboard', '/'],
    ['look-up', '/candidates/look-up?q=maya%40mail.example'],
    ['integrations', '/settings/integrations'],
    ['lever', '/settings/integrations/lever'],
    ['canditech', '/settings/integrations/canditech'],
    ['attach-position', '/settings/integrations/lever/attach'],
    ['team', '/settings/team'],
    ['audit', '/settings/audit?check=1'],
    ['account', '/account'],
    ['activity', '/activity'],
    ['not-found', '/nowhere'],
  ];
  for (const [name, address] of paths) {
    await page.goto(`${stack.candilever}${address}`);
    await picture(page, name);
  }
  await page.goto(`${stack.candilever}/settings/integrations/lever/attach`);
  await candilever.choose('Data Analyst');
  await expect(page.getByText('When they enter which stage?')).toBeVisible();
  await picture(page, 'attach-stage');
  await candilever.choose('Canditech Stage');
  await expect(page.getByText('Send which assessment?')).toBeVisible();
  await picture(page, 'attach-assessment');
  await candilever.choose('Data analysis, 45 min');
  await expect(page.getByText(SUCCESS)).toBeVisible();
  await expect(page.getByText('Nobody stands there now.')).toBeVisible();
  await picture(page, 'attach-done');

  await candilever.openLeverPage();
  await page.getByRole('link', { name: 'Edit', exact: true }).first().click();
  await expect(page.getByRole('region', { name: 'This attachment' })).toBeVisible();
  await page.getByRole('region', { name: 'Remove' }).getByRole('link', { name: 'Remove' }).click();
  await expect(page.getByRole('region', { name: 'Remove this attachment?' })).toBeVisible();
  await picture(page, 'attachment');
});
