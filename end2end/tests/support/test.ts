// The test of this suite: every test gets a stack of its own and a guard on the console.
import { test as base, ConsoleMessage, expect, Page } from '@playwright/test';
import { startStack, Stack } from './stack';

export { expect };

interface Fixtures {
  stack: Stack;
  /** What the console said that it should not have; checked at the end of each test. */
  complaints: string[];
}

export const test = base.extend<Fixtures>({
  stack: async ({}, use) => {
    const stack = await startStack();
    await use(stack);
    await stack.stop();
  },
  complaints: [
    async ({ context, stack, javaScriptEnabled }, use) => {
      const complaints: string[] = [];
      const script = javaScriptEnabled === false ? 'off' : 'on';
      context.on('page', (page) => listen(page, stack, script, complaints));
      await use(complaints);
      expect(complaints, 'the browser console of Candilever must be empty').toEqual([]);
    },
    { auto: true },
  ],
});

function listen(page: Page, stack: Stack, script: 'on' | 'off', complaints: string[]) {
  const ours = () => page.url().startsWith(stack.candilever);
  page.on('console', (message) => {
    if (ours() && ['error', 'warning'].includes(message.type()) && !isExpected(message, script)) {
      complaints.push(`${page.url()}: ${message.text()}`);
    }
  });
  page.on('pageerror', (error) => {
    if (ours()) complaints.push(`${page.url()}: ${error.message}`);
  });
}

/**
 * What the browser itself logs of a page that is meant not to be there, and of scripts that were fetched
 * ahead and never used because scripts are off.
 */
function isExpected(message: ConsoleMessage, script: 'on' | 'off'): boolean {
  const notThere = message.text().includes('status of 404') && message.location().url.endsWith('/nowhere');
  const notUsed = script === 'off' && message.text().includes('was preloaded using link preload but not used');
  return notThere || notUsed;
}
