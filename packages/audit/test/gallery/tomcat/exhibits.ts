/** Tomcat from Debian: the sessions of a servlet container, in a page that it compiles itself. */
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Exhibit, PASSWORD, type Running, USER } from '../exhibit.ts';
import { startInFolder } from '../process.ts';

const CATALINA = process.env['HOLDFAST_TOMCAT'] || '/usr/share/tomcat10/bin/catalina.sh';

interface Parts {
  readonly flaw: string;
  readonly cookieName: string;
  /** Without it, Tomcat takes identifiers from addresses too. */
  readonly tracking: string;
}

function webXml({ cookieName, tracking }: Parts): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="5.0" metadata-complete="true">
  <servlet><servlet-name>jsp</servlet-name><servlet-class>org.apache.jasper.servlet.JspServlet</servlet-class></servlet>
  <servlet><servlet-name>site</servlet-name><jsp-file>/site.jsp</jsp-file></servlet>
  <servlet-mapping><servlet-name>site</servlet-name><url-pattern>/</url-pattern></servlet-mapping>
  <session-config>
    <cookie-config><name>${cookieName}</name><http-only>true</http-only><secure>true</secure></cookie-config>
    ${tracking}
  </session-config>
</web-app>
`;
}

function start(parts: Parts): Promise<Running> {
  return startInFolder('tomcat', async (base) => {
    const folder = join(base, 'site');
    for (const name of ['conf', 'logs', 'temp', 'work', 'site/WEB-INF']) {
      await mkdir(join(base, name), { recursive: true });
    }
    await copyFile(join(import.meta.dirname, 'server.xml'), join(base, 'conf/server.xml'));
    await copyFile(join(import.meta.dirname, 'site.jsp'), join(folder, 'site.jsp'));
    await writeFile(join(folder, 'WEB-INF/web.xml'), webXml(parts));
    const bin = dirname(CATALINA);
    return {
      command: process.env['JAVA_HOME'] ? join(process.env['JAVA_HOME'], 'bin/java') : '/usr/bin/java',
      args: [
        // A server that lives for seconds is not worth optimising.
        '-XX:TieredStopAtLevel=1',
        '-XX:+UseSerialGC',
        '-Xmx256m',
        '-cp',
        `${join(bin, 'bootstrap.jar')}:${join(bin, 'tomcat-juli.jar')}`,
        `-Dcatalina.home=${dirname(bin)}`,
        `-Dcatalina.base=${base}`,
        `-Djava.io.tmpdir=${join(base, 'temp')}`,
        `-Dsite.folder=${folder}`,
        `-Dsite.flaw=${parts.flaw}`,
        'org.apache.catalina.startup.Bootstrap',
        'start',
      ],
      env: { SITE_USER: USER, SITE_PASSWORD: PASSWORD },
      port: /Starting ProtocolHandler \["http-nio-127\.0\.0\.1-auto-\d+-(\d+)"\]/,
    };
  });
}

function exhibit(name: string, truth: string, found: readonly string[], parts: Partial<Parts> = {}): Exhibit {
  const all: Parts = {
    flaw: '',
    cookieName: '__Host-JSESSIONID',
    tracking: '<tracking-mode>COOKIE</tracking-mode>',
    ...parts,
  };
  return {
    name: `Tomcat, ${name}`,
    stack: 'Tomcat',
    truth,
    found,
    madeWith: 'servlet',
    recipe: 'changeState: [{ request: POST /note }]',
    allow: ['state-change'],
    start: () => start(all),
  };
}

export const tomcatExhibits: readonly Exhibit[] = [
  exhibit('sound', 'changeSessionId() at sign-in, invalidate() at sign-out, cookies alone.', []),
  exhibit(
    'identifier in the address',
    'As it is without a tracking mode: ;jsessionid= in the address opens the session. The cookie has its own name.',
    ['token-in-address', 'cookie-prefix'],
    { cookieName: 'JSESSIONID', tracking: '' },
  ),
  exhibit(
    'without changeSessionId',
    'Strangers have a session, and its identifier is kept at sign-in.',
    ['session-fixation'],
    { flaw: 'without changeSessionId' },
  ),
  exhibit(
    'read, then written',
    'A number of the session is read, and written after another service was asked.',
    ['lost-updates'],
    { flaw: 'read, then written' },
  ),
];
