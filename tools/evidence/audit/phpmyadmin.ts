import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startMariadb } from '../../../packages/holdfast/test/support/mysql/server.ts';
import { mariadbServer } from '../../lib/mariadb.ts';
import { findProgram } from '../../lib/program.ts';
import { type Application, PASSWORD, USER } from './application.ts';
import { unpackDebian } from './installed.ts';
import { phpServer } from './php.ts';

const PACKAGES =
  `phpmyadmin php8.2-mbstring php8.2-mysql php8.2-xml php-composer-ca-bundle php-fig-http-message-util
  php-getallheaders php-google-recaptcha php-mariadb-mysql-kbs php-nikic-fast-route php-phpmyadmin-motranslator
  php-phpmyadmin-shapefile php-phpmyadmin-sql-parser php-psr-cache php-psr-container php-psr-http-factory
  php-psr-http-message php-psr-log php-slim-psr7 php-symfony-cache php-symfony-cache-contracts php-symfony-config
  php-symfony-dependency-injection php-symfony-deprecation-contracts php-symfony-expression-language
  php-symfony-filesystem php-symfony-polyfill-php80 php-symfony-service-contracts php-symfony-var-exporter php-twig
  php-twig-i18n-extension php-webmozart-assert libjs-codemirror libjs-jquery libjs-jquery-mousewheel
  libjs-jquery-tablesorter libjs-jquery-timepicker libjs-jquery-ui`.split(/\s+/);

export const phpmyadmin: Application = {
  name: 'phpMyAdmin',
  id: 'phpmyadmin',
  recipe: '',
  async prepare(folder, port) {
    process.env[mariadbServer.variable] = await findProgram(mariadbServer);
    const database = await startMariadb();
    try {
      await database.query(`CREATE USER '${USER}'@'127.0.0.1' IDENTIFIED BY '${PASSWORD}'`);
      await database.query(`GRANT ALL ON holdfast.* TO '${USER}'@'127.0.0.1'`);
      const versions = await unpackDebian(folder, PACKAGES);
      await mkdir(join(folder, 'var/lib/phpmyadmin/tmp'), { recursive: true });
      // What the installation of the package writes, and where the database is.
      await writeFile(
        join(folder, 'var/lib/phpmyadmin/blowfish_secret.inc.php'),
        `<?php $cfg['blowfish_secret'] = '${randomBytes(16).toString('hex')}';\n`,
      );
      await mkdir(join(folder, 'etc/phpmyadmin/conf.d'), { recursive: true });
      await writeFile(
        join(folder, 'etc/phpmyadmin/conf.d/server.php'),
        `<?php $cfg['Servers'][1] = ['auth_type' => 'cookie', 'host' => '127.0.0.1', 'port' => ${database.port}];\n`,
      );
      const command = await phpServer({
        folder,
        port,
        documents: join(folder, 'usr/share/phpmyadmin'),
        extensions: ['mbstring', 'dom', 'xml', 'simplexml', 'xmlreader', 'xmlwriter', 'mysqlnd', 'mysqli'],
        settings: [`include_path=.:${join(folder, 'usr/share/php')}`],
      });
      return { version: versions.get('phpmyadmin') ?? '', command, stop: () => database.stop() };
    } catch (error) {
      await database.stop();
      throw error;
    }
  },
};
