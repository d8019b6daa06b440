// The dashboard's figures: each leads to exactly the rows it counts.
import { Lever } from './support/lever';
import { setUp } from './support/set_up';
import { expect, test } from './support/test';

test.setTimeout(180_000);

test('each figure of the funnel leads to exactly its rows', async ({ page, context, request, stack }) => {
  const candilever = await setUp(page, stack);
  const lever = new Lever(await context.newPage(), stack.lever);
  const people = [
    { name: 'Noah Lind', email: 'noah@mail.example', state: 'Sent' },
    { name: 'Elsa Berg', email: 'elsa@mail.example', state: 'Started' },
    { name: 'Hugo Dahl', email: 'hugo@mail.example', state: 'Completed' },
  ];
  for (const { name, email, state } of people) {
    await lever.addCandidate(name, email, 'Python Developer');
    await lever.moveTo('Canditech Stage');
    await expect(async () => {
      await candilever.openCandidates();
      await expect(candilever.row(name)).toContainText('Sent', { timeout: 500 });
    }).toPass();
    if (state !== 'Sent') await request.post(`${stack.canditech}/sandbox/start`, { data: { invite: email } });
    if (state === 'Completed') {
      await request.post(`${stack.canditech}/sandbox/complete`, { data: { invite: email, score: 80 } });
    }
    await expect(async () => {
      await candilever.openCandidates();
      await expect(candilever.row(name)).toContainText(state, { timeout: 500 });
    }).toPass();
  }
  await candilever.openCandidate('Hugo Dahl');
  await candilever.give('Thumbs up');
  await expect(page.getByText(/passed/i).first()).toBeVisible();

  const all = people.map((person) => person.name);
  const figures: [string, string[]][] = [
    ['Invited', all],
    ['Started', all.slice(1)],
    ['Completed', all.slice(2)],
    ['Passed', all.slice(2)],
  ];
  for (const [figure, names] of figures) {
    await page.goto(stack.candilever);
    const link = page.getByRole('region', { name: 'Last 30 days' }).getByRole('link', { name: figure });
    await expect(link).toContainText(String(names.length));
    await link.click();
    await expect(page.getByRole('heading', { name: 'Candidates' })).toBeVisible();
    await expect(page.getByRole('row')).toHaveCount(names.length + 1);
    for (const name of names) await expect(candilever.row(name)).toHaveCount(1);
  }

  await test.step('the same by hand: the verdict filter, then all that was started at any time', async () => {
    await page.goto(`${stack.candilever}/candidates`);
    await page.getByRole('combobox', { name: 'Verdict' }).selectOption({ label: 'No verdict' });
    await expect(page.getByRole('row')).toHaveCount(3);
    await page.getByRole('combobox', { name: 'Status' }).selectOption({ label: 'Started at any time' });
    await expect(page.getByRole('row')).toHaveCount(2);
    await expect(page).toHaveURL(/state=ever-started/);
    await page.reload();
    await expect(page.getByRole('combobox', { name: 'Status' })).toHaveValue('ever-started');
    await expect(candilever.row('Elsa Berg')).toHaveCount(1);
  });
});
