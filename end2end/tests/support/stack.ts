// Starts the whole demo (Candilever, the stand-ins Lever, Canditech and mail server) on free ports, once a
// test, and stops it by its own process. Nothing outlives a run.
import { ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface Stack {
  /** Signs the Super Admin in with one visit. */
  signInLink: string;
  candilever: string;
  lever: string;
  canditech: string;
  /** The mails that came to the stand-in for a mail server. */
  post: string;
  password: string;
  stop(): Promise<void>;
}

const binary = process.env.CANDILEVER_BIN ?? path.resolve(__dirname, '../../../target/debug/candilever');

// Tests run side by side: the usual ports have room for one.
const onFreePorts = ['--port', '0', '--lever-port', '0', '--canditech-port', '0', '--post-port', '0', '--smtp-port', '0'];

export async function startStack(settings: Record<string, string> = {}): Promise<Stack> {
  const data = mkdtempSync(path.join(tmpdir(), 'candilever-e2e-'));
  // All of Lever's rate: a test waits for its turns less.
  const env = { ...process.env, CANDILEVER_LEVER_CALLS_PER_SECOND: '10', ...settings };
  const child = spawn(binary, ['demo', ...onFreePorts, '--data', data], { stdio: ['ignore', 'pipe', 'pipe'], env });
  const links = await linksOf(child);
  return { ...links, stop: () => stopped(child).then(() => rmSync(data, { recursive: true, force: true })) };
}

/** A new installation without the stand-ins; its link is that of the set-up. */
export async function startNew(): Promise<Stack> {
  const data = mkdtempSync(path.join(tmpdir(), 'candilever-e2e-'));
  const settings = {
    CANDILEVER_LISTEN: '127.0.0.1:0',
    CANDILEVER_DATABASE_URL: `sqlite://${data}/candilever.db`,
    CANDILEVER_AS_ROOT: 'true',
  };
  const child = spawn(binary, ['serve'], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...settings } });
  const links = await linksOf(child, parseNew);
  return { ...links, stop: () => stopped(child).then(() => rmSync(data, { recursive: true, force: true })) };
}

function parseNew(printed: string): Links | undefined {
  const signInLink = /http:\/\/127\.0\.0\.1:\d+\/set-up\/\S+/.exec(printed)?.[0];
  return signInLink ? { signInLink, candilever: new URL(signInLink).origin, lever: '', canditech: '', post: '', password: '' } : undefined;
}

type Links = Omit<Stack, 'stop'>;

function linksOf(child: ChildProcess, read = parse): Promise<Links> {
  let printed = '';
  return new Promise((resolve, reject) => {
    const look = (chunk: Buffer) => {
      printed += chunk.toString();
      const links = read(printed);
      if (links) resolve(links);
    };
    child.stdout?.on('data', look);
    child.stderr?.on('data', look);
    child.once('exit', (code) => reject(new Error(`it ended with ${code} before it was ready:\n${printed}`)));
    child.once('error', reject);
  });
}

/** The demo prints four links and the password of the seeded people; all five or not yet. */
export function parse(printed: string): Links | undefined {
  const signInLink = /http:\/\/127\.0\.0\.1:\d+\/demo\/\S+/.exec(printed)?.[0];
  const [lever, canditech, post] = [...printed.matchAll(/http:\/\/localhost:\d+/g)].map((m) => m[0]).filter(unique);
  const password = /[Pp]assword:?\s+(\S+)/.exec(printed)?.[1];
  if (!signInLink || !lever || !canditech || !post || !password) return undefined;
  return { signInLink, candilever: new URL(signInLink).origin, lever, canditech, post, password };
}

function unique<T>(value: T, index: number, all: T[]): boolean {
  return all.indexOf(value) === index;
}

function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.removeAllListeners('exit');
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });
}
