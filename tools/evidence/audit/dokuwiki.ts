import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Application, PASSWORD, USER } from './application.ts';
import { must, unpackDebian } from './installed.ts';
import { phpServer } from './php.ts';
import { findProgram } from '../../lib/program.ts';
import { stackPrograms } from '../../lib/stacks.ts';

const PACKAGES = ['dokuwiki', 'php-geshi', 'php-phpseclib', 'libphp-simplepie', 'php8.2-xml'];

export const dokuwiki: Application = {
  name: 'DokuWiki',
  id: 'dokuwiki',
  path: '/doku.php',
  recipe: '',
  async prepare(folder, port) {
    const versions = await unpackDebian(folder, PACKAGES);
    const hash = await must(await findProgram(stackPrograms.php), [
      '-r',
      'echo password_hash($argv[1], PASSWORD_BCRYPT);',
      PASSWORD,
    ]);
    const settings = join(folder, 'etc/dokuwiki');
    await mkdir(join(folder, 'var/lib/dokuwiki/acl'), { recursive: true });
    await chmod(join(folder, 'var/lib/dokuwiki/acl'), 0o700);
    await writeFile(
      join(folder, 'var/lib/dokuwiki/acl/users.auth.php'),
      `${USER}:${hash}:Ada:ada@localhost:admin,user\n`,
    );
    await writeFile(join(folder, 'var/lib/dokuwiki/acl/acl.auth.php'), '*\t@ALL\t1\n*\t@user\t8\n');
    await writeFile(
      join(settings, 'local.php'),
      `<?php\n$conf['title'] = 'Wiki';\n$conf['useacl'] = 1;\n$conf['superuser'] = '@admin';\n$conf['passcrypt'] = 'bcrypt';\n`,
    );
    const command = await phpServer({
      folder,
      port,
      documents: join(folder, 'usr/share/dokuwiki'),
      extensions: ['dom', 'xml', 'simplexml', 'xmlreader', 'xmlwriter'],
    });
    return { version: versions.get('dokuwiki') ?? '', command };
  },
};
